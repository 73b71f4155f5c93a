//! What two cases share.

use std::ops::ControlFlow;

use domain::{ImageHash, LabelCode, LeadContent, LeadId, LeadKind, PdqVariant, Sha256, SourceId, SourcePath};

use super::*;
use crate::clues::{Given, tests::of_device};
use crate::stack::Look;

fn row(number: u32, sha256: u8, serial: &str, series: &[&str]) -> Row {
    let series: Vec<String> = series.iter().map(|series| (*series).to_owned()).collect();
    let model = if serial.is_empty() { "" } else { "EOS" };
    Row::new(&Given {
        number,
        sha256: Sha256([sha256; 32]),
        facts: &of_device("", model, serial),
        source: SourceId(1),
        path: &SourcePath(b"secret name.jpg".to_vec()),
        places: 1,
        series: &series,
        known: false,
        category: None,
    })
}

fn lead(number: u32, name: &str, items: &[u32], label: &str) -> LeadRow {
    let mut content = LeadContent::new(LeadKind::Victim, name);
    content.text = "free text".into();
    content.labels.extend([LabelCode(label.into())].into_iter().filter(|code| !code.0.is_empty()));
    LeadRow::new(LeadId(number), &content, items)
}

fn seen(number: u32, byte: u8, quality: u8) -> Seen {
    let mut own = Pdq([0b0110_1001; 32]);
    own.0[0] = byte;
    let turned = |turn: usize| if matches!(turn, 0 | 2) { own } else { Pdq([turn as u8 ^ 0x5a; 32]) };
    let orientations = std::array::from_fn(turned);
    let pdq = Some(PdqSet { variant: PdqVariant::Sampled512, quality, orientations });
    (number, Look { sha256: Sha256([number as u8; 32]), pixels: 1, pdq, image_hash: ImageHash(0) })
}

#[test]
fn the_index_holds_digests_serials_series_and_labels_and_nothing_else() {
    let rows = [row(1, 11, "0001", &["Set"]), row(2, 12, "0001", &[]), row(3, 13, "", &[])];
    let leads = [lead(1, "Willow", &[1], "toy.doll"), lead(2, "Cedar", &[1], "")];
    let looks = [seen(1, 0xff, 100), seen(3, 0xff, 40)];
    let told: Vec<String> = marks(&rows, &leads, &looks)
        .iter()
        .map(|mark| {
            let value = match mark.kind {
                MarkKind::Item | MarkKind::Look => format!("{} bytes", mark.value.len()),
                _ => String::from_utf8(mark.value.clone()).unwrap(),
            };
            format!("{} {value} {:?} {}", mark.kind.as_str(), mark.lead, mark.items)
        })
        .collect();
    assert_eq!(
        told,
        [
            "serial /EOS/0001 None 1",
            "serial /EOS/0001 Some(\"Cedar\") 1",
            "serial /EOS/0001 Some(\"Willow\") 1",
            "item 32 bytes Some(\"Cedar\") 1",
            "item 32 bytes Some(\"Willow\") 1",
            "item 32 bytes None 1",
            "item 32 bytes None 1",
            "look 32 bytes Some(\"Cedar\") 1",
            "look 32 bytes Some(\"Willow\") 1",
            "series Set Some(\"Cedar\") 1",
            "series Set Some(\"Willow\") 1",
            "label toy.doll Some(\"Willow\") 0",
        ]
    );
    for kind in MarkKind::ALL {
        assert_eq!(MarkKind::from_word(kind.as_str()), Some(kind));
    }
}

#[test]
fn cases_are_linked_by_what_both_have() {
    let rows = [row(1, 11, "0001", &["Set"]), row(2, 12, "0001", &[]), row(3, 13, "0002", &[])];
    let leads = [lead(4, "Willow", &[1], "toy.doll")];
    let looks = [seen(1, 0xff, 100), seen(2, 0x0f, 100)];
    let here = Here { rows: &rows, leads: &leads, looks: &looks };
    let other_rows = [row(7, 12, "0001", &["Set"]), row(8, 99, "0003", &["Other"])];
    let other_leads = [lead(9, "Oak", &[7], "toy.doll")];
    let there = [
        Elsewhere { number: "25-OOST-1180".into(), marks: marks(&other_rows, &other_leads, &[seen(8, 0xfe, 100)]) },
        Elsewhere { number: "empty".into(), marks: Vec::new() },
        // A row that is no value of its kind leads nowhere.
        Elsewhere {
            number: "damaged".into(),
            marks: vec![Mark { kind: MarkKind::Look, value: vec![1], lead: None, items: 1 }],
        },
    ];
    let found = links_across(&here, &there, &mut |_| ControlFlow::Continue(())).unwrap();
    let told: Vec<String> = found
        .links
        .iter()
        .map(|link| {
            let from = match &link.from {
                End::Lead(lead) => format!("lead {lead}"),
                End::Device(device) => device.name.clone(),
                End::Item(item) => format!("item {item}"),
                End::Case { .. } => "a case".into(),
            };
            let End::Case { number, lead } = &link.to else { panic!("a link across cases ends in a case") };
            let kind = link.kind.as_str();
            format!("{kind} [{}] {from} – {number} {lead:?}: {} {:?}", link.value, link.items, link.distance)
        })
        .collect();
    assert_eq!(
        told,
        [
            "same-item [] item 2 – 25-OOST-1180 Some(\"Oak\"): 1 None",
            "serial [EOS, 0001] EOS, 0001 – 25-OOST-1180 Some(\"Oak\"): 2 None",
            "serial [EOS, 0001] lead 4 – 25-OOST-1180 Some(\"Oak\"): 1 None",
            "look-alike [] lead 4 – 25-OOST-1180 None: 1 Some(1)",
            "look-alike [] item 2 – 25-OOST-1180 None: 1 Some(5)",
            "series [Set] lead 4 – 25-OOST-1180 Some(\"Oak\"): 1 None",
            "label [toy.doll] lead 4 – 25-OOST-1180 Some(\"Oak\"): 0 None",
        ]
    );
    assert_eq!(found.left_out, 0);
    assert_eq!(links_across(&here, &there, &mut |_| ControlFlow::Break(())), None);
}
