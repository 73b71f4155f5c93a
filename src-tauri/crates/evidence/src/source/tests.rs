//! Tests of sources on real files that each test makes itself.

mod folders;
mod hostile;
mod tars;
mod zips;

use std::fs;
use std::io::Write;
use std::ops::ControlFlow::Continue;
use std::path::Path;

use domain::{Digests, Refusal, RefusalCode};

use super::*;

/// What became of one place: its path as shown, and its digests or the refusal.
type Outcome = (String, Result<Digests, Refusal>);

fn list(source: &Source, limits: &Limits) -> Vec<Found> {
    let mut all = Vec::new();
    source
        .walk(limits, &mut |found| {
            all.push(found);
            Continue(())
        })
        .unwrap();
    all
}

/// Reads everything, archives inside included; an archive that fails stands there once more, as `path!/`.
fn read_all(source: &Source, limits: &Limits) -> Vec<Outcome> {
    let mut out = Vec::new();
    let mut buffer = ReadBuffer::new();
    for found in list(source, limits) {
        read_found(found, limits, &mut buffer, &mut out);
    }
    out
}

fn read_found(found: Found, limits: &Limits, buffer: &mut ReadBuffer, out: &mut Vec<Outcome>) {
    let path = found.path.shown();
    let reading = match found.content {
        FoundContent::Refused(why) => return out.push((path, Err(why))),
        FoundContent::Readable(readable) => readable.read(limits, buffer),
    };
    let reading = match reading {
        Ok(reading) => reading,
        Err(why) => return out.push((path, Err(why))),
    };
    out.push((path.clone(), Ok(reading.digests)));
    if reading.media.class == domain::MediaClass::Archive {
        let ended = reading.members(limits, &mut |member| {
            read_found(member, limits, buffer, out);
            Continue(())
        });
        if let Err(why) = ended {
            out.push((path + "!/", Err(why)));
        }
    }
}

fn read_folder(path: &Path) -> Vec<Outcome> {
    read_all(&Source::open(path).unwrap(), &Limits::default())
}

fn digests(bytes: &[u8]) -> Digests {
    let mut digester = crate::Digester::new();
    digester.update(bytes);
    digester.finish()
}

/// Writes outcomes as lines: path, and `ok` or the code of the refusal.
fn lines(outcomes: &[Outcome]) -> Vec<String> {
    let word = |outcome: &Result<Digests, Refusal>| match outcome {
        Ok(_) => "ok".to_owned(),
        Err(why) => format!("{:?}", why.code),
    };
    outcomes.iter().map(|(path, outcome)| format!("{path} {}", word(outcome))).collect()
}

#[track_caller]
fn refusal_of<'a>(outcomes: &'a [Outcome], path: &str) -> &'a Refusal {
    let outcome = outcomes.iter().find(|(at, _)| at == path).unwrap_or_else(|| panic!("{path} is not in {outcomes:?}"));
    outcome.1.as_ref().unwrap_err()
}

/// Gives bytes that do not pack well, the same for the same seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(next).collect()
}

fn read_whole(file: OwnedFd) -> Vec<u8> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut fs::File::from(file), &mut bytes).unwrap();
    bytes
}
