//! The reading room: the only code that opens case media.
//!
//! What it does: lists the files of a source, which is a folder or an archive read in place; reads each of them once,
//! for three digests and the type that its bytes tell; gives pictures to the decoder, a program of its own; and draws a
//! veil over the pixels that come back.
//!
//! What it never does: write to a source, not even a time of access where the system lets it; follow a symbolic link;
//! make a path of a name that stands in an archive; put a byte of evidence on a disk; decode media in this process.
//! Trouble with one file is a value, a `Refusal` without any name in it; an `Err` of [`EvidenceError`] means that the
//! source itself cannot be read.
//!
//! Who may call it: the workbench.

mod decoder;
mod digest;
mod error;
mod kind;
mod metadata;
mod pdq;
mod pixels;
pub mod protocol;
mod region;
mod source;
pub mod veil;

pub use decoder::{Confinement, DecodeLimits, Decoder};
pub use digest::Digester;
pub use error::EvidenceError;
pub use kind::media_type;
pub use metadata::{EmbeddedJpeg, Metadata, metadata};
pub use pdq::{Rgb8, pdq};
pub use pixels::{Colours, Pixels};
pub use protocol::{RENDER_PIXELS_MAX, RENDER_SIDE_MAX, Render, THUMBNAIL_SIDE_MAX, fitted};
pub use region::region_pdq;
pub use source::{FileTimes, Found, FoundContent, Limits, ReadBuffer, Readable, Reading, Source, SourceKind, sealed};
