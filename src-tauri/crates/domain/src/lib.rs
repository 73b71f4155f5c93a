//! The words of Zeef: digests, ids, entries, categories, reasons and facts.
//!
//! What it does: names the things that every room talks about, so that a digest, a category or a reason means the same
//! in the index, in the case file and on the screen.
//!
//! What it never does: read a file, ask the time, draw a random number, or know another room. Everything here is a
//! value; the same input gives the same result on any machine.
//!
//! Who may call it: every room.

mod classification;
mod digest;
mod entry;
mod entry_refusal;
mod facts;
mod fingerprint;
mod id;
mod lead;
mod notice;
mod path;
mod perceptual;
mod reason;
pub mod release;
mod scheme;
mod secret;
mod time;
mod veto;

pub use classification::{ClassifiedItem, ClassifiedVeto, Opinion, Said, Vote};
pub use digest::{AnyDigest, DigestError, DigestKind, Digests, EntryDigests, Md5, Sha1, Sha256};
pub use entry::{CodeMeaning, Entry, Flags, Meanings, Profile, ProfileError, Role, SetStamp, Verdict, VerdictBasis};
pub use entry_refusal::{EntryRefusal, refused_in_words};
pub use facts::{Camera, Decoded, Facts, GpsFix, MediaClass, MediaType, MetadataValue, TakenAt, Thumbnail};
pub use fingerprint::{Fingerprint, FingerprintError};
pub use id::{EntryId, IdError, SetName, SetVersion, SourceId, UserName};
pub use lead::{
    Evidence, EvidenceId, EvidencePart, LEAD_LABELS_MAX, LEAD_NAME_CHARS_MAX, LEAD_TEXT_CHARS_MAX, LabelCode,
    LeadContent, LeadError, LeadId, LeadKind, LeadPlace, LeadState, REGION_POINTS_MAX, REGION_SIDE_MIN, Region, Risk,
    Shape,
};
pub use notice::{Notice, NoticeKind};
pub use path::{SourcePath, escaped, is_unsafe_to_show, shown_path, unescaped};
pub use perceptual::{Distance, ImageHash, Orientation, Pdq, PdqSet, PdqVariant, PhotoDna};
pub use reason::{
    Agreement, Finding, HideReason, Hit, NearHit, Refusal, RefusalCode, ReturnCause, ShowReason, Translated, Visibility,
};
pub use release::{Freshness, PublisherId, ReleaseStamp, Standing};
pub use scheme::{Category, CategoryCode, Crosswalk, CrosswalkRule, Outcome, Scheme, SchemeId, SchemeStatus};
pub use secret::{holds_secret_key, without_secret_keys};
pub use time::UtcTime;
pub use veto::Veto;
