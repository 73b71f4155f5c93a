//! The hall: one function for each thing that a person does. Everything that a window or a terminal shows comes through
//! here.
//!
//! What it does: opens cases, loads sources through sifting and decoding, imports and looks up hash sets, classifies,
//! undoes, matches again, verifies, and tells what is where. A [`Session`] holds what one person at work in a case sees.
//!
//! What it never does: know a window or a terminal, read the environment, read a clock of its own, or draw a random
//! number. Time, randomness, programs and the wish to stop are passed in.
//!
//! Who may call it: the front doors, `cli` and the desktop program.

mod apart;
mod arrivals;
mod bench;
mod case;
mod clues;
pub mod court;
mod day;
mod descriptions;
mod desk;
mod durable;
mod error;
pub mod exports;
mod failures;
mod feedback;
mod following;
mod import;
mod judging;
pub mod leads;
pub mod links;
mod load;
mod notices;
pub mod pictures;
mod pipeline;
mod post;
mod recipients;
mod regions;
mod rematch;
mod report;
mod session;
mod setting;
mod stacking;
mod starting;
mod tour;
mod vetoes;
pub mod vics_source;
pub mod view;

pub use apart::{ApplyAnswer, Confinement, apply_apart};
pub use bench::{Bench, DEMONSTRATION_PASSPHRASE, Surroundings, Tell};
pub use case::{
    Access, Classified, add_user, case_status, change_passphrase, classify, item_story, list_items, new_case,
    open_case, open_case_reading, redo, remove_user, undo, users, verify_case,
};
pub use casefile::{CaseFile, Entropy, ListFilter, NoticeRow, Passphrase, SystemEntropy, UserRole};
pub use day::{Beside, Day};
pub use desk::{PublisherView, WaitingView, Why, kept_leads, log_decision, remove_left, sync_status};
pub use domain::release::RefusedCode;
/// Most bits in which look-alikes differ.
pub const RADIUS: domain::Distance = domain::PdqSet::RADIUS;
pub use domain::{
    Agreement, CategoryCode, CodeMeaning, EntryId, Facts, Finding, Fingerprint, Freshness, HideReason, Hit, LeadKind,
    LeadState, Meanings, Opinion, Profile, PublisherId, ReturnCause, Role, SchemeId, SetName, SetVersion, Sha256,
    ShowReason, SourcePath, Translated, UserName, UtcTime, VerdictBasis, Visibility, escaped, refused_in_words,
    shown_path, unescaped, without_secret_keys,
};
pub use error::{Code, Error};
pub use feedback::{Feedback, write_feedback};
pub use import::{
    ImportRequest, Opening, Question, import_set, list_sets, lookup_line, open_sets, preview_files, remove_set,
};
pub use judging::{MissingSets, Reach};
pub use load::{LoadRequest, Loaded, STATED, add_sources, load_sources};
pub use notices::{NoticeFilter, list_notices, mark_read};
pub use post::{
    Apply, ApplyJob, ApplyOutcome, Arrived, Override, SyncLine, SyncOutcome, SyncRequest, accept_waiting, apply_job,
    floor_of, run_sync,
};
pub use recipients::{RECIPIENTS_FILE, read_recipients};
pub use regions::{Looking, PICTURES_ALL, lead_regions};
pub use rematch::rematch;
pub use session::{Around, NUMBERS_MAX, SAVED_NAME_CHARS_MAX, SAVED_VIEWS_MAX, Session, VIEWS_MAX};
pub use setting::{Pause, Progress, Setting, Steps};
pub use starting::{Here, Started, Starter};
pub use tour::{Tour, make_demonstration, run_tour};
pub use vetoes::{VetoOf, VetoRequest, veto};
