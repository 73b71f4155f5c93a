//! The index of hash sets: what the police already know, and what everybody has.
//!
//! What it does: takes the entries of a list as a stream, in constant memory, into an immutable file; switches to it in one
//! step; brings a published set from version to version, and proves each before the switch; and tells in nanoseconds which
//! sets have a digest, and in milliseconds which known pictures a picture looks like.
//! An entry of a known set that also stands in a good set is quarantined: it is found, and hides nothing.
//!
//! What it never does: decide what is hidden (it reports hits, with everything that confirms or contradicts them), read a
//! list in anybody's format, open case media, ask the time, or hold a lock while somebody only looks up.
//!
//! Who may call it: the workbench, which imports lists and looks up items; the publisher's house.
//!
//! ```text
//! builder   the stream of one import          writer, sort, disk   its file
//! apply     the files of a release            changes              what each update did
//! compact   many layers into one              layers, dead, rows   what a set is made of
//! store     lock, manifest, switch            guard, poison        the quarantine
//! sets      exact look-ups                    near, scan           perceptual look-ups
//! merge     a set and its changes, row by row segment, layout      one file, mapped
//! ```

mod apply;
mod builder;
mod changes;
mod compact;
mod dead;
mod digesting;
mod disk;
mod error;
mod filter;
mod guard;
mod layers;
mod layout;
mod merge;
mod near;
mod poison;
pub mod release;
mod rows;
pub mod scan;
mod segment;
mod sets;
mod sort;
mod store;
pub mod synthetic;
mod wait;
mod writer;

#[cfg(test)]
mod crash;
#[cfg(test)]
mod history;
#[cfg(test)]
mod model;
#[cfg(test)]
mod older;
#[cfg(test)]
mod published;

pub use apply::{Applied, Consent, Incoming, apply, restrict};
pub use builder::{NewSet, SetBuilder, remove};
pub use changes::Changes;
pub use compact::compact;
pub use error::HashsetError;
pub use layout::{CODE_BYTES_MAX, ENTRIES_MAX, VERDICTS_MAX};
pub use near::{NEAR_HITS_MAX, RADIUS_MAX};
pub use rows::Rows;
pub use scan::scan;
pub use sets::{HITS_MAX, QuarantinedEntry, SetInfo, Sets};
pub use store::SETS_MAX;
pub use wait::{Does, Turn, WaitReason};
pub use writer::SERIES_BYTES_MAX;
