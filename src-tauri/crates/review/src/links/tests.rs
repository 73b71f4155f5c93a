//! Links, as tables, and look-alikes against a plain comparison of all with all.

use std::ops::ControlFlow;

use domain::{EvidenceId, Facts, GpsFix, ImageHash, LeadKind, Pdq, PdqSet, PdqVariant, Sha256, SourceId, SourcePath};
use proptest::prelude::*;

use super::alike::Pieces;
use super::*;
use crate::clues::{Given, tests::of_device};
use crate::stack::{Look, alike};

fn row(number: u32, facts: &Facts, series: &[&str]) -> Row {
    let series: Vec<String> = series.iter().map(|series| (*series).to_owned()).collect();
    Row::new(&Given {
        number,
        sha256: Sha256([number as u8; 32]),
        facts,
        source: SourceId(1),
        path: &SourcePath(b"a.jpg".to_vec()),
        places: 1,
        series: &series,
        known: false,
        category: None,
    })
}

fn placed(serial: &str, latitude: f64) -> Facts {
    let gps = Some(GpsFix { latitude, longitude: 4.478, altitude_m: None });
    Facts { gps, ..of_device("Canon", "EOS", serial) }
}

fn lead(number: u32, items: &[u32], change: impl FnOnce(&mut LeadContent)) -> LeadRow {
    let mut content = LeadContent::new(LeadKind::Victim, &format!("Lead {number}"));
    change(&mut content);
    LeadRow::new(LeadId(number), &content, items)
}

/// Makes the look of a picture: a pattern of its own for each base, with so many bits turned over.
fn seen(number: u32, base: u8, flipped: usize, turn: usize) -> Seen {
    let own = pattern(base, flipped);
    let mut orientations: [Pdq; 8] =
        std::array::from_fn(|turn| pattern((number as u8).wrapping_mul(16).wrapping_add(turn as u8 + 128), 0));
    orientations[0] = own;
    orientations[turn] = own;
    let pdq = Some(PdqSet { variant: PdqVariant::Sampled512, quality: 100, orientations });
    (number, Look { sha256: Sha256([number as u8; 32]), pixels: 1, pdq, image_hash: ImageHash(0) })
}

/// Makes bits that look drawn by lot, the same for each base.
fn pattern(base: u8, flipped: usize) -> Pdq {
    let mut state = u64::from(base) + 1;
    let mut bytes = [0; 32];
    for byte in &mut bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *byte = (state >> 56) as u8;
    }
    // Spread over the whole value, so that no piece has all of them.
    (0..flipped).for_each(|bit| bytes[bit * 7 % 32] ^= 1 << (bit * 7 / 32 % 8));
    Pdq(bytes)
}

fn told(whole: &Whole<'_>) -> Vec<String> {
    let end = |end: &End| match end {
        End::Lead(lead) => format!("lead {lead}"),
        End::Device(device) => device.name.clone(),
        End::Item(item) => format!("item {item}"),
        End::Region(region) => format!("lead {} item {} region {}", region.lead, region.number, region.place),
        End::Case { number, .. } => number.clone(),
    };
    let found = links(whole, &mut |_| ControlFlow::Continue(())).unwrap();
    found
        .links
        .iter()
        .map(|link| {
            let distance = link.distance.map(|distance| format!(" at {distance}")).unwrap_or_default();
            let (from, to) = (end(&link.from), end(&link.to));
            format!("{} [{}] {from} – {to}: {}{distance}", link.kind.as_str(), link.value, link.items)
        })
        .collect()
}

#[test]
fn a_case_is_linked_by_all_that_its_leads_and_devices_share() {
    let lens = |serial: &str| {
        let mut facts = of_device("Canon", "EOS", serial);
        facts.camera.lens_serial = Some("LENS-77".into());
        facts
    };
    let rows = [
        row(1, &placed("0001", 51.924), &["Willow set"]),
        row(2, &placed("0001", 51.924), &[]),
        row(3, &placed("0002", 51.924), &["Willow set"]),
        row(4, &lens("0001"), &["Willow set"]),
        row(5, &lens("0002"), &[]),
        row(6, &of_device("", "", ""), &[]),
    ];
    let leads = [
        lead(1, &[1, 2, 6], |content| {
            content.labels.insert(LabelCode("toy.doll".into()));
            content.related.insert(LeadId(3));
        }),
        lead(2, &[3, 6], |content| {
            content.labels.insert(LabelCode("toy.doll".into()));
        }),
        lead(3, &[], |content| {
            content.related.extend([LeadId(1), LeadId(3), LeadId(9)]);
            content.place = Some(LeadPlace { latitude: 51.93, longitude: 4.478, radius_m: 1000 });
        }),
    ];
    let looks = [seen(1, 1, 0, 0), seen(3, 1, 20, 0), seen(4, 1, 9, 3), seen(5, 2, 0, 0)];
    let region = |lead: u32, number: u32, flipped: usize, turn: usize| {
        let (evidence, look) = (EvidenceId(u64::from(lead * 100 + number)), seen(number, 7, flipped, turn).1);
        RegionSeen { region: RegionEnd { lead: LeadId(lead), number, place: 1, evidence }, pdq: look.pdq.unwrap() }
    };
    // Of one lead, of one item, and too far away: those are told by nothing, or by something else.
    let regions = [region(1, 1, 0, 0), region(1, 2, 3, 0), region(2, 3, 12, 5), region(2, 1, 0, 0), region(3, 9, 60, 0)];
    let stacks = [Stack { representative: looks[0].1.sha256, members: [1, 3].map(|n: u8| Sha256([n; 32])).to_vec() }];
    let whole = Whole { rows: &rows, leads: &leads, looks: &looks, regions: &regions, stacks: &stacks, wanted: None };
    let place = "51.9240 N, 4.4780 E ± 10 m";
    assert_eq!(
        told(&whole),
        [
            "same-item [] lead 1 – lead 2: 1".to_owned(),
            "serial [Canon EOS, 0001] lead 1 – Canon EOS, 0001: 2".into(),
            "serial [LENS-77] Canon EOS, 0001 – Canon EOS, 0002: 2".into(),
            "serial [Canon EOS, 0002] lead 2 – Canon EOS, 0002: 1".into(),
            "look-alike [] lead 1 – item 4: 2 at 9".into(),
            "look-alike [] lead 2 – item 4: 2 at 11".into(),
            "look-alike [] lead 1 – lead 2: 2 at 20".into(),
            "look-alike [] Canon EOS, 0001 – Canon EOS, 0002: 2 at 20".into(),
            "region-alike [] lead 1 item 2 region 1 – lead 2 item 1 region 1: 2 at 3".into(),
            "region-alike [] lead 1 item 2 region 1 – lead 2 item 3 region 1: 2 at 9".into(),
            "region-alike [] lead 1 item 1 region 1 – lead 2 item 3 region 1: 2 at 12".into(),
            format!("place [{place}] lead 1 – lead 2: 3"),
            format!("place [{place}] lead 1 – Canon EOS, 0002: 3"),
            format!("place [{place}] lead 2 – Canon EOS, 0001: 3"),
            format!("place [{place}] Canon EOS, 0001 – Canon EOS, 0002: 3"),
            format!("place [{place}] lead 1 – lead 3: 2"),
            format!("place [{place}] lead 1 – Canon EOS, 0001: 2"),
            format!("place [{place}] lead 3 – Canon EOS, 0001: 2"),
            format!("place [{place}] lead 2 – lead 3: 1"),
            format!("place [{place}] lead 2 – Canon EOS, 0002: 1"),
            format!("place [{place}] lead 3 – Canon EOS, 0002: 1"),
            "series [Willow set] lead 1 – lead 2: 2".into(),
            "series [Willow set] lead 1 – item 3: 1".into(),
            "series [Willow set] lead 1 – item 4: 1".into(),
            "series [Willow set] lead 2 – item 1: 1".into(),
            "series [Willow set] lead 2 – item 4: 1".into(),
            "related [] lead 1 – lead 3: 0".into(),
            "label [toy.doll] lead 1 – lead 2: 0".into(),
        ]
    );
    // Of one lead, only what has it for an end.
    let all = told(&whole);
    let of_two: Vec<_> = all.into_iter().filter(|link| link.contains("lead 2")).collect();
    assert_eq!(told(&Whole { wanted: Some(LeadId(2)), ..whole }), of_two);
}

#[test]
fn work_that_is_broken_off_gives_nothing() {
    let leads = [lead(1, &[1], |_| {})];
    let looks = [seen(1, 1, 0, 0)];
    let whole = Whole { rows: &[], leads: &leads, looks: &looks, regions: &[], stacks: &[], wanted: None };
    assert_eq!(links(&whole, &mut |_| ControlFlow::Break(())), None);
}

#[test]
fn so_many_look_alikes_of_a_lead_are_linked_and_the_nearest_are_kept() {
    let count = ITEMS_OF_A_LEAD_MAX as u32 + 20;
    // Item 1 is the lead's; the others are further away the larger their number.
    let mut looks: Vec<Seen> = (1..=count).map(|number| seen(number, 1, (number as usize - 1) / 10, 0)).collect();
    for (number, look) in &mut looks {
        look.sha256.0[..4].copy_from_slice(&number.to_be_bytes());
    }
    let leads = [lead(1, &[1], |_| {})];
    let whole = Whole { rows: &[], leads: &leads, looks: &looks, regions: &[], stacks: &[], wanted: None };
    let found = links(&whole, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(found.links.len(), ITEMS_OF_A_LEAD_MAX);
    assert!(found.links.iter().all(|link| link.to != End::Item(count)));
}

proptest! {
    // Each case makes an index of a million places.
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn look_alikes_are_those_that_comparing_all_with_all_gives(
        parts in prop::collection::vec((0u8..5, 0usize..64, 0usize..8, 0u8..10, 0u64..4), 1..40),
        asked in 0u32..4,
    ) {
        let all: Vec<Seen> = parts.iter().enumerate().map(|(number, (base, flipped, turn, kind, hash))| {
            let mut one = seen(number as u32, *base, *flipped, *turn);
            // Some have no PDQ, or one that says too little.
            match (kind, &mut one.1.pdq) {
                (0, pdq) => *pdq = None,
                (1, Some(pdq)) => pdq.quality = 49,
                _ => {}
            }
            one.1.image_hash = ImageHash(0x00ff_00ff_0f0f_0f0f ^ *hash);
            one
        }).collect();
        let is_asked = |number: u32| number % 4 == asked;
        let mut found = Vec::new();
        look_alikes(&all, &is_asked, &mut |_| ControlFlow::Continue(()), &mut |item, other, distance| {
            found.push((item, other, distance));
        }).unwrap();
        let mut expected = Vec::new();
        let usable = |look: &Look| look.pdq.clone().filter(|pdq| pdq.quality >= PdqSet::QUALITY_MIN);
        for item in all.iter().filter(|item| is_asked(item.0)) {
            for other in all.iter().filter(|other| other.0 != item.0) {
                let reached = match (usable(&item.1), usable(&other.1)) {
                    (Some(own), Some(their)) => own.orientations.iter().any(|turned| turned.distance(&their.own()) <= 31),
                    _ => true,
                };
                if let (true, Some(distance)) = (reached, alike(&item.1, &other.1)) {
                    expected.push((item.0, other.0, distance));
                }
            }
        }
        found.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(&found, &expected);
        // What the quick look lets pass is all that is found, so that nothing but it has to be held.
        let asked: Vec<Seen> = all.iter().filter(|item| is_asked(item.0)).cloned().collect();
        let reach = Reach::new(&asked);
        let own = |look: &Look| look.pdq.as_ref().map(|pdq| (pdq.quality, pdq.own()));
        let held: Vec<Seen> = all
            .iter()
            .filter(|item| is_asked(item.0) || reach.may_have(own(&item.1), item.1.image_hash))
            .cloned()
            .collect();
        let mut among_held = Vec::new();
        look_alikes(&held, &is_asked, &mut |_| ControlFlow::Continue(()), &mut |item, other, distance| {
            among_held.push((item, other, distance));
        }).unwrap();
        among_held.sort_unstable();
        prop_assert_eq!(among_held, expected);
    }

    #[test]
    fn pieces_find_every_value_within_the_radius_once(
        flips in prop::collection::vec(prop::collection::vec(0usize..256, 0..40), 1..30),
    ) {
        let base = pattern(7, 0);
        let values: Vec<Pdq> = flips.iter().map(|flips| {
            let mut value = base;
            flips.iter().for_each(|bit| value.0[bit / 8] ^= 1 << (bit % 8));
            value
        }).collect();
        let pieces = Pieces::new(values.iter().collect());
        let mut found = Vec::new();
        pieces.near(&base, &mut |row, distance| found.push((row, distance)));
        found.sort_unstable();
        let all = values.iter().enumerate().map(|(row, value)| (row, value.distance(&base)));
        prop_assert_eq!(found, all.filter(|(_, distance)| *distance <= PdqSet::RADIUS).collect::<Vec<_>>());
    }
}
