//! The hash sets of the model case: a national set in VICS 2.0 form, and ordinary files as hashdeep writes them.

use serde_json::{Value, json};

use crate::Expected;
use crate::draw::Dice;
use crate::media::{KnownContent, Made};

/// Entries of the national set that nothing in the case meets: a real set has millions.
const OTHER_ENTRIES: u64 = 5000;
/// Lines of the list of ordinary files that nothing in the case meets.
const OTHER_FILES: u64 = 3000;

/// Writes the national set.
pub(crate) fn national(made: &Made, seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed, 90_000);
    let mut records = Vec::new();
    for (number, content) in made.known.iter().enumerate() {
        let mut record = record(records.len(), content, 1 + number % 4);
        match content.expected {
            Expected::Contradiction => record["SHA1"] = json!(hex(&mut dice, 20)),
            Expected::Conflict => {
                record["Category"] = json!(1);
                let mut other = record.clone();
                other["MediaID"] = json!(records.len() + 1);
                other["Category"] = json!(2);
                records.push(other);
            }
            _ => {}
        }
        records.push(record);
    }
    for _ in 0..OTHER_ENTRIES {
        records.push(json!({
            "MediaID": records.len(),
            "Category": 1 + dice.below(4),
            "MD5": hex(&mut dice, 16).to_uppercase(),
            "SHA1": hex(&mut dice, 20).to_uppercase(),
            "MediaSize": 10_000 + dice.below(4_000_000),
            "VictimIdentified": dice.below(9) == 0,
        }));
    }
    let set = json!({
        "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media",
        "value": records,
    });
    set.to_string().into_bytes()
}

fn record(number: usize, content: &KnownContent, category: usize) -> Value {
    let mut record = json!({
        "MediaID": number,
        "Category": category,
        "MD5": content.digests.md5.to_string().to_uppercase(),
        "SHA1": content.digests.sha1.to_string().to_uppercase(),
        "MediaSize": content.digests.size_bytes,
        "MimeType": "image",
        "VictimIdentified": number.is_multiple_of(5),
        "OffenderIdentified": number.is_multiple_of(11),
        "IsDistributed": number.is_multiple_of(2),
        "Series": if number.is_multiple_of(6) { "Blauwe Kamer" } else { "" },
    });
    if let Some(pdq) = content.pdq {
        record["AlternativeHashes"] = json!([{
            "MD5": record["MD5"].clone(),
            "HashName": "PDQ",
            "HashValue": pdq.to_string(),
        }]);
    }
    record
}

/// Writes the list of ordinary files.
pub(crate) fn ordinary(made: &Made) -> Vec<u8> {
    let mut dice = Dice::new(1, 91_000);
    let mut out = String::from("%%%% HASHDEEP-1.0\n%%%% size,md5,sha1,sha256,filename\n## Invoked from: /opt\n## #\n");
    for (digests, path) in &made.ordinary {
        out.push_str(&format!(
            "{},{},{},{},/opt/{path}\n",
            digests.size_bytes, digests.md5, digests.sha1, digests.sha256
        ));
    }
    for number in 0..OTHER_FILES {
        let (size, md5, sha1, sha256) =
            (dice.below(90_000), hex(&mut dice, 16), hex(&mut dice, 20), hex(&mut dice, 32));
        out.push_str(&format!("{size},{md5},{sha1},{sha256},/opt/system/{number}.bin\n"));
    }
    out.into_bytes()
}

fn hex(dice: &mut Dice, bytes: usize) -> String {
    (0..bytes).map(|_| format!("{:02x}", dice.below(256))).collect()
}
