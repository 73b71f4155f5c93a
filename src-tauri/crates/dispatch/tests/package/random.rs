//! Drawn damage: wherever a package is changed or cut, it is refused, and nothing of it is left.

use std::sync::OnceLock;

use dispatch::package::{PackageError, open, open_for};
use domain::Sha256;
use proptest::prelude::*;

use crate::desk::{Desk, head, now, sha256};

struct Good {
    desk: Desk,
    bytes: Vec<u8>,
    archive: Vec<u8>,
    /// SHA-256 of each file that is given, in order.
    contents: Vec<(String, Sha256)>,
}

fn good() -> &'static Good {
    static GOOD: OnceLock<Good> = OnceLock::new();
    GOOD.get_or_init(|| {
        let desk = Desk::new();
        desk.write("good", &head());
        let path = desk.path("good");
        let (bytes, archive) = (std::fs::read(&path).unwrap(), desk.archive(&path));
        let contents = contents(&desk, "good").unwrap();
        Good { desk, bytes, archive, contents }
    })
}

fn contents(desk: &Desk, name: &str) -> Result<Vec<(String, Sha256)>, PackageError> {
    let mut given = Vec::new();
    open_for::<PackageError>(&desk.path(name), &desk.mine.0, &desk.leads, now(), &mut |_, name, from| {
        let mut bytes = Vec::new();
        // What fails here fails as a whole below.
        if from.read_to_end(&mut bytes).is_ok() {
            given.push((name.to_owned(), sha256(&bytes)));
        }
        Ok(())
    })?;
    Ok(given)
}

/// Writes changed bytes as a package, and checks that it is refused and that nothing is left.
fn check_refused(name: &str, bytes: &[u8]) -> Result<(), TestCaseError> {
    let Good { desk, .. } = good();
    let path = desk.path(name);
    std::fs::write(&path, bytes).unwrap();
    let out = desk.path(&format!("{name}-out"));
    prop_assert!(open(&path, &desk.mine.0, &desk.leads, now(), &out).is_err());
    let begin = format!("{name}-");
    prop_assert_eq!(desk.names().into_iter().find(|left| left.starts_with(&begin)), None);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_bit_that_is_flipped_is_seen(place in any::<prop::sample::Index>(), near in 0..600_usize, bit in 0..8_u8, begin in any::<bool>()) {
        let mut bytes = good().bytes.clone();
        let place = if begin { near } else { place.index(bytes.len()) };
        bytes[place] ^= 1 << bit;
        check_refused("flipped", &bytes)?;
    }

    #[test]
    fn any_cut_is_seen(length in any::<prop::sample::Index>(), chunks in 0..4_usize, at_chunk in any::<bool>()) {
        let bytes = &good().bytes;
        let header = bytes.windows(4).position(|window| window == b"\n---").unwrap() + 1;
        let header = header + bytes[header..].iter().position(|byte| *byte == b'\n').unwrap() + 1 + 16;
        // Where a piece of the encryption ends, and one byte around it, as well as anywhere.
        let edge = header + chunks * ((64 << 10) + 16);
        let length = if at_chunk { edge.min(bytes.len() - 1) } else { length.index(bytes.len()) };
        for length in [length, length.saturating_sub(1)] {
            check_refused("cut", &bytes[..length])?;
        }
    }

    #[test]
    fn whatever_is_added_is_seen(more in prop::collection::vec(any::<u8>(), 1..200)) {
        check_refused("added", &[&good().bytes[..], &more].concat())?;
    }

    /// A recipient can encrypt anew what they changed. What nobody signed, such as the time of a file, may differ then; what
    /// was signed may not.
    #[test]
    fn what_is_changed_within_is_refused_or_has_no_meaning(place in any::<prop::sample::Index>(), block in any::<bool>(), bit in 0..8_u8) {
        let Good { desk, archive, contents: good_contents, .. } = good();
        let mut archive = archive.clone();
        let mut place = place.index(archive.len());
        if block {
            // The headers are where most can be tried.
            place = place % 512 + if place % 2 == 0 { 0 } else { archive.len() - 1024 - 512 * (1 + place % 8) };
        }
        archive[place] ^= 1 << bit;
        desk.seal("within", &archive, &desk.mine.1);
        if let Ok(given) = contents(desk, "within") {
            prop_assert_eq!(&given, good_contents);
        }
    }

    #[test]
    fn any_bytes_at_all_are_no_package(bytes in prop::collection::vec(any::<u8>(), 0..2000), with_magic in any::<bool>()) {
        let begin: &[u8] = if with_magic { b"age-encryption.org/v1\n-> X25519 " } else { b"" };
        check_refused("noise", &[begin, &bytes].concat())?;
        let desk = &good().desk;
        desk.seal("noise", &bytes, &desk.mine.1);
        prop_assert!(contents(desk, "noise").is_err());
    }
}
