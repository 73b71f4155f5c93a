//! The words of `zeef export`, `zeef package` and `zeef report`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Language, Opening, SetsDir};

/// Which items leave.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Those that a person has given a category.
    Classified,
    /// All.
    All,
}

impl What {
    /// Gives the word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classified => "classified",
            Self::All => "all",
        }
    }
}

#[derive(Subcommand)]
pub enum ExportCommand {
    /// Asks for an export. Somebody else, a team lead, signs it.
    Request {
        #[command(flatten)]
        opening: Opening,
        /// Which items.
        #[arg(long, value_enum)]
        what: What,
        /// Who may read it: `NAME=age1...`, or a file with such lines, as `zeef package key reading` writes it.
        #[arg(long, value_name = "RECIPIENT", required_unless_present = "preview", num_args = 1..)]
        to: Vec<String>,
        /// The media go along, and not only their digests.
        #[arg(long)]
        media: bool,
        /// Why, for the ledger.
        #[arg(long, value_name = "TEXT", default_value = "not stated")]
        reason: String,
        /// Only tell what would be in it, and what the program checked.
        #[arg(long)]
        preview: bool,
        #[command(flatten)]
        sets: SetsDir,
    },
    /// Lists the sample of an export: 20 of the items that leave, drawn without anybody's choice, for whoever signs to look
    /// at in the window.
    Sample {
        #[command(flatten)]
        opening: Opening,
        /// Number of the request.
        request: u32,
    },
    /// Signs an export that somebody else has asked for, and writes its package. The ledger tells how much of the sample
    /// was looked at.
    Sign {
        #[command(flatten)]
        opening: Opening,
        /// Number of the request.
        request: u32,
        /// File of your signing key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// File with the passphrase of the key; without it you are asked.
        #[arg(long, value_name = "F")]
        key_passphrase_file: Option<PathBuf>,
        /// The package; the file must not exist.
        #[arg(long, value_name = "PACKAGE")]
        out: PathBuf,
        #[command(flatten)]
        sets: SetsDir,
    },
    /// Lists the exports that were asked for.
    List {
        #[command(flatten)]
        opening: Opening,
    },
    /// Takes a request back that nobody has signed.
    Withdraw {
        #[command(flatten)]
        opening: Opening,
        /// Number of the request.
        request: u32,
    },
    /// Writes the case as another tool's: VICS 2.0, without media.
    Vics {
        #[command(flatten)]
        opening: Opening,
        /// The file; it must not exist.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

impl ExportCommand {
    /// Gives what opens the case.
    pub fn opening(&self) -> &Opening {
        match self {
            Self::Request { opening, .. }
            | Self::Sample { opening, .. }
            | Self::Sign { opening, .. }
            | Self::List { opening }
            | Self::Withdraw { opening, .. }
            | Self::Vics { opening, .. } => opening,
        }
    }
}

#[derive(Subcommand)]
pub enum PackageCommand {
    /// Checks a package: recipient, signature, signer, and the digest of every file. Nothing is written.
    Verify(Reading),
    /// Checks a package and, when everything holds, writes its files into a new folder.
    Open {
        #[command(flatten)]
        reading: Reading,
        /// The folder; it must not exist.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Makes a key: `signing`, with which a team lead signs, or `reading`, with which a recipient opens packages.
    Key {
        /// What for.
        #[arg(value_enum)]
        purpose: KeyPurpose,
        /// The secret key; the file must not exist. Beside it lies the public key, with `.pub` after its name.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// File with the passphrase of a signing key; without it you are asked.
        #[arg(long, value_name = "F")]
        passphrase_file: Option<PathBuf>,
        /// Name of the recipient, for the file of a reading key.
        #[arg(long, value_name = "NAME", default_value = "")]
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

impl PackageCommand {
    /// Tells whether JSON is wanted.
    pub fn wants_json(&self) -> bool {
        match self {
            Self::Verify(reading) | Self::Open { reading, .. } => reading.json,
            Self::Key { json, .. } => *json,
        }
    }
}

/// What opens a package.
#[derive(Args)]
pub struct Reading {
    /// The package.
    pub package: PathBuf,
    /// File of your reading key.
    #[arg(long, value_name = "FILE")]
    pub identity: PathBuf,
    /// The team leads whose packages are taken; without it, the list that `zeef sync` keeps.
    #[arg(long, value_name = "LEADS.JSON")]
    pub trusted: Option<PathBuf>,
    #[command(flatten)]
    pub sets: SetsDir,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What a key is for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeyPurpose {
    /// To sign packages.
    Signing,
    /// To open them.
    Reading,
}

/// The report of a case.
#[derive(Args)]
pub struct Report {
    #[command(flatten)]
    pub opening: Opening,
    /// Language: `nl` or `en`.
    #[arg(long, value_enum)]
    pub lang: Language,
    /// The report, PDF; the file must not exist. Beside it lie its figures, with `.json` in the place of `.pdf`.
    #[arg(long, value_name = "FILE.pdf")]
    pub out: PathBuf,
    /// What a person counts of the case as a prosecutor does, e.g. `possession=120`; may be given again: possession,
    /// distribution, production, abuse. They overlap. It is an operation of the case and stands in every report from then
    /// on, with who stated it and when; `possession=` leaves it unstated again.
    #[arg(long, value_name = "WORD=ITEMS")]
    pub qualification: Vec<String>,
    #[command(flatten)]
    pub sets: SetsDir,
}
