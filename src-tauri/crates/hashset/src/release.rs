//! Release files: a set, or a change of it, in Parquet, with the digest that proves the result.
//!
//! A snapshot is cut into parts by entry id ([`domain::release::PART_BITS`]); a delta leads from one version to the next. Rows
//! stand in ascending order of their entry ids, each id once. The bytes of a part depend on its rows alone, and those of a
//! delta on its changes and its versions, so that two publishers with one history write one file.
//!
//! ```text
//! entry_id     u64            the key, given by the publisher and never changed
//! md5 sha1 sha256 pdq photodna  fixed-length bytes, or null; stored plain, so that every reader maps them as they are
//! size_bytes   u64 or null
//! verdict      u8             0 nobody has judged, 1 member of the set, 2 the category
//! category     text or null   code of the set's own scheme
//! victim_identified ... baseline  boolean or null
//! series       text           empty for none
//! standing     u8 or null     0 one opinion, 1 confirmed, 2 disputed
//! op           u8             deltas only: 0 the whole row, new or in the place of another; 1 withdrawn
//! reason       text or null   deltas only: why it was withdrawn
//! ```
//!
//! The digest of a set is SHA-256 over its rows in a fixed form ([`RowsDigest`]), so it does not depend on how they are
//! stored: the same before and after compaction, on the publisher's machine and on every workstation.

mod digest;
mod read;
mod write;

pub use digest::RowsDigest;
pub use read::{DeltaReader, PartReader};
pub use write::{DeltaWriter, PartWriter, WrittenFile};

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use domain::release::PART_BITS;
use domain::{EntryId, Flags, SetName, SetVersion, Sha256};

use write::Kind;

/// Form of the files that this program writes and reads.
const FILE_SCHEMA: &str = "1";
/// Rows that are held in memory at a time.
const BATCH_ROWS: usize = 8192;
/// Rows of one row group.
const GROUP_ROWS: usize = 1 << PART_BITS;
/// Largest number of changes of one delta.
pub const DELTA_ROWS_MAX: u64 = 1 << 26;
/// Columns that no compression makes smaller.
const PLAIN_COLUMNS: [&str; 5] = ["md5", "sha1", "sha256", "pdq", "photodna"];

/// One change of a delta.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A row that is new, or takes the place of the one with its id.
    Upsert(domain::Entry),
    /// The row with this id is no longer part of the set.
    Withdraw {
        /// The entry.
        id: EntryId,
        /// Why, in the publisher's words.
        reason: String,
    },
}

impl Change {
    /// Gives the key.
    pub fn id(&self) -> EntryId {
        match self {
            Self::Upsert(entry) => entry.id,
            Self::Withdraw { id, .. } => *id,
        }
    }
}

/// Says from where to where a delta leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeltaHead {
    /// The set.
    pub set: SetName,
    /// The version that it leads to; it starts from the one before.
    pub version: SetVersion,
    /// Digest of all rows before it.
    pub base_digest: Sha256,
    /// Digest of all rows after it.
    pub result_digest: Sha256,
    /// Number of rows after it.
    pub result_count: u64,
}

/// Gives the columns of a file.
fn schema(kind: Kind) -> SchemaRef {
    let bytes = |name, length| Field::new(name, DataType::FixedSizeBinary(length), true);
    let mut fields = vec![
        Field::new("entry_id", DataType::UInt64, false),
        bytes("md5", 16),
        bytes("sha1", 20),
        bytes("sha256", 32),
        Field::new("size_bytes", DataType::UInt64, true),
        Field::new("verdict", DataType::UInt8, false),
        Field::new("category", DataType::Utf8, true),
    ];
    fields.extend(Flags::NAMES.map(|name| Field::new(name, DataType::Boolean, true)));
    fields.extend([
        Field::new("series", DataType::Utf8, false),
        Field::new("standing", DataType::UInt8, true),
        bytes("pdq", 32),
        bytes("photodna", 144),
    ]);
    if kind == Kind::Delta {
        fields.push(Field::new("op", DataType::UInt8, false));
        fields.push(Field::new("reason", DataType::Utf8, true));
    }
    Arc::new(Schema::new(fields))
}

#[cfg(test)]
mod tests;
