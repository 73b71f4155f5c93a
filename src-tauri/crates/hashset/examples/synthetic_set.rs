//! Makes the data of `make bench`'s look-ups and imports, by formula, in any size.
//!
//! `synthetic_set store SETS ROWS SEED` imports the entries into a store, past all formats;
//! `synthetic_set lists ROWS SEED VICS CSV` writes the same entries as a VICS 2.0 hash set and as rows `md5,sha1,category,size`;
//! `synthetic_set queries ROWS SEED FILE COUNT` writes COUNT items, in random order, half of which the set has: 16 bytes of
//! MD5, 20 of SHA-1, 32 of SHA-256 and the length (64 bits, little-endian) each.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use domain::{Entry, Meanings, Profile, Role, Sha256, UtcTime, Verdict, VerdictBasis};
use hashset::synthetic::{entry, split_mix};
use hashset::{NewSet, SetBuilder};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["store", sets, rows, seed] => store(Path::new(sets), rows.parse()?, seed.parse()?),
        ["lists", rows, seed, vics, csv] => lists(rows.parse()?, seed.parse()?, vics, csv),
        ["queries", rows, seed, file, count] => queries(rows.parse()?, seed.parse()?, file, count.parse()?),
        _ => Err("usage: synthetic_set store SETS ROWS SEED | lists ROWS SEED VICS CSV | queries ROWS SEED FILE COUNT"
            .into()),
    }
}

fn store(sets: &Path, rows: u64, seed: u64) -> Outcome {
    let set = NewSet {
        name: "synthetic".parse()?,
        role: Role::Known,
        profile: Some(Profile::parse("US")?),
        meanings: Meanings::new(),
        basis: VerdictBasis::Category,
        kind: "synthetic".to_owned(),
        published: None,
        imported: UtcTime(0),
        sources: vec!["synthetic".to_owned()],
    };
    let mut builder = SetBuilder::begin(sets, set)?;
    for number in 1..=rows {
        builder.push(&entry(seed, number))?;
    }
    builder.finish(vec![Sha256([0; 32])])?;
    Ok(())
}

fn lists(rows: u64, seed: u64, vics: &str, csv: &str) -> Outcome {
    let mut vics = BufWriter::new(File::create(vics)?);
    let mut csv = BufWriter::new(File::create(csv)?);
    let context = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media";
    write!(vics, "{{\"@odata.context\":\"{context}\",\"value\":[")?;
    for number in 1..=rows {
        let Entry { digests, size_bytes, verdict, .. } = entry(seed, number);
        let (Some(md5), Some(sha1), Some(size), Verdict::Category(code)) =
            (digests.md5, digests.sha1, size_bytes, verdict)
        else {
            return Err("a synthetic entry has digests, a length and a category".into());
        };
        let separator = if number == 1 { "\n" } else { ",\n" };
        write!(
            vics,
            "{separator}{{\"MediaID\":{number},\"Category\":{code},\"MD5\":\"{md5}\",\"SHA1\":\"{sha1}\",\"MediaSize\":{size},\
             \"MimeType\":\"image/jpeg\",\"VictimIdentified\":false,\"OffenderIdentified\":false,\"IsDistributed\":{}}}",
            number % 3 == 0,
            code = code.0,
        )?;
        writeln!(csv, "{md5},{sha1},{},{size}", code.0)?;
    }
    write!(vics, "\n]}}\n")?;
    vics.flush()?;
    Ok(csv.flush()?)
}

fn queries(rows: u64, seed: u64, file: &str, count: u64) -> Outcome {
    let mut file = BufWriter::new(File::create(file)?);
    let mut state = seed;
    for number in 0..count {
        // Every second item is one that was not imported, because its number is beyond the last.
        let wanted = if number % 2 == 0 { 1 + split_mix(&mut state) % rows } else { rows + number };
        let Entry { digests, size_bytes, .. } = entry(seed, wanted);
        let (Some(md5), Some(sha1), Some(sha256), Some(size)) = (digests.md5, digests.sha1, digests.sha256, size_bytes)
        else {
            return Err("a synthetic entry has all digests and a length".into());
        };
        file.write_all(&md5.0)?;
        file.write_all(&sha1.0)?;
        file.write_all(&sha256.0)?;
        file.write_all(&size.to_le_bytes())?;
    }
    Ok(file.flush()?)
}
