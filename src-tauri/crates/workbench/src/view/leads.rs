//! What crosses to the window about leads, clues, links, exports and reports.

use domain::UtcTime;
use serde::{Deserialize, Serialize};

use super::detail::Counted;

/// Holds one label of the vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LabelView {
    /// Code, e.g. `building.socket-f`.
    pub code: String,
    /// Group, in English.
    pub group_en: String,
    /// Group, in Dutch.
    pub group_nl: String,
    /// Label, in English.
    pub en: String,
    /// Label, in Dutch.
    pub nl: String,
    /// Kinds of leads that it fits, in the words of `LeadForm.kind`.
    pub kinds: Vec<String>,
}

/// Holds the vocabulary that labels are chosen from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct VocabularyView {
    /// Identity and version, `id/version`.
    pub id: String,
    /// Labels, by group.
    pub labels: Vec<LabelView>,
}

/// Holds what a person says of a lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LeadForm {
    /// `victim`, `offender`, `place`, `object`, `text`, `device`, `account`, `relation`.
    pub kind: String,
    /// `open`, `followed`, `shared`, `identified`, `closed`.
    pub state: String,
    /// Short name; a victim's is a code name.
    pub name: String,
    /// Codes of labels.
    pub labels: Vec<String>,
    /// Free text.
    pub text: String,
    /// Series that its items belong to.
    pub series: Option<String>,
    /// Latitude, longitude (degrees) and radius (metres), if a place is known.
    pub place: Option<(f64, f64, u32)>,
    /// Numbers of other leads.
    pub related: Vec<u32>,
}

/// Holds one line of the list of leads.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LeadLine {
    /// Number.
    pub lead: u32,
    /// Kind.
    pub kind: String,
    /// State.
    pub state: String,
    /// Name.
    pub name: String,
    /// Items that it rests on.
    pub items: u32,
    /// Regions among its evidence.
    pub regions: u32,
    /// `none`, `now`, or `taken`.
    pub risk: String,
    /// Who has taken it.
    pub risk_by: Option<String>,
    /// Who made it.
    pub by: String,
    /// True when that is this person.
    pub own: bool,
    /// Series.
    pub series: Option<String>,
}

/// Holds a region of a picture: a box has two points (upper left, lower right), an outline three or more. Pixels of the
/// upright picture, whose size stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RegionView {
    /// Width of the picture.
    pub picture_width: u32,
    /// Height of the picture.
    pub picture_height: u32,
    /// True for a box.
    pub rectangle: bool,
    /// Corners.
    pub points: Vec<(u32, u32)>,
}

/// Holds evidence that is to be added.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EvidenceForm {
    /// Number of the item.
    pub number: u32,
    /// Few words on what it shows; may be empty.
    pub caption: String,
    /// A region of it.
    pub region: Option<RegionView>,
    /// A value of its metadata: group, name, value.
    pub metadata: Option<(String, String, String)>,
}

/// Holds one piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EvidenceView {
    /// Number of the evidence.
    #[cfg_attr(test, ts(type = "number"))]
    pub evidence: u64,
    /// Number of the item.
    pub number: u32,
    /// True when the item has a veiled picture at `media:`.
    pub has_picture: bool,
    /// Width of the upright picture.
    pub width: Option<u32>,
    /// Height.
    pub height: Option<u32>,
    /// Caption.
    pub caption: String,
    /// A region of it.
    pub region: Option<RegionView>,
    /// A value of its metadata, escaped: group, name, value.
    pub metadata: Option<(String, String, String)>,
    /// Who added it.
    pub by: String,
    /// When.
    #[cfg_attr(test, ts(type = "string"))]
    pub at: UtcTime,
}

/// Holds one step of a lead's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LeadStep {
    /// `made`, `state`, `name`, `labels`, `text`, `series`, `place`, `related`, `risk`, `evidence-added`,
    /// `evidence-changed`, `evidence-removed`, `undone`, `redone`.
    pub what: String,
    /// The new state, or the number of pieces of evidence, where that says more.
    pub value: Option<String>,
    /// Who.
    pub by: String,
    /// When.
    #[cfg_attr(test, ts(type = "string"))]
    pub at: UtcTime,
}

/// Holds all of a lead.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LeadDetail {
    /// Its line.
    pub line: LeadLine,
    /// What people say of it.
    pub form: LeadForm,
    /// Evidence, by number of the item and then in the order of adding.
    pub evidence: Vec<EvidenceView>,
    /// Clues that its items share, the strongest first.
    pub clues: Vec<ClueLine>,
    /// Series that sets name for its items, with counts.
    pub set_series: Vec<Counted>,
    /// Its log, the newest first.
    pub log: Vec<LeadStep>,
}

/// Holds one clue: what several items share by their data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ClueLine {
    /// `serial`, `lens-serial`, `camera`, `software`, `owner`, `place`, `folder`, `sequence`, `thumbnail-differs`,
    /// `original`.
    pub kind: String,
    /// What it is, escaped: e.g. `EOS 2000D, 063021`.
    pub value: String,
    /// The figures of a place, so that the window says them in its own language.
    pub place: Option<PlaceShown>,
    /// Items that have it.
    pub items: u32,
    /// Numbers of the first of them, at most 500.
    pub numbers: Vec<u32>,
}

/// Holds the figures of a place with no more digits than its radius bears.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PlaceShown {
    /// Latitude, degrees north.
    pub latitude: f64,
    /// Longitude, degrees east.
    pub longitude: f64,
    /// Digits behind the point.
    pub digits: u32,
    /// Radius, metres.
    pub radius_m: u32,
}

impl PlaceShown {
    /// Reads the figures of a value of this kind; none where it is no place.
    pub(crate) fn of(kind: &str, value: &str) -> Option<Self> {
        let place = (kind == "place").then(|| review::clues::place::read(value))??;
        let review::clues::place::Shown { latitude, longitude, digits, radius_m } = place;
        Some(Self { latitude, longitude, digits, radius_m })
    }
}

/// Holds one point of the map: items whose places are not told apart at the precision of their data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MapPoint {
    /// Latitude, degrees north.
    pub latitude: f64,
    /// Longitude, degrees east.
    pub longitude: f64,
    /// How exact the data are, metres.
    pub radius_m: u32,
    /// Items there.
    pub items: u32,
    /// Numbers of the first of them, at most 500.
    pub numbers: Vec<u32>,
    /// The lead that names this place, if it comes from one.
    pub lead: Option<u32>,
}

/// Holds a device of the time line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DeviceLine {
    /// Key of the device, to be given back; empty for items that name none.
    pub device: String,
    /// Name for a person, escaped.
    pub name: String,
    /// How far its clock is ahead of the true time, seconds; what was set last.
    pub clock_ahead_s: i32,
    /// Why that is believed.
    pub clock_reason: String,
    /// Number of dated items.
    pub items: u32,
    /// Each: time of taking by the device's wall clock, corrected by its offset, in seconds since 1970 as if it were UTC;
    /// number of the item. At most 20,000, by time.
    pub taken: Vec<(f64, u32)>,
}

/// Holds the time line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TimeLine {
    /// Devices, the one with most items first.
    pub devices: Vec<DeviceLine>,
    /// Items without a time of taking.
    pub undated: u32,
    /// Items that are left out because there are too many.
    pub left_out: u32,
}

/// Holds one item of "likely made here".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MadeHereLine {
    /// Number of the item.
    pub number: u32,
    /// Points of all its reasons.
    pub points: u32,
    /// Reasons: `original`, `device-in-case`, `sequence`, `metadata-whole`, `no-known-match`, `thumbnail-fits`, `unedited`,
    /// each with its points.
    pub reasons: Vec<(String, u32)>,
}

/// Holds the items that were likely made by a device of this case, ranked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MadeHere {
    /// Items with each reason.
    pub reasons: Vec<(String, u32)>,
    /// Items that are ranked at all.
    pub items: u32,
    /// The highest, at most 1,000.
    pub lines: Vec<MadeHereLine>,
}

/// Holds one link between two things.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LinkLine {
    /// `serial`, `place`, `series`, `look-alike`, `region-alike`, `same-item`, `related`, `label`.
    pub kind: String,
    /// What they share, escaped.
    pub value: String,
    /// The figures of a place, so that the window says them in its own language.
    pub place: Option<PlaceShown>,
    /// One end.
    pub from: LinkEnd,
    /// The other.
    pub to: LinkEnd,
    /// Items that the link rests on.
    pub items: u32,
    /// Distance, for look-alikes.
    pub distance: Option<u32>,
}

/// Names one end of a link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "end", rename_all = "kebab-case")]
pub enum LinkEnd {
    /// An item of this case.
    Item {
        /// Number.
        number: u32,
    },
    /// A lead of this case.
    Lead {
        /// Number.
        lead: u32,
        /// Name.
        name: String,
    },
    /// A device.
    Device {
        /// Name.
        name: String,
    },
    /// A region that a lead of this case rests on.
    Region {
        /// Number of the lead.
        lead: u32,
        /// Name of the lead.
        name: String,
        /// Number of the item.
        number: u32,
        /// Which of the regions of the lead in this item it is, from 1.
        region: u32,
        /// Number of the evidence.
        #[cfg_attr(test, ts(type = "number"))]
        evidence: u64,
    },
    /// Something of another case.
    Case {
        /// Number of that case.
        number: String,
        /// Lead there, if it is one.
        lead: Option<String>,
    },
}

/// Tells what the regions of a lead look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RegionsView {
    /// Its regions, by number of the item and then in the order of adding.
    pub lines: Vec<RegionLine>,
    /// Regions of the case that nobody has looked at yet; they come with the next answers.
    pub waiting: u32,
}

/// Tells what a region of a lead looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RegionLine {
    /// Number of the evidence.
    #[cfg_attr(test, ts(type = "number"))]
    pub evidence: u64,
    /// Number of the item.
    pub number: u32,
    /// Which of the regions of the lead in this item it is, from 1.
    pub region: u32,
    /// `usable`; `poor` where it shows too little to be compared; `unknown` where its source is not there.
    pub standing: String,
    /// Regions of other leads of this case that look like it, the nearest first.
    pub alike: Vec<RegionAlike>,
}

/// Names a region of another lead that looks like one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RegionAlike {
    /// Number of the lead.
    pub lead: u32,
    /// Its name.
    pub name: String,
    /// Number of the item.
    pub number: u32,
    /// Which of the regions of that lead in the item it is, from 1.
    pub region: u32,
    /// Bits that differ, of 256; up to 31 count as alike.
    pub distance: u32,
}

/// Holds a recipient of packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RecipientView {
    /// Name.
    pub name: String,
    /// Public key (age), as it is written.
    pub key: String,
}

/// Holds the wish for an export.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExportForm {
    /// `classified` or `all`.
    pub what: String,
    /// Recipients: name and public key (age).
    pub recipients: Vec<(String, String)>,
    /// True when the media go along.
    pub media: bool,
    /// Why, for the ledger.
    pub reason: String,
}

/// Holds one export that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExportLine {
    /// Number of the request within the case.
    pub request: u32,
    /// `asked`, `signed`, or `withdrawn`.
    pub state: String,
    /// What.
    pub what: String,
    /// Whether media go along.
    pub media: bool,
    /// Recipients.
    pub recipients: Vec<RecipientView>,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub by: String,
    /// When.
    #[cfg_attr(test, ts(type = "string"))]
    pub at: UtcTime,
    /// Who signed.
    pub signed_by: Option<String>,
    /// When.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub signed_at: Option<UtcTime>,
    /// SHA-256 of the package, hex.
    pub package_sha256: Option<String>,
    /// True when this person may sign it.
    pub may_sign: bool,
    /// Why not, where not: `asked-it`, `no-team-lead`, `done`.
    pub why_not: Option<String>,
    /// Items of the sample, and those of them that were looked at before it was signed; absent where nobody has signed, or
    /// in signatures from before samples were noted.
    pub sample: Option<(u32, u32)>,
}

/// Holds the sample that is looked at before an export is signed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExportSample {
    /// Items that leave.
    pub leaves: u32,
    /// The sample, in the order in which it was drawn.
    pub items: Vec<SampleItem>,
    /// The same items as the grid shows them; none in a terminal.
    pub tiles: Vec<super::grid::Tile>,
}

/// Holds one item of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SampleItem {
    /// Number.
    pub number: u32,
    /// SHA-256, hex.
    pub sha256: String,
    /// Category with which it leaves.
    pub category: Option<String>,
    /// True when there is a picture of it to look at.
    pub has_picture: bool,
    /// True when this person has looked at it clearly, whole or in part, since the export was asked for.
    pub looked: bool,
}

/// Holds what a package would have, counted before anybody signs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExportPreview {
    /// By category: code, items, confirmed by two or more, one opinion, disputed.
    pub categories: Vec<(Option<String>, u32, u32, u32, u32)>,
    /// Items in it.
    pub items: u32,
    /// Items with a series.
    pub with_series: u32,
    /// Items with the flag "victim identified".
    pub victim_identified: u32,
    /// Vetoes.
    pub vetoes: u32,
    /// Bytes of media that would go along.
    pub media_bytes: f64,
    /// What the program checked.
    pub checks: Vec<ExportCheck>,
}

/// Holds one thing that the program checked before an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ExportCheck {
    /// `decided-by-people`, `nothing-else-goes-along`, `sets-fresh`, `scheme-translates`, `ledger-whole`, `disputed`,
    /// `media-there`.
    pub what: String,
    /// `fine`, `know`, or `stops`.
    pub standing: String,
    /// Figures and names that the sentence needs.
    pub values: Vec<(String, String)>,
}

/// Tells what is stated of an act, as prosecutors count a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct QualificationLine {
    /// `possession`, `distribution`, `production`, `abuse`.
    pub act: String,
    /// Items; absent where it is unstated.
    pub items: Option<u32>,
    /// Who stated it, or took the number away; absent where nobody ever did.
    pub by: Option<String>,
    /// When.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub at: Option<UtcTime>,
}

/// Tells what writing a report gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReportDone {
    /// Pages of the PDF.
    pub pages: u32,
    /// SHA-256 of the PDF, hex.
    pub sha256: String,
    /// Where the PDF lies, escaped.
    pub pdf: String,
    /// Where the figures lie, escaped.
    pub json: String,
}
