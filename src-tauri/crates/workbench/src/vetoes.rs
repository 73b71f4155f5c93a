//! Vetoes: a person says that an entry is wrong about an item, and the item is shown at once.

use std::path::PathBuf;

use casefile::{CaseFile, VetoedEntry};
use domain::{EntryId, Hit, SetName, Sha256, Visibility};
use hashset::Sets;
use review::Schemes;

use crate::arrivals::News;
use crate::case::{no_such_item, with_judge};
use crate::judging::Rules;
use crate::rematch::read_returned;
use crate::stacking::find_stacks;
use crate::view::{RematchSummary, VetoView, VetoedView};
use crate::{Code, Error, Setting, report};

/// Most entries that are called wrong in one step.
const VETOES_MAX: usize = 64;

/// Says what is called wrong, and why.
#[derive(Debug, Clone)]
pub struct VetoRequest {
    /// Folder of the case.
    pub case_dir: PathBuf,
    /// Folder of the hash sets.
    pub sets_dir: PathBuf,
    /// Item.
    pub item: Sha256,
    /// Why.
    pub reason: String,
    /// Which entries.
    pub of: VetoOf,
}

/// Says which entries are called wrong about an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VetoOf {
    /// The one that hides it.
    Hiding,
    /// Every one that hides it, or would where another one did not, at most [`VETOES_MAX`].
    AllHiding,
    /// All of a set that it met.
    Set(SetName),
    /// One, of a set or of whichever has that number.
    Entry(Option<SetName>, EntryId),
}

/// Calls an entry wrong about an item. It is shown at once, unless another entry hides it too; then its picture is read
/// and decoded, where its source and the sets by which the case was matched are there.
pub fn veto(case: &CaseFile, request: &VetoRequest, setting: &Setting<'_>) -> Result<VetoView, Error> {
    if request.reason.trim().is_empty() {
        let hint = "Say why with --reason: it stands in the ledger, and leaves as feedback.";
        return Err(Error::new(Code::BadInput, "A veto needs a reason.", hint));
    }
    let item = &request.item;
    let standing = case.standings_of(&[*item])?.pop().ok_or_else(|| no_such_item(item))?;
    // Without the folder, nothing tells whether numbers of entries last, and the veto covers more rather than less.
    let sets = Sets::open(&request.sets_dir).ok();
    let is_lasting = |name: &SetName| sets.as_ref().is_some_and(|sets| sets.is_lasting(name));
    let meant: Vec<Hit> = match &request.of {
        VetoOf::AllHiding => hiding(case, item, standing.hits)?,
        of => standing.hits.into_iter().filter(|hit| is_meant(hit, of, &standing.visibility)).collect(),
    };
    if meant.is_empty() {
        return Err(Error::new(
            Code::NotFound,
            "No entry that this item met is meant: nothing hides it, or it did not meet the entry that was named.",
            "See what it met with `zeef case why`, and name that with --set and --entry.",
        ));
    }
    let entries: Vec<VetoedEntry> = meant
        .iter()
        .map(|hit| VetoedEntry {
            set: hit.set.name.clone(),
            version: hit.set.version,
            entry: hit.entry,
            // A publisher may give the same content another entry later, and mean the same by it. Only who names an entry
            // means that one and no other.
            lasting: matches!(request.of, VetoOf::Entry(..)) && is_lasting(&hit.set.name),
        })
        .collect();
    let now = (setting.now)();
    let operation = with_judge(case, |judge| Ok(case.veto(item, &entries, request.reason.trim(), judge, now)?))?;
    let mut view = VetoView {
        operation: operation.0,
        item: *item,
        entries: entries
            .into_iter()
            .map(|entry| VetoedView { set: entry.set, version: entry.version, entry: entry.entry })
            .collect(),
        still_hidden_by: None,
        decoded: false,
    };
    if let Some(Visibility::Hidden { why }) = case.item(item)?.map(|row| row.rule) {
        view.still_hidden_by = Some(why);
        return Ok(view);
    }
    if let Some(sets) = sets.filter(|sets| report::set_rows(sets) == case.sets().unwrap_or_default()) {
        let schemes = Schemes::shipped();
        let rules = Rules::of(case, &sets, &schemes, setting)?;
        read_returned(case, &request.case_dir, &rules, Some(item), setting, &mut RematchSummary::default())?;
        find_stacks(case, setting)?;
    }
    view.decoded = case.item(item)?.is_some_and(|row| row.width.is_some());
    Ok(view)
}

/// Finds the hits of an item without which nothing hides it, one for each entry: that which hides it, that which would hide
/// it then, and so on.
fn hiding(case: &CaseFile, item: &Sha256, mut hits: Vec<Hit>) -> Result<Vec<Hit>, Error> {
    let (schemes, case_scheme) = (Schemes::shipped(), case.info().scheme.id);
    let vetoes = case.vetoes()?.remove(item).unwrap_or_default();
    let mut found = Vec::new();
    while let Visibility::Hidden { why } = review::judge_with(&hits, &vetoes, &schemes, &case_scheme) {
        let (set, version, entry, _) = why.origin();
        let is_it = |hit: &Hit| (&hit.set.name, hit.set.version, hit.entry) == (set, version, entry);
        let Some(at) = hits.iter().position(is_it).filter(|_| found.len() < VETOES_MAX) else { break };
        found.push(hits.remove(at));
        hits.retain(|hit| !is_it(hit));
    }
    Ok(found)
}

/// Tells whether the person means this hit.
fn is_meant(hit: &Hit, of: &VetoOf, visibility: &Visibility) -> bool {
    match (of, visibility) {
        (VetoOf::Hiding | VetoOf::AllHiding, Visibility::Hidden { why }) => {
            let (set, version, entry, kind) = why.origin();
            (set, version, entry, kind) == (&hit.set.name, hit.set.version, hit.entry, hit.kind)
        }
        (VetoOf::Hiding | VetoOf::AllHiding, _) => false,
        (VetoOf::Set(set), _) => hit.set.name == *set,
        (VetoOf::Entry(set, entry), _) => hit.entry == *entry && set.as_ref().is_none_or(|set| hit.set.name == *set),
    }
}
