//! Mutated archives: whatever the bytes are, reading ends, within its limits, without a panic.

use super::*;

/// Archives that are mutated, and how many mutants of each are read.
const MUTANTS: u64 = 400;

/// Changes a few bytes, cuts, or repeats a part.
fn mutate(bytes: &[u8], seed: u64) -> Vec<u8> {
    let dice = noise(seed, 64);
    let number = |at: usize| usize::from(dice[at]) << 16 | usize::from(dice[at + 1]) << 8 | usize::from(dice[at + 2]);
    let mut out = bytes.to_vec();
    for change in 0..=usize::from(dice[0] % 6) {
        if out.is_empty() {
            break;
        }
        let die = 1 + change * 9;
        let (at, other) = (number(die) % out.len(), number(die + 3) % out.len());
        match dice[die + 6] % 6 {
            0 => out[at] ^= 1 << (dice[die + 7] % 8),
            1 => out[at] = [0, 0xff, 0x7f, 0x80, b'P', b'7'][usize::from(dice[die + 7] % 6)],
            2 => out.truncate(at),
            3 => {
                let part = out[at.min(other)..at.max(other)].to_vec();
                out.splice(at..at, part);
            }
            4 => {
                let end = (at + 8).min(out.len());
                out[at..end].fill(dice[die + 7]);
            }
            _ => {
                out.drain(at..(at + 1 + usize::from(dice[die + 7] % 32)).min(out.len()));
            }
        }
    }
    out
}

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let photo = [b"\xff\xd8\xff".to_vec(), noise(1, 3000)].concat();
    let mut tar = ::tar::Builder::new(Vec::new());
    for (name, bytes) in [("a.jpg", &photo[..]), ("empty", b""), (&"long/".repeat(40), &photo[..100])] {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, bytes).unwrap();
    }
    let tar = tar.into_inner().unwrap();
    let zip = zips::plain_zip(&[("a.jpg", &photo), ("inner.tar", &tar), ("b.txt", b"text"), ("zeros", &[0; 5000])]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&tar).unwrap();
    let mut bzip2 = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::default());
    bzip2.write_all(&tar).unwrap();
    let zstd = ruzstd::encoding::compress_to_vec(&tar[..], ruzstd::encoding::CompressionLevel::Fastest);
    vec![
        ("zip", zip),
        ("tar", tar),
        ("gzip", gzip.finish().unwrap()),
        ("bzip2", bzip2.finish().unwrap()),
        ("zstd", zstd),
    ]
}

#[test]
fn mutated_archives_end_as_read_or_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    let first = 0x5eef_0001;
    eprintln!("seed {first:#x}");
    for (kind, bytes) in seeds() {
        for seed in first..first + MUTANTS {
            let mutant = mutate(&bytes, seed);
            fs::write(&path, &mutant).unwrap();
            let outcomes = read_folder(dir.path());
            let unpacked: u64 =
                outcomes.iter().filter_map(|(_, outcome)| outcome.as_ref().ok()).map(|d| d.size_bytes).sum();
            let most = (16 << 20) + 201 * mutant.len() as u64;
            assert!(unpacked <= most, "{kind} {seed:#x}: {unpacked} bytes of {}", mutant.len());
            assert!(!outcomes.is_empty());
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_behind_a_magic_number_end(
        magic in proptest::sample::select(vec![&b"PK\x03\x04"[..], b"PK\x05\x06", b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"BZh91AY&SY"]),
        rest in proptest::collection::vec(proptest::num::u8::ANY, 0..2000)
    ) {
        let outcomes = zips::read_in_folder(&[magic, &rest[..]].concat());
        proptest::prop_assert!(!outcomes.is_empty());
    }
}
