//! What the program and its decoder say to each other, and the limits of what either may say.
//!
//! Two ends of a `SOCK_SEQPACKET` socket pair exchange small JSON messages, one a packet. [`Hello`] carries the
//! descriptor of the shared memory, [`Job`] that of the file (both by `SCM_RIGHTS`). What leaves the decoder lies in the
//! shared memory at fixed places: the facts as JSON from byte 0, the thumbnail from byte [`FACTS_BYTES_MAX`], rendered
//! pixels from byte [`SHARED_BYTES`]. [`Answer`] says only how long or how large they are, and the reader checks that
//! against its own limits.
//!
//! The decoder's side of every message is hostile from the first file on.

use domain::RefusalCode;
use serde::{Deserialize, Serialize};

use crate::Colours;

/// Longest message, bytes.
pub const MESSAGE_BYTES_MAX: usize = 4096;
/// Longest JSON form of the facts, bytes.
pub const FACTS_BYTES_MAX: usize = 1 << 20;
/// Longest thumbnail, bytes.
pub const THUMBNAIL_BYTES_MAX: usize = 512 << 10;
/// Longest side of a thumbnail, pixels.
pub const THUMBNAIL_SIDE_MAX: u32 = 512;
/// Length of the shared memory without room for rendered pixels, bytes.
pub const SHARED_BYTES: usize = FACTS_BYTES_MAX + THUMBNAIL_BYTES_MAX;
/// Most pixels of a rendered picture: 8,192 on the longer side of one of 4:3, and a little more.
pub const RENDER_PIXELS_MAX: u32 = 52 << 20;
/// Longest side that a picture is rendered to, pixels; what a JPEG of 16 bits a side takes in any case.
pub const RENDER_SIDE_MAX: u32 = 8192;
/// Longest media type that a job names, bytes.
pub const MIME_BYTES_MAX: usize = 127;
/// Longest sentence of a refusal or a remark, characters.
pub const SENTENCE_CHARS_MAX: usize = 240;
/// Most remarks on one picture.
pub const REMARKS_MAX: usize = 64;
/// Most values of metadata of one picture.
pub const METADATA_VALUES_MAX: usize = 8192;
/// Longest raw text of one value of metadata, bytes.
pub const METADATA_RAW_BYTES_MAX: usize = 64 << 10;
/// Longest name, and longest interpreted text (maker, serial number, time), bytes.
pub const METADATA_NAME_BYTES_MAX: usize = 1024;
/// Exit status of a decoder that could not get memory.
pub const EXIT_MEMORY: i32 = 40;

/// Limits what one picture may cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecodeLimits {
    /// Longest side of a picture, pixels.
    pub side_px: u32,
    /// Most pixels of a picture.
    pub pixels: u64,
    /// Address space of the decoder, bytes: file, pixels and everything else together.
    pub memory_bytes: u64,
    /// Longest file, bytes; the decoder holds it in memory.
    pub file_bytes: u64,
    /// Longest time for one picture, seconds on the wall.
    pub seconds: u32,
    /// Time after which a decoder is replaced between two pictures, seconds of work. It bounds what a leak can gather,
    /// and lets the kernel's limit on processor time be a hard one.
    pub worker_seconds: u32,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self {
            side_px: 32_768,
            pixels: 256 << 20,
            memory_bytes: 1536 << 20,
            file_bytes: 512 << 20,
            seconds: 30,
            worker_seconds: 600,
        }
    }
}

/// Opens the talk; comes with the descriptor of the shared memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Limits that the decoder applies to itself.
    pub limits: DecodeLimits,
    /// Pixels that the shared memory has room for, three bytes each; 0 when nothing is to be rendered.
    pub render_pixels: u32,
}

/// Tells what confines a decoder, for "security status".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Version of Landlock's interface that is enforced, from 1.
    pub landlock_abi: u32,
    /// A seccomp filter kills the process at any system call outside its list.
    pub seccomp: bool,
    /// No program that it could start would gain privileges.
    pub no_new_privs: bool,
    /// It has a network namespace of its own, without any interface that is up.
    pub net_namespace: bool,
    /// It has a namespace of its own for System V and POSIX queues.
    pub ipc_namespace: bool,
    /// It has a user namespace of its own.
    pub user_namespace: bool,
    /// Who it runs as.
    pub user: String,
    /// Limit of its address space, bytes.
    pub memory_bytes: u64,
}

/// Answers [`Hello`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ready {
    /// The sandbox is enforced and was tried.
    Confined(Confinement),
    /// It cannot be had, for this reason. The decoder ends.
    Unconfined(String),
}

/// Asks for one picture; comes with its read-only descriptor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Number that the answer repeats.
    pub id: u64,
    /// Length of the content, bytes.
    pub size_bytes: u64,
    /// Media type by content.
    pub mime: String,
    /// What is wanted.
    pub task: Task,
}

/// Says what a job is to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Facts and thumbnail.
    Facts,
    /// Pixels, turned as EXIF says.
    Render(Render),
}

/// Says how a picture is rendered. It is never enlarged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Render {
    /// Samples of a pixel.
    pub colours: Colours,
    /// Longest side, pixels, from 1 to [`RENDER_SIDE_MAX`].
    pub longest_px: u32,
}

/// Answers a [`Job`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Number of the job.
    pub id: u64,
    /// How it went.
    pub outcome: Outcome,
}

/// Tells how a job went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Facts and thumbnail lie in the shared memory.
    Decoded {
        /// Length of the facts, bytes.
        facts_bytes: usize,
        /// Length of the thumbnail, bytes.
        thumbnail_bytes: usize,
        /// Width of the thumbnail, pixels.
        width: u32,
        /// Height of the thumbnail, pixels.
        height: u32,
    },
    /// Pixels lie in the shared memory, row by row.
    Rendered {
        /// Width, pixels.
        width: u32,
        /// Height, pixels.
        height: u32,
    },
    /// The picture is refused.
    Refused {
        /// [`RefusalCode::Undecodable`], `Limit`, `Unreadable` or `Changed`.
        code: RefusalCode,
        /// Why.
        detail: String,
    },
}

/// Gives the size of a picture (width, height) that may have `longest_px` pixels a side and `pixels_max` in all. It keeps
/// its form, and is never enlarged; no side becomes 0.
pub fn fitted((width, height): (u32, u32), longest_px: u32, pixels_max: u32) -> (u32, u32) {
    let (longest, shortest) = (u64::from(width.max(height)).max(1), u64::from(width.min(height)).max(1));
    let mut side = longest.min(longest_px.max(1).into());
    let scaled = |length: u32, side: u64| {
        // At most `length`, because `side` is at most `longest`.
        (((u64::from(length) * side + longest / 2) / longest) as u32).max(1)
    };
    let most = (u64::from(pixels_max.max(1)) * longest / shortest).isqrt();
    side = side.min(most.max(1));
    // Rounding may have made the shorter side a pixel longer than its share.
    while u64::from(scaled(width, side)) * u64::from(scaled(height, side)) > pixels_max.into() && side > 1 {
        side -= 1;
    }
    (scaled(width, side), scaled(height, side))
}

/// Makes a text fit for a refusal or a remark: one line without control characters, of bounded length.
pub fn sentence(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() || is_format(c) { ' ' } else { c });
    plain.take(SENTENCE_CHARS_MAX).collect::<String>().trim().to_owned()
}

/// Tells whether a character changes the direction or the look of its neighbours.
fn is_format(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_one_plain_line() {
        assert_eq!(sentence(" a\nb\u{202e}c\0 "), "a b c");
        assert_eq!(sentence(&"x".repeat(1000)).len(), SENTENCE_CHARS_MAX);
    }

    #[test]
    fn messages_stay_below_their_limit() {
        let detail = "\u{1f600}".repeat(SENTENCE_CHARS_MAX);
        let answer = Answer { id: u64::MAX, outcome: Outcome::Refused { code: RefusalCode::Undecodable, detail } };
        assert!(serde_json::to_vec(&answer).unwrap().len() < MESSAGE_BYTES_MAX);
        let task = Task::Render(Render { colours: Colours::Grey, longest_px: u32::MAX });
        let job = Job { id: u64::MAX, size_bytes: u64::MAX, mime: "x".repeat(MIME_BYTES_MAX), task };
        assert!(serde_json::to_vec(&job).unwrap().len() < MESSAGE_BYTES_MAX);
    }

    #[test]
    fn a_rendered_picture_fits_keeps_its_form_and_is_not_enlarged() {
        for (size, longest_px, pixels_max, fits) in [
            ((4000, 3000), 2048, u32::MAX, (2048, 1536)),
            ((3000, 4000), 2048, u32::MAX, (1536, 2048)),
            ((640, 480), 2048, u32::MAX, (640, 480)),
            ((3, 2), 64, u32::MAX, (3, 2)),
            ((30_000, 1), 512, u32::MAX, (512, 1)),
            ((8192, 8192), 8192, 1 << 20, (1024, 1024)),
            ((1, 1), 0, 0, (1, 1)),
        ] {
            assert_eq!(fitted(size, longest_px, pixels_max), fits, "{size:?}");
        }
        for width in (1..9000).step_by(37) {
            for height in (1..9000).step_by(411) {
                let (w, h) = fitted((width, height), RENDER_SIDE_MAX, 1 << 16);
                assert!(w * h <= 1 << 16 && w >= 1 && h >= 1, "{width} × {height} became {w} × {h}");
            }
        }
    }
}
