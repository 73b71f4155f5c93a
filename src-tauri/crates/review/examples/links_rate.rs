//! Measures how long clues, places and look-alikes of a case of so many items take: `links_rate [items]`.

#![allow(missing_docs, clippy::unwrap_used, reason = "a measurement may fail loudly")]

use std::ops::ControlFlow;
use std::time::Instant;

use domain::{ImageHash, LeadPlace, Pdq, PdqSet, PdqVariant, Sha256};
use review::Look;
use review::clues::place;
use review::links::look_alikes;

#[expect(clippy::disallowed_methods, reason = "measures")]
fn main() {
    let items: u32 = std::env::args().nth(1).map_or(100_000, |items| items.parse().unwrap());
    let mut state = 1_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    let mut value = |next: &mut dyn FnMut() -> u32| {
        // Half of the bits are set, as PDQ has it, and neighbours are alike, as the frequencies of pictures are.
        let mut bytes = [0; 32];
        bytes.iter_mut().for_each(|byte| *byte = [0x0f, 0xf0, 0x3c, 0xc3, 0x33, 0xcc, 0x66, 0x99][next() as usize % 8]);
        Pdq(bytes)
    };
    let seen: Vec<(u32, Look)> = (1..=items)
        .map(|number| {
            let orientations = std::array::from_fn(|_| value(&mut next));
            let pdq = Some(PdqSet { variant: PdqVariant::Sampled512, quality: 100, orientations });
            let mut sha256 = Sha256([0; 32]);
            sha256.0[..4].copy_from_slice(&number.to_be_bytes());
            (number, Look { sha256, pixels: 1, pdq, image_hash: ImageHash(0) })
        })
        .collect();
    for share in [1000, 10, 1] {
        let started = Instant::now();
        let mut found = 0_u64;
        let asked = |number: u32| number.is_multiple_of(share);
        look_alikes(&seen, &asked, &mut |_| ControlFlow::Continue(()), &mut |_, _, _| found += 1).unwrap();
        println!("{} of {items} items against all: {found} look-alikes in {:?}", items / share, started.elapsed());
    }
    let places: Vec<(u32, LeadPlace)> = (1..=items)
        .map(|number| {
            let (up, across) = (f64::from(next() % 100_000), f64::from(next() % 100_000));
            let radius_m = [10, 10, 10, 37, 2160][next() as usize % 5];
            (number, LeadPlace { latitude: 51.0 + up / 50_000.0, longitude: 4.0 + across / 50_000.0, radius_m })
        })
        .collect();
    let started = Instant::now();
    let points = place::points(&places).len();
    println!("{items} places: {points} points in {:?}", started.elapsed());
}
