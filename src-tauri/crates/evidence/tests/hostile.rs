//! Files that mean harm: every one ends as decoded or as refused with a reason, within its limits, and costs this process
//! next to nothing. A program of its own, so that no other test's pictures are counted as growth.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod bombs;
mod pictures;

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Command, Stdio};

use domain::RefusalCode;
use evidence::{Colours, DecodeLimits, Decoder, Render};

use pictures::{PROGRAM, decode, descriptor, media, resident_bytes, shared, start};

/// Most that this process may grow, bytes.
const GROWTH_BYTES_MAX: u64 = 64 << 20;

#[test]
fn every_hostile_file_is_decoded_or_refused() {
    let Some(archive) = shared().map(|shared| shared.join("hostile/images.tar.zst")) else { return };
    let unpacked = Command::new("zstd").arg("-dc").arg(&archive).stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let Ok(mut unpacked) = unpacked else {
        eprintln!("skipped: needs zstd");
        return;
    };
    let mut files = tar::Archive::new(unpacked.stdout.take().unwrap());
    let mut decoder = start();
    let program = std::path::Path::new(PROGRAM);
    let mut renderer = Decoder::start_rendering(program, DecodeLimits::default(), 1 << 20).unwrap();
    let (mut bytes, mut ends) = (Vec::with_capacity(16 << 20), BTreeMap::<String, u32>::new());
    let mut count = 0;
    let before = resident_bytes();
    for entry in files.entries().unwrap() {
        let mut entry = entry.unwrap();
        if !entry.header().entry_type().is_file() {
            continue;
        }
        bytes.clear();
        entry.read_to_end(&mut bytes).unwrap();
        let told = evidence::media_type(&bytes).mime;
        // Once as what it is, and once as what the collection says: the decoder cannot rely on the type.
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        let claimed = if path.contains("jpeg") || path.contains("jpg") { "image/jpeg" } else { "image/png" };
        let mut types = vec![told.as_str()];
        types.extend((told != claimed).then_some(claimed));
        for mime in types {
            let end = match decode(&mut decoder, mime, &bytes) {
                Ok(_) => "decoded".to_owned(),
                Err(refusal) => {
                    assert!(!refusal.detail.is_empty(), "{path} is refused without a reason");
                    match refusal.code {
                        RefusalCode::Undecodable | RefusalCode::Limit => format!("{:?}", refusal.code),
                        // A death costs one file; that there are few is checked below.
                        RefusalCode::Crashed => format!("crashed ({}): {path}", refusal.detail),
                        other => panic!("{path}: {other:?}: {}", refusal.detail),
                    }
                }
            };
            *ends.entry(format!("{mime}: {end}")).or_default() += 1;
        }
        // And rendered, as a clear picture is: grey has ways of its own, so both kinds of colours take turns.
        let colours = if count % 2 == 0 { Colours::Grey } else { Colours::Rgb };
        let wanted = Render { colours, longest_px: 256 };
        let end = match renderer.render(descriptor(&bytes), bytes.len() as u64, &media(&told), wanted) {
            Ok(pixels) => {
                let (width, height) = pixels.size();
                assert!(width.max(height) <= 256 && pixels.colours() == colours, "{path}");
                "rendered".to_owned()
            }
            Err(refusal) => format!("not rendered: {:?}", refusal.code),
        };
        *ends.entry(end).or_default() += 1;
        count += 1;
    }
    assert!(unpacked.wait().unwrap().success());
    for (end, count) in &ends {
        println!("{count} {end}");
    }
    assert!(count > 4000, "{count} files");
    let grown = resident_bytes().saturating_sub(before);
    println!("{count} files, {} decoders replaced, grown by {} KiB", decoder.replaced(), grown >> 10);
    assert!(grown <= GROWTH_BYTES_MAX, "grown by {grown} bytes");
    assert_eq!((decoder.replaced(), renderer.replaced()), (0, 0), "{ends:#?}");
}
