//! Everything that can prevent a call. No message holds SQL, a key, a passphrase, or the name of a seized file.

use std::path::PathBuf;

use domain::{
    CategoryCode, EvidenceId, LeadError, LeadId, SchemeId, SetName, SetVersion, Sha256, SourceId, UserName, shown_path,
};

use crate::UserRole;

/// Names a file of the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CasePart {
    /// `keys.json`: the wrapped keys.
    Keys,
    /// `case.zeef`: ground state and ledger.
    Ground,
    /// `derived.zeef`: what can be rebuilt.
    Derived,
    /// One of the two encrypted files; `verify` tells which.
    Either,
    /// An index over cases, or the file with its keys.
    Index,
}

impl std::fmt::Display for CasePart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Keys => "keys.json",
            Self::Ground => "case.zeef",
            Self::Derived => "derived.zeef (which can be thrown away and rebuilt)",
            Self::Either => "case.zeef or derived.zeef",
            Self::Index => "of the index over cases",
        })
    }
}

/// Says why a call to a case could not be done.
#[derive(Debug, thiserror::Error)]
pub enum CasefileError {
    /// Wrong passphrase, unknown user or removed user: one answer for all three.
    #[error("no access: the user or the passphrase is wrong")]
    AccessDenied,
    /// The folder already holds a case.
    #[error("the folder `{}` already holds a case", shown_path(dir))]
    AlreadyThere {
        /// Folder of the case.
        dir: PathBuf,
    },
    /// The folder holds no case.
    #[error("the folder `{}` holds no case", shown_path(dir))]
    NotACase {
        /// Folder that was named.
        dir: PathBuf,
    },
    /// Making the case was interrupted; nothing is in it.
    #[error(
        "the folder `{}` holds a case that was never finished: make it again with the same command",
        shown_path(dir)
    )]
    HalfMade {
        /// Folder of the case.
        dir: PathBuf,
    },
    /// The folder for a new case holds other files.
    #[error("the folder `{}` is not empty: a case needs one of its own", shown_path(dir))]
    NotEmpty {
        /// Folder that was named.
        dir: PathBuf,
    },
    /// Another process is changing the case.
    #[error("the case `{}` is in use by another process that changes it", shown_path(dir))]
    InUse {
        /// Folder of the case.
        dir: PathBuf,
    },
    /// The case was opened for reading.
    #[error("the case was opened for reading only")]
    ReadingOnly,
    /// The user's role does not permit it.
    #[error("the user {user} ({role}) may not do this: {what}")]
    NotAllowed {
        /// Who asked.
        user: UserName,
        /// Role in this case.
        role: UserRole,
        /// What was asked.
        what: &'static str,
    },
    /// The passphrase of a new user is too short.
    #[error("the passphrase is too short: it needs {min} characters at least")]
    WeakPassphrase {
        /// Fewest characters.
        min: usize,
    },
    /// An active user has that name.
    #[error("the user {user} is already a user of this case")]
    UserExists {
        /// The name.
        user: UserName,
    },
    /// No active user has that name.
    #[error("the user {user} is no user of this case")]
    NoSuchUser {
        /// The name.
        user: UserName,
    },
    /// A case without a team lead could never get another user.
    #[error("the user {user} is the last team lead of this case and cannot be removed")]
    LastTeamLead {
        /// The name.
        user: UserName,
    },
    /// The case has no such item.
    #[error("the case has no item {sha256}")]
    NoSuchItem {
        /// Identity that was given.
        sha256: Sha256,
    },
    /// The case has no item of that number.
    #[error("the case has no item {item}")]
    NoSuchNumber {
        /// Number that was given.
        item: u32,
    },
    /// The case has no such source.
    #[error("the case has no source {id}")]
    NoSuchSource {
        /// Identity that was given.
        id: SourceId,
    },
    /// The case has no such notice.
    #[error("the case has no notice {id}")]
    NoSuchNotice {
        /// Number that was given.
        id: u64,
    },
    /// The case has no such lead, or its making was taken back.
    #[error("the case has no lead {lead}")]
    NoSuchLead {
        /// Number that was given.
        lead: LeadId,
    },
    /// The case has no such piece of evidence, or it was removed.
    #[error("the case has no evidence {}", evidence.0)]
    NoSuchEvidence {
        /// Number that was given.
        evidence: EvidenceId,
    },
    /// A lead or a region is none that a case may keep.
    #[error("{why}")]
    BadLead {
        /// What is wrong.
        why: LeadError,
    },
    /// A lead cannot be related to itself.
    #[error("lead {lead} cannot be related to itself")]
    OwnRelation {
        /// The lead.
        lead: LeadId,
    },
    /// A piece of evidence cannot become one of another item.
    #[error("evidence {} is of another item: remove it, and add the other", evidence.0)]
    OtherItem {
        /// Number that was given.
        evidence: EvidenceId,
    },
    /// The lead has a piece of evidence of that very part already.
    #[error("the lead has the same part of the same item already, as evidence {}", evidence.0)]
    SameEvidence {
        /// Number of that piece.
        evidence: EvidenceId,
    },
    /// The case has no such request for an export.
    #[error("the case has no export {request}")]
    NoSuchExport {
        /// Number that was given.
        request: u32,
    },
    /// The export was signed or withdrawn before.
    #[error("export {request} was signed or withdrawn before")]
    ExportEnded {
        /// Number that was given.
        request: u32,
    },
    /// Whoever asked for an export does not sign it.
    #[error("the user {user} asked for export {request}: somebody else has to sign it")]
    OwnExport {
        /// Number that was given.
        request: u32,
        /// Who asked.
        user: UserName,
    },
    /// A request for an export lacks a recipient or a reason.
    #[error("an export needs a recipient with a name and a key, and a reason")]
    BadExport,
    /// Only what somebody took out of the case, or looked up beside it, is noted by that call.
    #[error("an operation of the kind {kind} is not noted by itself", kind = kind.as_str())]
    NoAccess {
        /// Kind that was given.
        kind: crate::OperationKind,
    },
    /// Something has the name of the new index.
    #[error("`{}` is there already", shown_path(path))]
    IndexThere {
        /// File that was named.
        path: PathBuf,
    },
    /// The file is no index over cases, or its keys are gone.
    #[error("`{}` is no index over cases, or the file with its keys is not beside it", shown_path(path))]
    NotAnIndex {
        /// File that was named.
        path: PathBuf,
    },
    /// The case's scheme has no such category.
    #[error("the code {code} is no category of the case's scheme {scheme}")]
    NoSuchCategory {
        /// Code that was given.
        code: CategoryCode,
        /// Scheme of the case.
        scheme: SchemeId,
    },
    /// A hide names a set version that was never put into the case.
    #[error("version {version} of {name} hides an item and was not put into the case before")]
    UnknownSet {
        /// Set.
        name: SetName,
        /// Version.
        version: SetVersion,
    },
    /// A hide names an entry that is not among the item's hits.
    #[error("item {sha256} is hidden by an entry that is none of its hits")]
    HideWithoutHit {
        /// The item.
        sha256: Sha256,
    },
    /// A hide comes with a decoded picture, which promise 3 forbids.
    #[error("item {sha256} is hidden by an exact digest and was decoded all the same")]
    KnownDecoded {
        /// The item.
        sha256: Sha256,
    },
    /// Two records give one SHA-256 different other digests or lengths.
    #[error("item {sha256} came with other digests before")]
    DigestsDisagree {
        /// The item.
        sha256: Sha256,
    },
    /// A named limit is exceeded.
    #[error("too many {what}: at most {max} in one call")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// The disk is full. What was there before is intact.
    #[error("the disk is full; nothing was lost: free space and run the same command again")]
    DiskFull,
    /// A page fails its authentication, or the file's structure is broken.
    #[error("the file {which} is damaged or was changed from outside")]
    Damaged {
        /// Which file.
        which: CasePart,
    },
    /// The case was written by a later version of Zeef.
    #[error("the file {which} has version {found}; this program reads up to {supported}")]
    VersionTooNew {
        /// Which file.
        which: CasePart,
        /// Version in the file.
        found: i64,
        /// Newest version that is understood.
        supported: i64,
    },
    /// The database library is older than the one that is safe to use, or has no encryption.
    #[error("the database library ({found}) is not fit for a case")]
    UnfitLibrary {
        /// Its version.
        found: String,
    },
    /// The operating system gives no randomness.
    #[error("the operating system gives no random bytes")]
    NoEntropy,
    /// Reading or writing a file of the case failed.
    #[error("{what} failed: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database refused, by its result code.
    #[error("the case's database refused (result code {code})")]
    Database {
        /// Extended result code of SQLite.
        code: i32,
    },
}

/// Shortens results of this crate.
pub type Result<T, E = CasefileError> = std::result::Result<T, E>;

pub(crate) fn damaged(which: CasePart) -> CasefileError {
    CasefileError::Damaged { which }
}

impl From<rusqlite::Error> for CasefileError {
    /// Keeps the code and drops the text, which can hold SQL and, through it, data.
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error {
            rusqlite::Error::SqliteFailure(failure, _) | rusqlite::Error::SqlInputError { error: failure, .. } => {
                match failure.code {
                    ErrorCode::DiskFull => Self::DiskFull,
                    ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => damaged(CasePart::Either),
                    _ => Self::Database { code: failure.extended_code },
                }
            }
            // A stored value that does not have its type: written by nobody who keeps the rules.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::QueryReturnedNoRows => damaged(CasePart::Either),
            _ => Self::Database { code: -1 },
        }
    }
}

pub(crate) fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> CasefileError {
    move |source| {
        let full = matches!(source.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded);
        if full { CasefileError::DiskFull } else { CasefileError::Io { what, source } }
    }
}
