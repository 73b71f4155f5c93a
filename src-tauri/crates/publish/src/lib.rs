//! The custodian's house: builds, signs and releases hash sets.
//!
//! What it does: keeps what contributors state, and what the custodian decides, in a repository that only grows; builds the
//! set out of it by queries over Parquet; and fills a site, a folder of static files that any web server or disk carries:
//! metadata of The Update Framework, and a release as files of `hashset::release`.
//!
//! What it never does: use a network (`serve` shows a site to this machine alone), run on a workstation, give an entry id to another content, or change a
//! contribution.
//!
//! Who may call it: the program `zeef-publish`, and tests.

mod build;
mod canon;
mod columns;
mod conflicts;
mod contribute;
mod custodian;
mod disk;
mod error;
mod journal;
mod keys;
mod metadata;
mod packages;
mod query;
mod release;
mod repository;
mod rules;
mod serve;
mod signing;
mod site;
mod status;
#[cfg(test)]
mod tests;

pub use conflicts::{Conflict, ConflictKind, Conflicts, Opinion, conflicts};
pub use contribute::{AddRequest, Contribution, add};
pub use custodian::{PartnerRequest, Rotated, Rotation, decide, lead, limits, partner, rotate, share, withdraw};
pub use error::PublishError;
pub use journal::{Operation, Record};
pub use metadata::Duty;
pub use packages::TakenPackage;
pub use query::Capacity;
pub use release::{ReleaseReport, ReleaseRequest, release, timestamp};
pub use repository::{Config, NewRepository, TIMESTAMP_DAYS_MAX, init};
pub use rules::{FlagName, RULES_SCHEMA, RULES_TARGET, ShareRules, SharedSeries, SharedUnjudged};
pub use serve::serve;
pub use status::{Expiry, Status, status};
