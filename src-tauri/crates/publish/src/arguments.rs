//! The arguments of `zeef-publish`, as its help shows them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::{AnyDigest, CategoryCode, CodeMeaning, Profile, PublisherId, Role, SetName, UserName, UtcTime};
use zeef_publish::Duty;

/// Builds, signs and releases hash sets.
#[derive(Debug, Parser)]
#[command(name = "zeef-publish", version, about, propagate_version = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The time to use instead of the clock's, RFC 3339; for tests.
    #[arg(long, global = true, hide = true, value_parser = moment)]
    pub now: Option<UtcTime>,
}

/// A repository, and who works in it.
#[derive(Debug, Args)]
pub struct Place {
    /// Folder of the repository.
    pub repo: PathBuf,
    /// Who does this; by default the name of the account.
    #[arg(long)]
    pub by: Option<UserName>,
}

/// A repository, and the person who has to be named.
#[derive(Debug, Args)]
pub struct Person {
    /// Who says so.
    #[arg(long)]
    pub by: UserName,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a repository and its keys.
    Init(Init),
    /// Takes lists in, as the opinion of a contributor; or packages, as that of the unit whose team lead has signed.
    Add(Add),
    /// Takes a content out of the set.
    Withdraw {
        #[command(flatten)]
        place: Place,
        /// MD5, SHA-1 or SHA-256 of the content.
        digest: AnyDigest,
        /// Why; every workstation shows it.
        #[arg(long)]
        reason: String,
    },
    /// Lists contents on which somebody has to decide.
    Conflicts {
        /// Folder of the repository.
        repo: PathBuf,
        /// Writes JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        memory: Memory,
    },
    /// Decides what a content is.
    Decide {
        /// Folder of the repository.
        repo: PathBuf,
        /// MD5, SHA-1 or SHA-256 of the content.
        digest: AnyDigest,
        /// Category of the set's scheme, or `none`.
        category: CategoryCode,
        #[command(flatten)]
        person: Person,
    },
    /// Makes a release, or completes one that was interrupted.
    Release {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        out: Out,
        /// Makes a snapshot, whether one is due or not.
        #[arg(long)]
        snapshot: bool,
        #[command(flatten)]
        memory: Memory,
    },
    /// Signs the timestamp again, and nothing else.
    Timestamp {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        out: Out,
    },
    /// Makes new keys for a role; they count from the next release on.
    Rotate {
        #[command(flatten)]
        place: Place,
        /// Folder of the keys: enough root keys, and room for the new ones.
        #[arg(long)]
        keys: PathBuf,
        /// Whose keys.
        #[arg(long)]
        role: Duty,
        /// Number of new root keys.
        #[arg(long)]
        root_keys: Option<usize>,
        /// How many of them have to sign.
        #[arg(long)]
        threshold: Option<usize>,
    },
    /// Says what workstations may take of a partner.
    Partner(Partner),
    /// Says whether packages of a team lead are taken.
    Lead(Lead),
    /// Sets how much one update may change before a person has to look at it.
    Limits {
        #[command(flatten)]
        place: Place,
        /// Entries that are new or changed.
        #[arg(long, requires_all = ["withdrawals_max", "quarantined_max"])]
        upserts_max: Option<u64>,
        /// Entries that are withdrawn.
        #[arg(long, requires = "upserts_max")]
        withdrawals_max: Option<u64>,
        /// New entries that good sets have too.
        #[arg(long, requires = "upserts_max")]
        quarantined_max: Option<u64>,
    },
    /// Sets the rules by which rows are shared.
    Share {
        #[command(flatten)]
        place: Place,
        /// File of rules.
        #[arg(required_unless_present = "whole")]
        rules: Option<PathBuf>,
        /// Shares the rows whole.
        #[arg(long, conflicts_with = "rules")]
        whole: bool,
    },
    /// Shows a site to this machine alone, until it is ended; prints its address.
    Serve {
        /// Folder of the site.
        site: PathBuf,
        /// Address and port; port 0 is any that is free.
        #[arg(long, default_value = "127.0.0.1:0")]
        address: std::net::SocketAddr,
        /// File whose first line is a token that has to be shown.
        #[arg(long)]
        token_file: Option<PathBuf>,
    },
    /// Tells the last release, what was done since, and what expires when.
    Status {
        /// Folder of the repository.
        repo: PathBuf,
        /// Writes JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Keys and site of a release.
#[derive(Debug, Args)]
pub struct Out {
    /// Folder of the keys.
    #[arg(long)]
    pub keys: PathBuf,
    /// Folder of the site.
    #[arg(long)]
    pub out: PathBuf,
}

/// Memory of the queries.
#[derive(Debug, Args)]
pub struct Memory {
    /// MiB of memory that the queries may use before they spill to disk.
    #[arg(long, default_value_t = 1200, value_parser = clap::value_parser!(u32).range(64..))]
    pub memory_mib: u32,
}

/// Tells what a set claims.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleName {
    /// Classified material.
    Known,
    /// Ordinary files.
    Good,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Known => Self::Known,
            RoleName::Good => Self::Good,
        }
    }
}

/// Makes a repository.
#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    pub place: Place,
    /// Name of the set on every workstation.
    #[arg(long)]
    pub set: SetName,
    /// Title for people.
    #[arg(long)]
    pub title: String,
    /// Scheme of its categories: US, UK, INTERPOL or NL.
    #[arg(long, value_parser = Profile::parse)]
    pub profile: Option<Profile>,
    /// Folder for the keys.
    #[arg(long)]
    pub keys: PathBuf,
    /// Number of root keys.
    #[arg(long, default_value_t = 3)]
    pub root_keys: usize,
    /// How many of them have to sign.
    #[arg(long, default_value_t = 2)]
    pub threshold: usize,
    /// Name of the publisher; by default made of the name of the set.
    #[arg(long)]
    pub publisher: Option<PublisherId>,
    /// What the set claims.
    #[arg(long, default_value = "known")]
    pub role: RoleName,
    /// Where the site is served, http or https.
    #[arg(long)]
    pub address: Option<String>,
    /// Days for which the set may still be taken after its timestamp has expired.
    #[arg(long, default_value_t = 14)]
    pub grace_days: u32,
    /// Days for which a timestamp holds.
    #[arg(long, default_value_t = 7)]
    pub timestamp_days: u32,
    /// Repository whose released rows are shared here, by rules.
    #[arg(long)]
    pub source: Option<PathBuf>,
}

/// Takes lists in.
#[derive(Debug, Args)]
pub struct Add {
    /// Folder of the repository.
    pub repo: PathBuf,
    /// Lists of any form that Zeef reads, or packages of team leads.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Whose opinion it is. A package is its signer's, and this is who takes it in.
    #[arg(long)]
    pub by: UserName,
    /// Scheme of the codes in the lists: US, UK, INTERPOL or NL.
    #[arg(long, value_parser = Profile::parse)]
    pub profile: Option<Profile>,
    /// Category of every row of lists without categories.
    #[arg(long)]
    pub category: Option<CategoryCode>,
    /// What a code means that tools use in opposite ways: CODE=non-pertinent or CODE=uncategorized.
    #[arg(long, value_parser = meaning)]
    pub meaning: Vec<(CategoryCode, CodeMeaning)>,
    /// File of your reading keys, for packages.
    #[arg(long)]
    pub identity: Option<PathBuf>,
}

/// Says something of a partner.
#[derive(Debug, Args)]
pub struct Partner {
    #[command(flatten)]
    pub place: Place,
    /// Name of the partner.
    pub name: PublisherId,
    /// Its root metadata, received by a way that is trusted.
    pub root: PathBuf,
    /// Where it publishes, http or https.
    #[arg(long)]
    pub address: Option<String>,
    /// A code of its scheme that may hide; without any, all may.
    #[arg(long)]
    pub allowed: Vec<CategoryCode>,
    /// Days of grace at most.
    #[arg(long, default_value_t = 14)]
    pub grace_days: u32,
    /// Says that it is no longer trusted.
    #[arg(long)]
    pub revoke: bool,
}

/// Says something of a team lead.
#[derive(Debug, Args)]
pub struct Lead {
    #[command(flatten)]
    pub place: Place,
    /// The person.
    #[arg(long)]
    pub name: String,
    /// The unit.
    #[arg(long)]
    pub unit: String,
    /// Public key, as minisign writes it.
    #[arg(long)]
    pub key: String,
    /// From when the key is valid, RFC 3339.
    #[arg(long, value_parser = moment)]
    pub from: UtcTime,
    /// Until when.
    #[arg(long, value_parser = moment)]
    pub until: UtcTime,
    /// Says that it is no longer trusted.
    #[arg(long)]
    pub revoke: bool,
}

fn moment(text: &str) -> Result<UtcTime, String> {
    UtcTime::parse(text).ok_or_else(|| format!("`{text}` is no time like 2026-03-14T09:26:53Z"))
}

fn meaning(text: &str) -> Result<(CategoryCode, CodeMeaning), String> {
    let (code, meaning) = text.split_once('=').ok_or_else(|| format!("`{text}` is not CODE=MEANING"))?;
    Ok((CategoryCode(code.to_owned()), meaning.parse()?))
}
