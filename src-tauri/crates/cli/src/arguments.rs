//! The words of the command line. They are a contract: words are added, never changed.

mod leads;
mod leaving;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use workbench::{Fingerprint, PublisherId, Role, SetName, Sha256, UserName, UserRole, UtcTime};

pub use leads::{IndexCommand, LeadCommand, Links, Part, Said};
pub use leaving::{ExportCommand, KeyPurpose, PackageCommand, Reading, Report};

/// Zeef sifts case media: what hash sets know is hidden, with a reason, and what is new is left for review.
#[derive(Parser)]
#[command(name = "zeef", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Makes a demonstration case and sets in a new folder, does the whole job, and prints the summary.
    Demo(Demo),
    /// Hash sets: import, list, look up.
    Set {
        #[command(subcommand)]
        command: SetCommand,
    },
    /// The daily sync: enrol publishers, fetch and apply what they release.
    Sync {
        #[command(subcommand)]
        command: SyncCommand,
    },
    /// Applies one verified release, read from standard input; started by `zeef sync`.
    #[command(hide = true)]
    ApplyRelease(SetsDir),
    /// Cases: make, load, review, verify.
    Case {
        #[command(subcommand)]
        command: CaseCommand,
    },
    /// Leads: what may identify a victim, an offender or a place, and the evidence that it rests on.
    Lead {
        #[command(subcommand)]
        command: LeadCommand,
    },
    /// Lists what items, leads and devices share: serials, places, series, looks.
    Links(Links),
    /// Your encrypted index over the cases that you may open.
    Index {
        #[command(subcommand)]
        command: IndexCommand,
    },
    /// What leaves a case: asked for by one person, signed by another.
    Export {
        #[command(subcommand)]
        command: ExportCommand,
    },
    /// Packages and their keys.
    Package {
        #[command(subcommand)]
        command: PackageCommand,
    },
    /// Writes the report of a case for the court, and its figures.
    Report(Report),
}

/// A language.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English.
    En,
    /// Dutch.
    Nl,
}

impl Arguments {
    /// Tells whether errors are wanted as JSON too.
    pub fn wants_json(&self) -> bool {
        match &self.command {
            Command::Demo(demo) => demo.json,
            Command::Set { command } => match command {
                SetCommand::Import(import) => import.json,
                SetCommand::List(list) => list.json,
                SetCommand::Lookup(_) => true,
                SetCommand::Remove(remove) => remove.json,
            },
            Command::Sync { command } => command.wants_json(),
            Command::ApplyRelease(_) => true,
            Command::Case { command } => command.opening().is_some_and(|opening| opening.json),
            Command::Lead { command } => command.opening().json,
            Command::Links(links) => links.opening.json,
            Command::Index { command: IndexCommand::Add { opening, .. } } => opening.json,
            Command::Export { command } => command.opening().json,
            Command::Package { command } => command.wants_json(),
            Command::Report(report) => report.opening.json,
        }
    }
}

#[derive(Args)]
pub struct Demo {
    /// Folder for the demonstration; it must not exist or be empty.
    pub dir: PathBuf,
    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct SetsDir {
    /// Folder of the hash sets; without it, the user's data folder.
    #[arg(long, value_name = "SETS")]
    pub sets: Option<PathBuf>,
}

/// The hash sets that a case is matched with.
#[derive(Args)]
pub struct MatchingSets {
    #[command(flatten)]
    pub folder: SetsDir,
    /// Go on although the folder lacks sets that the case was matched with: what they hide comes back.
    #[arg(long)]
    pub accept_missing_sets: bool,
}

#[derive(Subcommand)]
pub enum SetCommand {
    /// Imports the files of one hash set, or shows what an import would do.
    Import(Import),
    /// Lists the hash sets.
    List(ListSets),
    /// Reads hex digests from standard input and answers each with one line of JSON.
    Lookup(SetsDir),
    /// Removes a hash set.
    Remove(RemoveSet),
}

#[derive(Args)]
pub struct Import {
    /// Files of the set: VICS, ICSE, NSRL, hashdeep, checksum lists, Autopsy, EnCase, HashKeeper, tables (CSV) with named
    /// columns; the form is recognised by content.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub sets: SetsDir,
    /// Name of the set. A set of this name is replaced by its next version.
    #[arg(long)]
    pub name: SetName,
    /// What the set claims: `known` (classified material) or `good` (ordinary files).
    #[arg(long)]
    pub role: Role,
    /// Scheme of the set's categories: US, UK, INTERPOL, NL, or an id. Outranks what the file says.
    #[arg(long)]
    pub profile: Option<String>,
    /// What a code means that producers use in opposite ways, e.g. `0=non-pertinent` or `5=uncategorized`.
    #[arg(long, value_name = "CODE=MEANING")]
    pub meaning: Vec<String>,
    /// Leave out an NSRL product, by name or number. May be given more than once.
    #[arg(long, value_name = "PRODUCT")]
    pub exclude_product: Vec<String>,
    /// Only tell what would be stored and refused.
    #[arg(long)]
    pub preview: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct ListSets {
    #[command(flatten)]
    pub sets: SetsDir,
    /// Print one line of JSON for each set.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct RemoveSet {
    /// Name of the set.
    pub name: SetName,
    #[command(flatten)]
    pub sets: SetsDir,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Subcommand)]
pub enum SyncCommand {
    /// Trusts a publisher by the file that it gave out.
    Enrol {
        /// The file `enrolment.json`.
        file: PathBuf,
        #[command(flatten)]
        at: SyncPlace,
        /// Only show whose file it is and its fingerprint; nothing is enrolled.
        #[arg(long, conflicts_with = "fingerprint")]
        look: bool,
        /// The fingerprint that the publisher read out, spaces or not: no other file is taken.
        #[arg(long, value_name = "HEX")]
        fingerprint: Option<Fingerprint>,
    },
    /// Fetches from every enrolled publisher, applies what came, and tells what it was.
    Run {
        #[command(flatten)]
        at: SyncPlace,
        /// Read from this address, folder or disk instead of the publishers' own.
        #[arg(long, value_name = "URL|DIR")]
        from: Option<String>,
        /// Only this publisher; may be given again.
        #[arg(long, value_name = "P")]
        publisher: Vec<PublisherId>,
        /// Two people who take what has expired beyond grace; it is kept who they were.
        #[arg(long, value_name = "NAME,NAME", value_delimiter = ',', num_args = 1)]
        override_expiry: Vec<UserName>,
        /// Take this for the clock.
        #[arg(long, hide = true, value_parser = moment)]
        now: Option<UtcTime>,
    },
    /// Lists the publishers, what is installed of them, how fresh it is, and what waits.
    Status {
        #[command(flatten)]
        at: SyncPlace,
        /// Take this for the clock.
        #[arg(long, hide = true, value_parser = moment)]
        now: Option<UtcTime>,
    },
    /// Takes an update that waits because it changes more than its limits allow.
    Accept {
        #[command(flatten)]
        at: SyncPlace,
        /// Whose update.
        #[arg(long, value_name = "P")]
        publisher: PublisherId,
        /// Who you are.
        #[arg(long, value_name = "NAME")]
        by: UserName,
        /// Why it is to be taken.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Take this for the clock.
        #[arg(long, hide = true, value_parser = moment)]
        now: Option<UtcTime>,
    },
    /// Says what a publisher's server is shown: a client certificate, or a token.
    Access {
        #[command(flatten)]
        at: SyncPlace,
        /// The publisher.
        #[arg(long, value_name = "P")]
        publisher: PublisherId,
        /// Client certificate, PEM.
        #[arg(long, value_name = "FILE", requires = "key")]
        certificate: Option<PathBuf>,
        /// Its key, PEM; nobody else may be able to read it.
        #[arg(long, value_name = "FILE", requires = "certificate")]
        key: Option<PathBuf>,
        /// File with a bearer token; nobody else may be able to read it.
        #[arg(long, value_name = "FILE")]
        token: Option<PathBuf>,
        /// Certificates of authorities that vouch for the server, PEM.
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
        /// The server that is meant, where it is not the enrolment's.
        #[arg(long, value_name = "URL")]
        server: Option<String>,
        /// Allow plain http to a server on another machine. A token never goes that way.
        #[arg(long)]
        insecure_http: bool,
    },
    /// Restores the memory of what was seen of a publisher, when it is damaged. This takes two people.
    Reset {
        #[command(flatten)]
        at: SyncPlace,
        /// The publisher.
        #[arg(long, value_name = "P")]
        publisher: PublisherId,
        /// Who does it; given twice.
        #[arg(long, value_name = "NAME", required = true)]
        by: Vec<UserName>,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Ends the trust in a publisher and its partners, and removes their sets. This takes two people.
    Leave {
        #[command(flatten)]
        at: SyncPlace,
        /// The publisher.
        #[arg(long, value_name = "P")]
        publisher: PublisherId,
        /// Who does it; given twice.
        #[arg(long, value_name = "NAME", required = true)]
        by: Vec<UserName>,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// Where the sets are, and how it is told.
#[derive(Args)]
pub struct SyncPlace {
    #[command(flatten)]
    pub sets: SetsDir,
    /// Print one line of JSON for each publisher.
    #[arg(long)]
    pub json: bool,
}

impl SyncCommand {
    fn wants_json(&self) -> bool {
        match self {
            Self::Enrol { at, .. }
            | Self::Run { at, .. }
            | Self::Status { at, .. }
            | Self::Accept { at, .. }
            | Self::Access { at, .. }
            | Self::Reset { at, .. }
            | Self::Leave { at, .. } => at.json,
        }
    }
}

fn moment(text: &str) -> Result<UtcTime, String> {
    UtcTime::parse(text).ok_or_else(|| "a time is written as 2026-03-14T09:26:53Z".to_owned())
}

/// What opens a case.
#[derive(Args)]
pub struct Opening {
    /// Folder of the case.
    #[arg(value_name = "CASE")]
    pub case: PathBuf,
    /// Who you are.
    #[arg(long, value_name = "NAME")]
    pub user: UserName,
    /// File with the passphrase; without it you are asked.
    #[arg(long, value_name = "F")]
    pub passphrase_file: Option<PathBuf>,
    /// Print JSON; lists as one line for each row.
    #[arg(long)]
    pub json: bool,
}

#[derive(Subcommand)]
pub enum CaseCommand {
    /// Makes a case. Its first user is a team lead.
    New {
        #[command(flatten)]
        opening: Opening,
        /// Case number.
        #[arg(long)]
        number: String,
        /// Unit that works on it.
        #[arg(long)]
        unit: String,
        /// Classification scheme: project-vic-us, uk, interpol-baseline or nl.
        #[arg(long)]
        scheme: String,
        /// Legal scope: warrant, period, types of media.
        #[arg(long, default_value = "")]
        scope: String,
    },
    /// Loads folders and archives: reads, looks up, hides what is known, decodes the rest. Run again, it resumes.
    Add {
        #[command(flatten)]
        opening: Opening,
        /// Folders, zip or tar files; with --as vics, the case of another tool: VICS (JSON, or a zip with it), C4All (XML).
        #[arg(required = true, value_name = "SOURCE")]
        sources: Vec<PathBuf>,
        #[command(flatten)]
        sets: MatchingSets,
        #[command(flatten)]
        foreign: Foreign,
        /// Files in work at once; without it, one for each processor.
        #[arg(long)]
        threads: Option<usize>,
    },
    /// Tells what the case has.
    Status {
        #[command(flatten)]
        opening: Opening,
        #[command(flatten)]
        sets: SetsDir,
    },
    /// Lists items.
    List {
        #[command(flatten)]
        opening: Opening,
        #[command(flatten)]
        which: Which,
    },
    /// Tells an item's whole story.
    Why {
        #[command(flatten)]
        opening: Opening,
        /// Item.
        sha256: Sha256,
    },
    /// Gives items a category of the case's scheme, or `clear`.
    Classify {
        #[command(flatten)]
        opening: Opening,
        /// Category, or `clear`.
        category: String,
        /// Items.
        #[arg(required = true)]
        sha256: Vec<Sha256>,
        /// Why, for the record.
        #[arg(long)]
        note: Option<String>,
    },
    /// Says that an entry of a set is wrong about an item, so that it hides it no more.
    Veto {
        #[command(flatten)]
        opening: Opening,
        /// Item.
        sha256: Sha256,
        /// Why the entry is wrong; it stands in the ledger, and leaves as feedback.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Set of the entry; without it, the one that hides the item.
        #[arg(long, value_name = "NAME")]
        set: Option<SetName>,
        /// Entry; without it, the one that hides the item, or all that it met of the set.
        #[arg(long, value_name = "N")]
        entry: Option<u64>,
        #[command(flatten)]
        sets: SetsDir,
    },
    /// Lists what new versions of sets say otherwise of items: victims identified, series joined, entries withdrawn.
    Notices {
        #[command(flatten)]
        opening: Opening,
        /// Mark a notice as read, by its number, or `all`. May be given more than once.
        #[arg(long, value_name = "ID|all")]
        read: Vec<String>,
        /// List those that were read, too.
        #[arg(long)]
        all: bool,
    },
    /// Writes the vetoes of the case to a file for the publishers: digests and reasons, no pictures, no names.
    Feedback {
        #[command(flatten)]
        opening: Opening,
        /// The file; it must not exist.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Takes back your newest decision or veto.
    Undo {
        #[command(flatten)]
        opening: Opening,
    },
    /// Does again what you took back last.
    Redo {
        #[command(flatten)]
        opening: Opening,
    },
    /// Judges items again by the sets as they are now: those that the change can touch, where all of it is known.
    Rematch {
        #[command(flatten)]
        opening: Opening,
        #[command(flatten)]
        sets: MatchingSets,
        /// Judge every item, whatever is known of the change.
        #[arg(long)]
        whole: bool,
        /// Files in work at once.
        #[arg(long)]
        threads: Option<usize>,
    },
    /// Checks the ledger, the files and the reason of every hide.
    Verify {
        #[command(flatten)]
        opening: Opening,
        #[command(flatten)]
        sets: SetsDir,
        /// Head of the ledger that was noted earlier outside of this machine: it must still be part of it.
        #[arg(long, value_name = "HASH")]
        expect_head: Option<Sha256>,
    },
    /// Users of the case: list, add NAME, remove NAME, or passphrase (changes your own).
    User {
        #[command(flatten)]
        opening: Opening,
        /// What to do.
        #[arg(value_enum, default_value_t = UserAction::List)]
        action: UserAction,
        /// Whom to add or remove.
        name: Option<UserName>,
        /// Role of a new user: investigator, team-lead or auditor.
        #[arg(long)]
        role: Option<UserRole>,
        /// File with the new passphrase; without it you are asked.
        #[arg(long, value_name = "F")]
        new_passphrase_file: Option<PathBuf>,
    },
}

impl CaseCommand {
    /// Gives what opens the case.
    pub fn opening(&self) -> Option<&Opening> {
        match self {
            Self::New { opening, .. }
            | Self::Add { opening, .. }
            | Self::Status { opening, .. }
            | Self::List { opening, .. }
            | Self::Why { opening, .. }
            | Self::Classify { opening, .. }
            | Self::Veto { opening, .. }
            | Self::Notices { opening, .. }
            | Self::Feedback { opening, .. }
            | Self::Undo { opening }
            | Self::Redo { opening }
            | Self::Rematch { opening, .. }
            | Self::Verify { opening, .. }
            | Self::User { opening, .. } => Some(opening),
        }
    }
}

/// How the case of another tool is read.
#[derive(Args)]
pub struct Foreign {
    /// Read the sources as cases of another tool: its media are loaded, and what it said of them is kept as its opinion.
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub form: Option<ForeignForm>,
    /// Folder that the paths of media start from; without it, the folder of the file.
    #[arg(long, value_name = "DIR", requires = "form")]
    pub media: Option<PathBuf>,
    /// Scheme of its categories: US, UK, INTERPOL, NL, or an id. Outranks what the file says.
    #[arg(long, requires = "form")]
    pub profile: Option<String>,
    /// What a code means that tools use in opposite ways, e.g. `0=non-pertinent` or `5=uncategorized`.
    #[arg(long, value_name = "CODE=MEANING", requires = "form")]
    pub meaning: Vec<String>,
    /// Only tell what the file has, refuses and asks.
    #[arg(long, requires = "form")]
    pub preview: bool,
}

/// Forms of cases of other tools. The form itself is recognised by content.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ForeignForm {
    /// VICS or C4All.
    Vics,
}

/// Which items are listed; without a word, all.
#[derive(Args)]
#[group(multiple = false)]
pub struct Which {
    /// To be reviewed or decided by a person; odd ones first.
    #[arg(long)]
    pub shown: bool,
    /// Hidden, with the reason.
    #[arg(long)]
    pub hidden: bool,
    /// Could not be read or decoded.
    #[arg(long)]
    pub refused: bool,
    /// Different verdicts.
    #[arg(long)]
    pub conflicts: bool,
}

/// What is done about users. A word, not a command of its own, so that options may stand before and after it.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UserAction {
    /// Lists the users.
    List,
    /// Adds a user, with --role.
    Add,
    /// Removes a user.
    Remove,
    /// Changes your own passphrase.
    Passphrase,
}
