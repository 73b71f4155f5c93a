//! Times as they are laid out, as tables.

use domain::{Facts, TakenAt};
use proptest::prelude::*;

use super::*;
use crate::clues::tests::{of_device, row};

fn taken(number: u32, serial: &str, local: Option<&str>) -> Row {
    let taken = local.map(|local| TakenAt { local: local.into(), offset: Some("+09:00".into()) });
    let model = if serial.is_empty() { "" } else { "EOS" };
    row(number, "a.jpg", &Facts { taken, ..of_device("", model, serial) })
}

#[test]
fn a_wall_clock_is_counted_as_if_it_were_utc() {
    for (local, expected) in [
        ("1970-01-01T00:00:00", Some(0.0)),
        ("1969-12-31T23:59:59", Some(-1.0)),
        ("2000-02-29T12:00:00", Some(951_825_600.0)),
        ("2025-01-14T10:11:12", Some(1_736_849_472.0)),
        ("2025-01-14T10:11:12.5", Some(1_736_849_472.5)),
        ("2025-13-14T10:11:12", None),
        ("2025-01-14 10:11:12", None),
        ("2025-01-14T10:11:12.", None),
        ("2025-01-14T10:11", None),
        ("+025-01-14T10:11:12", None),
        ("", None),
        ("é", None),
    ] {
        assert_eq!(seconds(local), expected, "{local}");
    }
}

proptest! {
    #[test]
    fn days_follow_each_other(year in 1i64..3000, month in 1i64..13, day in 1i64..32) {
        // By counting: every year, every month.
        let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let lengths = |year| [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        prop_assume!(day <= lengths(year)[month as usize - 1]);
        let before = |year: i64| (1..year).map(|year| lengths(year).iter().sum::<i64>()).sum::<i64>();
        let counted = before(year) + lengths(year)[..month as usize - 1].iter().sum::<i64>() + day - 1 - before(1970);
        prop_assert_eq!(days(year, month, day), counted);
    }
}

#[test]
fn each_device_has_its_own_line_and_its_clock_is_put_right() {
    let rows = [
        taken(1, "0001", Some("2025-01-14T10:02:00")),
        taken(2, "0001", Some("2025-01-14T10:01:00")),
        taken(3, "0001", None),
        taken(4, "", Some("2025-01-14T10:00:00")),
        taken(5, "0002", Some("2025-01-14T10:00:00")),
    ];
    let key = |row: &Row| device(&row.camera).key;
    let clocks = [
        Clock { device: key(&rows[0]), ahead_seconds: 120 },
        Clock { device: key(&rows[4]), ahead_seconds: -60 },
        Clock { device: "gone".into(), ahead_seconds: 5 },
    ];
    let line = time_line(&rows, &clocks, None);
    let ten = seconds("2025-01-14T10:00:00").unwrap();
    let told: Vec<_> =
        line.devices.iter().map(|times| (times.device.key.clone(), times.items, times.taken.clone())).collect();
    assert_eq!(
        told,
        [
            // The zone that the file states moves nothing: the line shows wall clocks.
            (key(&rows[0]), 2, vec![(ten - 60.0, 2), (ten, 1)]),
            (key(&rows[4]), 1, vec![(ten + 60.0, 5)]),
            (String::new(), 1, vec![(ten, 4)]),
        ]
    );
    assert_eq!((line.undated, line.left_out), (1, 0));
    let of_lead = time_line(&rows, &clocks, Some(&[3, 5]));
    assert_eq!((of_lead.devices.len(), of_lead.undated, of_lead.left_out), (1, 1, 0));
}

#[test]
fn what_cannot_be_drawn_is_counted_and_the_ends_stay() {
    let count = TIMES_OF_A_DEVICE_MAX as u32 + 500;
    let at = |number: u32| {
        format!(
            "2025-01-{:02}T{:02}:{:02}:{:02}",
            1 + number / 86_400,
            number / 3600 % 24,
            number / 60 % 60,
            number % 60
        )
    };
    let rows: Vec<Row> = (1..=count).map(|number| taken(number, "0001", Some(&at(number)))).collect();
    let line = time_line(&rows, &[], None);
    let device = &line.devices[0];
    assert_eq!((device.items, device.taken.len(), line.left_out), (count, TIMES_OF_A_DEVICE_MAX, 500));
    assert_eq!((device.taken[0].1, device.taken[TIMES_OF_A_DEVICE_MAX - 1].1), (1, count));
    assert!(device.taken.is_sorted_by(|a, b| a.0 < b.0));
    // More devices than there are lines for.
    let rows: Vec<Row> =
        (1..=DEVICES_MAX as u32 + 3).map(|number| taken(number, &format!("{number:05}"), Some(&at(number)))).collect();
    let line = time_line(&rows, &[], None);
    assert_eq!((line.devices.len(), line.left_out), (DEVICES_MAX, 3));
}
