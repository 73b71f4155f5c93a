//! Measures a package: `cargo run --release -p zeef-dispatch --example package_figures -- ITEMS [MEDIA]` writes one, verifies
//! it and opens it, and prints seconds, bytes, and the most memory that the program ever had.

use std::io::Read;
use std::ops::ControlFlow;
use std::time::Instant;

use dispatch::package::{
    CSV_FILE, Head, ITEMS_FILE, LedgerHead, PackageError, PackageWriter, Signer, What, media_name, new_identity,
    new_signing_key, open, open_for, read_items, verify, write_item,
};
use domain::release::{Lead, Leads, RELEASE_SCHEMA};
use domain::{
    CategoryCode, ClassifiedItem, Digests, Flags, Md5, MediaClass, MediaType, Pdq, Scheme, SchemeId, Sha1, Sha256,
    Standing, UtcTime, Vote,
};
use sha2::Digest as _;

const MEDIUM_BYTES: usize = 4096;

fn digest(number: u64) -> [u8; 32] {
    sha2::Sha256::digest(number.to_le_bytes()).into()
}

fn item(number: u64) -> ClassifiedItem {
    let digest = digest(number);
    let half = |at: usize| -> [u8; 16] { std::array::from_fn(|place| digest[at + place]) };
    let category = CategoryCode(format!("{}", 1 + number % 4));
    ClassifiedItem {
        digests: Digests {
            md5: Md5(half(0)),
            sha1: Sha1(std::array::from_fn(|place| digest[place])),
            sha256: Sha256(digest),
            size_bytes: 100_000 + number,
        },
        media: MediaType { mime: "image/jpeg".to_owned(), class: MediaClass::Picture },
        category: Some(category.clone()),
        standing: Some(Standing::OneOpinion),
        votes: vec![Vote { by: "anna".parse().expect("it is a name"), category, at: UtcTime(1_773_486_000_000_000) }],
        flags: Flags { distributed: Some(true), ..Flags::default() },
        series: vec![format!("Series {}", number % 100)],
        pdq: Some(Pdq(digest)),
        vetoes: Vec::new(),
        occurrences: 1 + number % 3,
    }
}

fn head(items: u64, media: bool) -> Head {
    Head {
        case_id: "example".to_owned(),
        case_number: "2026-0001".to_owned(),
        unit: "East".to_owned(),
        what: What::Classified,
        requested_by: "anna".parse().expect("it is a name"),
        signed_by: "ben".parse().expect("it is a name"),
        unit_of_signer: "East".to_owned(),
        made: UtcTime(1_773_486_000_000_000),
        ledger: LedgerHead { operations: items, hash: Sha256([1; 32]) },
        scheme: Scheme {
            id: SchemeId("example".to_owned()),
            version: 1,
            title: "Example".to_owned(),
            title_nl: None,
            status: "not signed off".to_owned().into(),
            categories: Vec::new(),
        },
        items,
        media,
    }
}

/// Gives the most memory that the program ever had, MiB.
#[expect(clippy::disallowed_methods, reason = "a figure of this very process")]
fn memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0) / 1024
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let made = work();
    println!("{what:<8} {:6.2} s, at most {} MiB of memory so far", begin.elapsed().as_secs_f64(), memory_mib());
    made
}

fn write(
    path: &std::path::Path,
    signer: &Signer,
    recipient: &str,
    items: u64,
    media: u64,
) -> Result<u64, PackageError> {
    let to = [("Custodian".to_owned(), recipient.to_owned())];
    let mut writer = PackageWriter::begin(path, &head(items, media > 0), &to)?;
    let at =
        |source| PackageError { path: path.to_owned(), fault: dispatch::package::Fault::Io { action: "fill", source } };
    writer
        .add_written(ITEMS_FILE, |out| (0..items).try_for_each(|number| write_item(out, &item(number))).map_err(at))?;
    writer.add_written(CSV_FILE, |out| {
        (0..items).try_for_each(|number| writeln!(out, "{}", Sha256(digest(number)))).map_err(at)
    })?;
    for number in 0..media {
        let mut medium = vec![0; MEDIUM_BYTES];
        medium[..32].copy_from_slice(&digest(number));
        let name = media_name(&Sha256(sha2::Sha256::digest(&medium).into()));
        writer.add(&name, Some(MEDIUM_BYTES as u64), &mut &medium[..])?;
    }
    Ok(writer.finish(signer)?.bytes)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let items = words.next().transpose()?.unwrap_or(100_000);
    let media = words.next().transpose()?.unwrap_or(0);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("set.zeef");
    let (secret, _) = new_signing_key("an example")?;
    let signer = Signer::read(&secret, "an example")?;
    let (identity, recipient) = new_identity();
    let (from, until, now) = (UtcTime(0), UtcTime(i64::MAX), UtcTime(1_773_486_000_000_000));
    let lead =
        Lead { name: "Ben".to_owned(), unit: "East".to_owned(), key: signer.public(), from, until, revoked: false };
    let leads = Leads { schema: RELEASE_SCHEMA, leads: vec![lead] };

    println!("{items} items, {media} media; keys are made: {} MiB", memory_mib());
    let bytes = timed("written", || write(&path, &signer, &recipient, items, media))?;
    println!("         {bytes} bytes");
    timed("verified", || verify(&path, &identity, &leads, now))?;
    timed("opened", || open(&path, &identity, &leads, now, &folder.path().join("out")))?;
    let mut count = 0;
    timed("taken", || {
        open_for::<PackageError>(&path, &identity, &leads, now, &mut |_, name, from: &mut dyn Read| {
            if name == ITEMS_FILE {
                let read = read_items(from, &mut |_| ControlFlow::Continue(()));
                count = read.map_err(|fault| PackageError { path: path.clone(), fault })?;
            }
            Ok(())
        })
    })?;
    assert_eq!(count, items);
    Ok(())
}
