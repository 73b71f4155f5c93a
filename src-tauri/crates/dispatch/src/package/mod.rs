//! Packages: files for named recipients, signed by a team lead, in one file that says nothing to anybody else.
//!
//! A package is a file of `age` (X25519) around a tar archive (ustar, plain files alone) of, in this order:
//!
//! ```text
//! items.json-lines  set.csv ...   named files: small letters, digits, `-`, `_` and `.`
//! media/<sha256>                  media, if any, each under the SHA-256 of its content
//! manifest.json                   who sends what to whom, and the SHA-256 of every file
//! manifest.json.minisig           the signature of minisign over the manifest
//! ```
//!
//! The programs `age`, `tar`, `minisign` and `sha256sum` open and verify it as well. The manifest comes last, so that a
//! package is written in one pass. It names the recipients, so that nobody can pass a package on as if it had been meant for
//! somebody else (Davis, *Defective Sign & Encrypt*, 2001). Media are covered by one digest: that of what `sha256sum
//! media/*` prints, which keeps the manifest small.
//!
//! Memory does not depend on the length of a package, but for 32 bytes for each medium in it.

mod disk;
mod entry;
mod fault;
mod flow;
mod items;
mod keys;
mod manifest;
mod read;
mod write;

pub use fault::{Fault, PackageError};
pub use items::{read_items, write_item};
pub use keys::{KeyError, Signer, new_identity, new_signing_key, recipient_of};
pub use manifest::{Head, LedgerHead, MediaTotals, PackageFile, Recipient, What};
pub use read::{EachFile, Opened, is_package, open, open_for, verify};
pub use write::{PackageWriter, Written};

use domain::Sha256;

/// Form of the manifest that this program writes and reads. It stands under the signature, so that no other text that a team
/// lead has signed can be taken for a manifest.
pub const PACKAGE_FORMAT: &str = "zeef-package/1";
/// Name of the file of items: one [`domain::ClassifiedItem`] as JSON a line.
pub const ITEMS_FILE: &str = "items.json-lines";
/// Name of the set in VICS 2.0.
pub const VICS_FILE: &str = "set.vics.json";
/// Name of the set as a table of text.
pub const CSV_FILE: &str = "set.csv";
/// Name of the set in Parquet.
pub const PARQUET_FILE: &str = "set.parquet";
/// Name of the manifest.
pub const MANIFEST_FILE: &str = "manifest.json";
/// Name of the signature over it.
pub const SIGNATURE_FILE: &str = "manifest.json.minisig";
/// Folder of the media.
pub const MEDIA_FOLDER: &str = "media";

/// Most named files of a package.
pub const FILES_MAX: usize = 64;
/// Most media of a package: their digests are held in memory, 32 bytes each.
pub const MEDIA_MAX: usize = 1_000_000;
/// Longest name of a file: as long as the field of a tar archive.
pub const NAME_BYTES_MAX: usize = 99;
/// Most recipients: as many as fit well into the header of `age`.
pub const RECIPIENTS_MAX: usize = 100;
/// Most reading keys that one person tries.
pub const IDENTITIES_MAX: usize = 16;
/// Longest header of `age`: a recipient takes about 100 bytes of it.
pub const HEADER_BYTES_MAX: usize = 64 << 10;
/// Longest manifest.
pub const MANIFEST_BYTES_MAX: u64 = 1 << 20;
/// Longest signature.
pub const SIGNATURE_BYTES_MAX: u64 = 4 << 10;
/// Most bytes of zeros behind the signature: `tar` fills up to its block of 10 KiB, or a larger one.
pub const TRAILER_BYTES_MAX: u64 = 64 << 10;
/// Longest text of a head or of a recipient's name, characters.
pub const TEXT_CHARS_MAX: usize = 500;
/// Longest line of the file of items.
pub const ITEM_BYTES_MAX: usize = 1 << 20;

/// Names the file of a medium.
pub fn media_name(sha256: &Sha256) -> String {
    format!("{MEDIA_FOLDER}/{sha256}")
}
