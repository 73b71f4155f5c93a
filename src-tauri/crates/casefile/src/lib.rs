//! The vault of Zeef: a case in two encrypted files, its users, and the ledger of everything that was ever done to it.
//!
//! What it does: makes and opens cases; records what sources hold, what rules say of it, what other tools say of it and
//! what people decide, mark and note, leads with their evidence among that, each as an operation of a hash-chained ledger;
//! answers questions about all that; holds the four eyes of every export; verifies it. It keeps an encrypted index over
//! the cases of one person (`across`). It is the only code that speaks SQL and the only code that holds a case's key.
//! Beside all that it keeps what is a person's own (saved views, clear looks, breaks): no operation tells of it, and no
//! function gives anybody another's.
//!
//! What it never does: open case media, look a digest up, decide whether an item is hidden, read the clock, draw a
//! random number by itself (SQLCipher draws the salts and nonces of its pages), print, or read the environment. It never
//! changes a ground row: those are only added. It stores no picture of an item that an exact digest hides.
//!
//! Who may call it: the workbench.
//!
//! A case is a folder (0700) of files (0600): `case.zeef`, ground state and ledger; `derived.zeef`, which can be thrown
//! away; `keys.json`, the case's key as wrapped for each user; `writer.lock`, empty. While a case is being made there is
//! also `making`. An index is a file of its own, outside of every case. All databases are SQLCipher (AES-256, HMAC on every
//! page), so nothing that is known of a case stands on the disk in plain text, their write-ahead logs included; temporary
//! data stay in memory.

mod access;
pub mod across;
mod canon;
mod case;
mod changes;
mod clock;
mod counts;
mod database;
mod decide;
mod disk;
mod error;
mod export;
mod figures;
mod history;
mod items;
mod judge;
mod kept;
mod keys;
mod lead;
mod ledger;
mod mark;
mod model;
mod moves;
mod notice;
mod numbers;
mod opinion;
mod outward;
mod personal;
mod proof;
mod qualification;
mod reason;
mod record;
mod region;
mod schema;
mod seal;
mod secret;
mod sheet;
mod standing;
mod unread;
mod users;
mod verify;
mod veto;
mod view;
mod writing;

pub use access::ACCESS_BYTES_MAX;
pub use case::CaseFile;
pub use changes::{CHANGED_MAX, Changed, Changes};
pub use clock::{CLOCK_REASON_CHARS_MAX, ClockRow, DEVICE_CHARS_MAX};
pub use database::library_version;
pub use decide::DECIDED_MAX;
pub use disk::case_around;
pub use error::{CasePart, CasefileError, Result};
pub use export::{
    EXPORT_TEXT_CHARS_MAX, ExportRequest, ExportRow, ExportState, ExportWhat, RECIPIENTS_MAX, SampleLook,
};
pub use figures::HourFigure;
pub use history::{Step, StepKind, Undone};
pub use items::{EachJudged, EachLook, EachOwnLook, LookRow};
pub use judge::REJUDGED_MAX;
pub use kept::{KEPT_PART_BYTES, KeptHead};
pub use keys::KdfCost;
pub use lead::{EvidenceRow, LeadChange, LeadRow, LeadStory};
pub use ledger::{LedgerRow, OperationKind};
pub use mark::{MarkChange, MarkKind, Marks, NOTE_CHARS_MAX, NoteRow};
pub use model::{
    CaseInfo, Counts, Decision, DecisionChange, ItemRow, Judgement, ListFilter, NewCase, OccurrenceRow, OperationId,
    Record, RecordContent, RecordItem, RecordOutcome, RecordTimes, Rejudged, SetStampRow, SourceRow, Stack, Stamp,
    Story, UserRole, UserRow,
};
pub use notice::{NOTICES_MAX, NoticeRow};
pub use opinion::{OPINION_BYTES_MAX, OPINIONS_MAX, OpinionRow, contradict};
pub use outward::{ClueRow, SetWords};
pub use personal::{LOOKS_MAX, Look, PERSONAL_KEY_BYTES_MAX, PERSONAL_KEYS_MAX, PERSONAL_VALUE_BYTES_MAX};
pub use proof::{CAPTION_CHARS_MAX, EVIDENCE_BYTES_MAX};
pub use qualification::{ACT_CHARS_MAX, ACTS_MAX, StatedAct};
pub use reason::ReasonCode;
pub use record::RECORDS_MAX;
pub use region::{RegionLook, RegionRow};
pub use secret::{Entropy, PASSPHRASE_CHARS_MIN, Passphrase, SystemEntropy};
pub use sheet::{EachSheetRow, SetCategory, SheetDecision, SheetRow, SheetState, ToolsSaid};
pub use standing::{DigestsWanted, ItemStanding};
pub use unread::UnreadPlace;
pub use verify::{Problem, ProblemKind, VerifyReport};
pub use veto::{Judge, VETOED_MAX, VetoedEntry};
