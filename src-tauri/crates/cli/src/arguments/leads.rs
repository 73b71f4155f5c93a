//! The words of `zeef lead`, `zeef links` and `zeef index`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use workbench::{LeadKind, LeadState, Sha256};

use super::{Language, Opening};

#[derive(Subcommand)]
pub enum LeadCommand {
    /// Makes a lead.
    New {
        #[command(flatten)]
        opening: Opening,
        /// What it may identify: victim, offender, place, object, text, device, account or relation.
        #[arg(long)]
        kind: LeadKind,
        #[command(flatten)]
        what: Said,
        /// Items that it rests on.
        #[arg(long, value_name = "SHA256")]
        item: Vec<Sha256>,
        /// A child may be at risk now: the lead stands on every screen until somebody takes it.
        #[arg(long)]
        risk: bool,
    },
    /// Tells all of a lead.
    Show {
        #[command(flatten)]
        opening: Opening,
        /// Number of the lead.
        lead: u32,
    },
    /// Lists the leads.
    List {
        #[command(flatten)]
        opening: Opening,
    },
    /// Changes what is said of a lead; what is not named stays as it is.
    Change {
        #[command(flatten)]
        opening: Opening,
        /// Number of the lead.
        lead: u32,
        /// What it may identify.
        #[arg(long)]
        kind: Option<LeadKind>,
        #[command(flatten)]
        what: Said,
    },
    /// Adds evidence to a lead: items, or a region or a value of the metadata of one; or takes evidence away.
    Evidence {
        #[command(flatten)]
        opening: Opening,
        /// Number of the lead.
        lead: u32,
        /// Items.
        #[arg(required_unless_present = "remove")]
        sha256: Vec<Sha256>,
        #[command(flatten)]
        part: Part,
        /// Few words on what it shows.
        #[arg(long, value_name = "TEXT", default_value = "")]
        caption: String,
        /// Take this piece of evidence away, by its number; may be given again.
        #[arg(long, value_name = "N", conflicts_with_all = ["sha256", "region", "outline", "metadata", "caption"])]
        remove: Vec<u64>,
    },
    /// Says how far a lead is: open, followed, shared, identified or closed.
    State {
        #[command(flatten)]
        opening: Opening,
        /// Number of the lead.
        lead: u32,
        /// The state.
        state: LeadState,
    },
    /// Puts labels of the vocabulary on a lead, or takes them off. Without a label: lists the vocabulary.
    Label {
        #[command(flatten)]
        opening: Opening,
        /// Number of the lead.
        lead: Option<u32>,
        /// Codes of labels, e.g. `building.socket-f`.
        #[arg(requires = "lead", value_name = "LABEL")]
        labels: Vec<String>,
        /// Take these labels off.
        #[arg(long, requires = "labels")]
        off: bool,
        /// Language of the list.
        #[arg(long, value_enum, default_value_t = Language::En)]
        lang: Language,
    },
    /// Says that a child may be at risk now, takes such a warning, or lowers it.
    Risk {
        #[command(flatten)]
        opening: Opening,
        /// Number of the lead.
        lead: u32,
        /// You take it.
        #[arg(long, conflicts_with = "lower")]
        take: bool,
        /// It is over, or was none.
        #[arg(long)]
        lower: bool,
    },
}

impl LeadCommand {
    /// Gives what opens the case.
    pub fn opening(&self) -> &Opening {
        match self {
            Self::New { opening, .. }
            | Self::Show { opening, .. }
            | Self::List { opening }
            | Self::Change { opening, .. }
            | Self::Evidence { opening, .. }
            | Self::State { opening, .. }
            | Self::Label { opening, .. }
            | Self::Risk { opening, .. } => opening,
        }
    }
}

/// What is said of a lead. A word that is not given says nothing.
#[derive(Args)]
pub struct Said {
    /// Short name; a victim's is a code name, never the real one.
    #[arg(long)]
    pub name: Option<String>,
    /// Free text.
    #[arg(long)]
    pub text: Option<String>,
    /// Label of the vocabulary; may be given again. On a change: all that it has from now on.
    #[arg(long, value_name = "CODE")]
    pub label: Option<Vec<String>>,
    /// Series that its items belong to; an empty one takes it away.
    #[arg(long)]
    pub series: Option<String>,
    /// Where: degrees north, degrees east, and the radius in which it lies in metres; `none` takes it away.
    #[arg(long, value_name = "LAT,LON,METRES", allow_hyphen_values = true)]
    pub place: Option<String>,
    /// Another lead that it is about or belongs with; may be given again. On a change: all from now on.
    #[arg(long, value_name = "LEAD")]
    pub related: Option<Vec<u32>>,
}

/// What of an item is evidence; without a word, all of it.
#[derive(Args)]
#[group(multiple = false)]
pub struct Part {
    /// A box in the picture, in pixels from its upper left corner.
    #[arg(long, value_name = "X,Y,WIDTH,HEIGHT")]
    pub region: Option<String>,
    /// An outline in the picture: three corners or more.
    #[arg(long, value_name = "X,Y X,Y X,Y ...")]
    pub outline: Option<String>,
    /// A value of its metadata, by group and name as `zeef case why` tells them, e.g. exif:BodySerialNumber.
    #[arg(long, value_name = "GROUP:NAME")]
    pub metadata: Option<String>,
}

/// Links between items, leads and devices.
#[derive(Args)]
pub struct Links {
    #[command(flatten)]
    pub opening: Opening,
    /// Only those of this lead and its items.
    #[arg(long)]
    pub lead: Option<u32>,
    /// Links to other cases too, by this index.
    #[arg(long, value_name = "CASES-INDEX", conflicts_with = "lead")]
    pub across: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum IndexCommand {
    /// Adds what a case has to your index over cases: serials, digests, labels of leads. Done again, it replaces it.
    Add {
        #[command(flatten)]
        opening: Opening,
        /// File of the index; it is made if it is not there.
        #[arg(long, value_name = "FILE")]
        index: PathBuf,
    },
}
