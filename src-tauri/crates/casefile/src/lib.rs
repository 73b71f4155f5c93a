//! The vault: the case on disk. The only code that speaks SQL to a case and holds its key.
//!
//! What it does: keeps a case in two encrypted files, one with what is never rewritten (sources, items, occurrences,
//! set versions, decisions, the ledger) and one with what can be rebuilt; lets in who has the passphrase; writes every
//! change as an operation of a hash-chained ledger; and verifies all of it.
//!
//! What it never does: decide what is hidden, open case media, draw a random number or read a clock of its own (both are
//! passed in), put a name, a key or SQL into an error, or leave a readable byte of a case on the disk.
//!
//! Who may call it: the workbench.
//!
//! ```text
//! case      create, open         keys, secret    who gets in          disk, database   files and connections
//! record    what loads find      judge, decide   rules and people     items, counts    what there is
//! ledger    the chain            writing         two files as one     verify           whether all of it holds
//! ```

mod canon;
mod case;
mod counts;
mod database;
mod decide;
mod disk;
mod error;
mod items;
mod judge;
mod keys;
mod ledger;
mod model;
mod record;
mod schema;
mod secret;
mod users;
mod verify;
mod view;
mod writing;

#[cfg(test)]
mod tests;

pub use case::CaseFile;
pub use decide::DECIDED_MAX;
pub use error::{CasePart, CasefileError, Result};
pub use judge::REJUDGED_MAX;
pub use keys::KdfCost;
pub use ledger::{LedgerRow, OperationKind};
pub use model::{
    CaseInfo, Counts, Decision, DecisionChange, ItemRow, Judgement, ListFilter, NewCase, OccurrenceRow, OperationId,
    Record, RecordContent, RecordItem, RecordOutcome, RecordTimes, Rejudged, SetStampRow, SourceRow, Stack, Stamp, Story,
    Undone, UserRole, UserRow,
};
pub use record::RECORDS_MAX;
pub use secret::{Entropy, PASSPHRASE_CHARS_MIN, Passphrase, SystemEntropy};
pub use verify::{Problem, VerifyReport};
