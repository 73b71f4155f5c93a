//! What crosses to the window about other tools: their cases before they are added, what they say of an item, and a case
//! that was written for them.

use domain::UtcTime;
use serde::{Deserialize, Serialize};

use super::remark::Remark;

/// Names the case of another tool, and what a person has said about it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ForeignForm {
    /// The file: VICS (JSON, or a zip with it) or C4All (XML).
    pub file: String,
    /// Folder or archive with its media; empty where they lie beside it, or in it.
    pub media: String,
    /// Scheme of its codes; empty where the file says it.
    pub profile: String,
    /// Meanings of codes: code, `non-pertinent` or `uncategorized`.
    pub meanings: Vec<(String, String)>,
}

/// Tells what the case of another tool holds, before anything of it is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ForeignLook {
    /// Name of the file, escaped.
    pub file: String,
    /// Form, e.g. `VICS case 2.0`.
    pub form: String,
    /// Tools that wrote it, with their versions, escaped, at most 20.
    pub tools: Vec<String>,
    /// Scheme of its codes, where the file or the person says it.
    pub scheme: Option<String>,
    /// Cases in it.
    pub cases: u32,
    /// Records of media.
    pub records: u32,
    /// Places where files lay.
    pub places: u32,
    /// Code, escaped, and number of records; an empty code counts those without a verdict.
    pub categories: Vec<(String, u32)>,
    /// Codes whose meaning a person has to say: `0`, `5`.
    pub questions: Vec<String>,
    /// True when nobody has said whose scheme the codes are of.
    pub needs_scheme: bool,
    /// Codes that the scheme does not have, with the number of records.
    pub foreign_codes: Vec<(String, u32)>,
    /// Records whose stored file lies where they say.
    pub stored_found: u32,
    /// Records that name a stored file which is not there.
    pub stored_missing: u32,
    /// Records that name none.
    pub without_stored: u32,
    /// Records whose stored file may not be followed.
    pub stored_refused: u32,
    /// What a person should read.
    pub remarks: Vec<Remark>,
}

/// Tells what another tool said of an item. It decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OpinionView {
    /// Label of the source that it came with.
    pub label: String,
    /// When it was recorded.
    #[cfg_attr(test, ts(type = "string"))]
    pub at: UtcTime,
    /// Tool and version, escaped; empty where the file names none.
    pub tool: String,
    /// Scheme of the code, where it is known.
    pub scheme: Option<String>,
    /// Code as the file has it, escaped; absent without a verdict.
    pub code: Option<String>,
    /// Code in the case's scheme, where that is the scheme of the opinion and has it.
    pub category: Option<String>,
    /// What a person answered that the code means: `non-pertinent` or `uncategorized`.
    pub meaning: Option<String>,
    /// True where it contradicts the decision that is in force.
    pub against_decision: bool,
    /// Series, escaped; empty for none, as in those that follow.
    pub series: String,
    /// Tags, escaped.
    pub tags: String,
    /// Comments, escaped.
    pub comments: String,
    /// Date, as the file has it, escaped.
    pub updated: String,
    /// Words of [`domain::Flags`], and what was said of each.
    pub flags: Vec<(String, bool)>,
    /// What else the record says: name and value, escaped, at most 100, each value of at most 300 characters.
    pub more: Vec<(String, String)>,
    /// Values beyond these; the terminal tells all.
    pub more_left: u32,
}

/// Tells what was written for other tools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct VicsDone {
    /// Contents in it.
    pub media: u32,
    /// Where it lies, escaped.
    pub file: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
}
