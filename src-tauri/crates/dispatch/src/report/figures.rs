//! The figures of a report: its machine-readable twin, from which every sum in the report can be made again.

use domain::{CategoryCode, Freshness, Scheme, Sha256, UtcTime};
use serde::{Deserialize, Serialize};

/// Form of the figures; it goes up when a field changes its meaning.
pub const FIGURES_SCHEMA: u32 = 1;

/// Holds every figure of a report. Texts that came out of case media are escaped by whoever fills this in, and again when
/// the report is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// [`FIGURES_SCHEMA`].
    pub schema: u32,
    /// Program and version that counted.
    pub program: String,
    /// The case.
    pub case: CaseOf,
    /// The last operation that the figures include.
    pub as_of: AsOf,
    /// Sources, in the order in which they were added.
    pub sources: Vec<OfSource>,
    /// Sets in force.
    pub sets: Vec<OfSet>,
    /// The whole.
    pub totals: Totals,
    /// Items and occurrences by the category that people gave, and by source.
    pub decided: Vec<OfCategory>,
    /// The same, of what is hidden because a set knows it, in the case's scheme.
    pub known: Vec<OfCategory>,
    /// Items hidden, by set and version.
    pub hidden_by: Vec<HiddenBy>,
    /// Items and places that could not be read, by reason.
    pub refused: Vec<Counted>,
    /// Items of which sets say different things.
    pub conflicts: Conflicts,
    /// By person: items of which this is the person's last opinion, by category.
    pub opinions: Vec<Opinions>,
    /// Items of which people's last opinions differ.
    pub disputed: u64,
    /// Who has, or had, access.
    pub people: Vec<Person>,
    /// Entries of sets that people called wrong.
    pub vetoes: u64,
    /// What other tools said of items: opinions, which decide nothing.
    pub other_tools: Vec<OtherTool>,
    /// What a person states of the case as prosecutors count it. The counts overlap. Empty where nobody has stated any.
    pub qualification: Vec<Stated>,
    /// Leads, without pictures.
    pub leads: Vec<OfLead>,
    /// Packages that were asked for.
    pub exports: Vec<OfExport>,
}

/// Describes the case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseOf {
    /// Number.
    pub number: String,
    /// Unit.
    pub unit: String,
    /// Law and order under which the material may be looked at.
    pub legal_scope: String,
    /// Random identity.
    pub id: String,
    /// When it was made.
    pub created: UtcTime,
    /// By whom.
    pub created_by: String,
    /// Scheme of its categories.
    pub scheme: Scheme,
}

/// Names an operation of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOf {
    /// Its number; so many operations there were.
    pub operation: u64,
    /// When it was.
    pub at: UtcTime,
    /// Its hash, the head of the chain at that moment.
    pub hash: Sha256,
}

/// Describes a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfSource {
    /// Label, e.g. `A01`.
    pub label: String,
    /// Where it lay, escaped.
    pub path: String,
    /// What it is.
    pub kind: String,
    /// When it was added.
    pub added: UtcTime,
    /// By whom.
    pub added_by: String,
    /// Last complete load.
    pub loaded: Option<UtcTime>,
    /// Items with a place in it.
    pub items: u64,
    /// Places that could be read.
    pub occurrences: u64,
    /// Places that could not.
    pub unread: u64,
}

/// Describes a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfSet {
    /// Name.
    pub name: String,
    /// `known` or `good`.
    pub role: String,
    /// Version.
    pub version: u32,
    /// Entries.
    pub entries: u64,
    /// When its publisher made it.
    pub published: Option<UtcTime>,
    /// When it was taken into the local store.
    pub imported: UtcTime,
    /// Whole days between its publication (or import) and [`AsOf::at`].
    pub age_days: i64,
    /// How fresh it was, where its publisher says so.
    pub freshness: Option<Freshness>,
}

/// Counts a case. `shown + hidden + refused = items`, and `items + waiting` is every content and unreadable place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Distinct contents, and places that could not be read.
    pub items: u64,
    /// Places.
    pub occurrences: u64,
    /// Shown for review, or decided.
    pub shown: u64,
    /// Hidden, for a recorded reason.
    pub hidden: u64,
    /// Of these, by a set of known material.
    pub hidden_known: u64,
    /// Of these, by a set of ordinary files.
    pub hidden_ordinary: u64,
    /// Could not be read or decoded.
    pub refused: u64,
    /// Whose derived state is lost until their source is read again.
    pub waiting: u64,
    /// Decided by a person.
    pub decided: u64,
}

/// Counts a category. An item in two sources counts once in all, and once in each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfCategory {
    /// Code in the case's scheme, or `needs-human`.
    pub code: CategoryCode,
    /// Items.
    pub items: u64,
    /// Their places.
    pub occurrences: u64,
    /// The same by source.
    pub by_source: Vec<BySource>,
}

/// Counts a category in one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BySource {
    /// Label of the source.
    pub source: String,
    /// Items with a place in it.
    pub items: u64,
    /// Places in it.
    pub occurrences: u64,
}

/// Counts what a set hides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenBy {
    /// Set.
    pub set: String,
    /// Version that the reason names.
    pub version: u32,
    /// Items.
    pub items: u64,
}

/// Counts something that has a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The word.
    pub name: String,
    /// Items.
    pub items: u64,
}

/// Tells what a person states of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// Word of the act: `possession`, `distribution`, `production`, `abuse`.
    pub name: String,
    /// Items.
    pub items: u64,
    /// Who stated it.
    pub by: String,
    /// When.
    pub at: UtcTime,
    /// In which operation of the ledger.
    pub operation: u64,
}

/// Counts conflicts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflicts {
    /// Items with one.
    pub items: u64,
    /// Of these, decided by a person.
    pub decided: u64,
}

/// Counts the opinions of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinions {
    /// Person.
    pub person: String,
    /// Category and items.
    pub categories: Vec<Counted>,
}

/// Describes a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Role.
    pub role: String,
    /// Since when.
    pub added: UtcTime,
    /// Until when.
    pub removed: Option<UtcTime>,
}

/// Counts what another tool said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherTool {
    /// Tool, as its file has it, escaped.
    pub tool: String,
    /// Code as its file has it; empty where it gave no verdict.
    pub code: String,
    /// Opinions.
    pub opinions: u64,
}

/// Describes a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfLead {
    /// Number.
    pub lead: u32,
    /// Kind.
    pub kind: String,
    /// State.
    pub state: String,
    /// Name; a victim's is a code name.
    pub name: String,
    /// Series.
    pub series: Option<String>,
    /// Labels of the vocabulary.
    pub labels: Vec<LabelOf>,
    /// Items that it rests on.
    pub items: u32,
    /// Regions among its evidence.
    pub regions: u32,
    /// `none`, `now`, or `taken`.
    pub risk: String,
    /// When it was made.
    pub made: UtcTime,
    /// By whom.
    pub by: String,
}

/// Names a label of a lead. The words are empty where the program's vocabulary does not have the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelOf {
    /// Code.
    pub code: String,
    /// In English.
    pub en: String,
    /// In Dutch.
    pub nl: String,
}

/// Describes a package that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfExport {
    /// Number of the request.
    pub request: u32,
    /// `asked`, `signed`, or `withdrawn`.
    pub state: String,
    /// Whether media went along.
    pub media: bool,
    /// Names of the recipients.
    pub recipients: Vec<String>,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: UtcTime,
    /// Who signed.
    pub signed_by: Option<String>,
    /// When.
    pub signed_at: Option<UtcTime>,
    /// SHA-256 of the package, hex.
    pub package_sha256: Option<String>,
    /// What whoever signed had looked at; absent where nobody has signed, or in signatures from before samples were noted.
    pub sample: Option<Sampled>,
}

/// Tells how much of the sample of a package was looked at before it was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampled {
    /// Items of the sample.
    pub of: u32,
    /// Those of them that were looked at.
    pub looked: u32,
}
