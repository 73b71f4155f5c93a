//! Decoders that lie, played by a program of the tests: this side believes nothing, and the next picture is decoded.

use std::path::PathBuf;

use domain::{Refusal, RefusalCode};
use evidence::{Colours, DecodeLimits, Decoder, EvidenceError, Render};

use crate::pictures::made::Draw;
use crate::pictures::{decode, descriptor, example, media};

/// Gives the liar a name by which it knows its lie: its environment and its arguments are not the test's to choose.
struct Liar {
    _folder: tempfile::TempDir,
    program: PathBuf,
}

impl Liar {
    fn named(lie: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join(lie);
        let liar = example("zeef-decode-liar");
        assert!(liar.is_file(), "the liar is built by `cargo test -p zeef-evidence` or `cargo build --examples`");
        std::os::unix::fs::symlink(liar, &program).unwrap();
        Self { _folder: folder, program }
    }

    fn start(&self) -> Result<Decoder, EvidenceError> {
        Decoder::start(&self.program, DecodeLimits { seconds: 1, ..DecodeLimits::default() })
    }

    /// Starts it with room for 4,000 pixels.
    fn start_rendering(&self) -> Decoder {
        let limits = DecodeLimits { seconds: 1, ..DecodeLimits::default() };
        Decoder::start_rendering(&self.program, limits, 4000).unwrap()
    }
}

/// Has a liar answer once; it must be refused as a crash, and the liar replaced.
#[track_caller]
fn is_caught(lie: &str) -> Refusal {
    let liar = Liar::named(lie);
    let mut decoder = liar.start().unwrap();
    let refusal = decode(&mut decoder, "image/png", b"anything").unwrap_err();
    assert_eq!(decoder.replaced(), 1, "{lie}: {}", refusal.detail);
    println!("{lie}: {:?}: {}", refusal.code, refusal.detail);
    refusal
}

#[test]
fn an_honest_player_is_believed() {
    let liar = Liar::named("honest");
    let mut decoder = liar.start().unwrap();
    for _ in 0..3 {
        let decoded = decode(&mut decoder, "image/png", b"anything").unwrap();
        assert_eq!((decoded.facts.width, decoded.thumbnail.width), (4, 4));
    }
    assert_eq!(decoder.replaced(), 0);
}

#[test]
fn wrong_lengths_and_rubbish_are_caught() {
    for lie in [
        "facts-too-long",
        "facts-far-too-long",
        "facts-too-short",
        "thumbnail-too-long",
        "thumbnail-of-nothing",
        "thumbnail-of-another-size",
        "thumbnail-huge",
        "facts-of-rubbish",
        "picture-huge",
        "other-job",
        "rubbish",
        "long-message",
        "empty-message",
        "two-answers-in-one",
        "refusal-not-its-own",
        "pixels-for-facts",
    ] {
        assert_eq!(is_caught(lie).code, RefusalCode::Crashed, "{lie}");
    }
}

#[test]
fn lies_about_rendered_pixels_are_caught() {
    let wanted = Render { colours: Colours::Grey, longest_px: 64 };
    let honest = Liar::named("honest").start_rendering().render(descriptor(b"x"), 1, &media("image/png"), wanted);
    assert_eq!(honest.ok().unwrap().size(), (4, 4));
    for lie in [
        "rendered-too-wide",
        "rendered-huge",
        "rendered-over-the-room",
        "rendered-of-nothing",
        "facts-for-pixels",
        "other-job",
        "rubbish",
        "exit",
        "exit-in-the-middle",
        "refusal-not-its-own",
    ] {
        let liar = Liar::named(lie);
        let mut decoder = liar.start_rendering();
        let refusal = decoder.render(descriptor(b"x"), 1, &media("image/png"), wanted).err();
        assert_eq!(refusal.map(|refusal| refusal.code), Some(RefusalCode::Crashed), "{lie}");
        assert_eq!(decoder.replaced(), 1, "{lie}");
    }
}

#[test]
fn a_decoder_that_dies_is_caught() {
    for lie in ["exit", "exit-in-the-middle", "abort", "closes-its-socket"] {
        assert_eq!(is_caught(lie).code, RefusalCode::Crashed, "{lie}");
    }
    let memory = is_caught("out-of-memory");
    assert_eq!(memory.code, RefusalCode::Limit, "{}", memory.detail);
}

#[test]
fn a_decoder_that_never_answers_is_caught() {
    let late = is_caught("never");
    assert_eq!(late.code, RefusalCode::Limit, "{}", late.detail);
}

#[test]
fn what_the_disk_cannot_read_is_no_crash() {
    let liar = Liar::named("disk-fails");
    let mut decoder = liar.start().unwrap();
    let refusal = decode(&mut decoder, "image/png", b"anything").unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Unreadable, "{}", refusal.detail);
    assert_eq!(decoder.replaced(), 0);
}

#[test]
fn a_reason_is_shown_as_one_plain_line() {
    let liar = Liar::named("ugly-reason");
    let refusal = decode(&mut liar.start().unwrap(), "image/png", b"anything").unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Undecodable);
    assert!(refusal.detail.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{:?}", refusal.detail);
}

#[test]
fn a_decoder_that_is_not_confined_is_never_asked() {
    for lie in ["unconfined", "says-confined-and-is-not", "no-landlock", "rubbish-hello", "dies-at-hello"] {
        let error = Liar::named(lie).start().err().unwrap_or_else(|| panic!("{lie} was started"));
        assert!(matches!(error, EvidenceError::NoSandbox { .. }), "{lie}: {error}");
    }
}

#[test]
fn a_second_answer_is_not_taken_for_the_next_picture() {
    let liar = Liar::named("answers-twice");
    let mut decoder = liar.start().unwrap();
    decode(&mut decoder, "image/png", b"anything").unwrap();
    // The answer that was already there names the first job: it is thrown away together with the liar.
    let refusal = decode(&mut decoder, "image/png", b"anything").unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Crashed);
    decode(&mut decoder, "image/png", b"anything").unwrap();
}

/// The parent's side of the protocol under answers that are damaged at random.
#[test]
fn damaged_answers_are_believed_or_caught_and_nothing_else() {
    let mut draw = Draw::new("damaged answers");
    let (mut believed, mut caught) = (0, 0);
    for _ in 0..150 {
        let liar = Liar::named(&format!("damaged-{}", draw.next()));
        let mut decoder = liar.start().unwrap();
        for _ in 0..8 {
            match decode(&mut decoder, "image/png", b"anything") {
                Ok(decoded) => {
                    let facts = &decoded.facts;
                    let limits = DecodeLimits::default();
                    assert!(
                        (1..=limits.side_px).contains(&facts.width) && (1..=limits.side_px).contains(&facts.height)
                    );
                    assert!((1..=8).contains(&facts.exif_orientation));
                    believed += 1;
                }
                Err(refusal) => {
                    assert!(!refusal.detail.chars().any(char::is_control));
                    caught += 1;
                }
            }
        }
    }
    println!("{believed} damaged answers were in order, {caught} were caught");
    assert!(caught > 0 && believed > 0);
}
