//! What a person does in a case: make and open it, see what it has, classify, take back, verify, manage users.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use casefile::{CaseFile, Entropy, ListFilter, NewCase, Passphrase, ProblemKind, UserRole};
use domain::{CategoryCode, SchemeId, Sha256, UserName, UtcTime, Visibility};
use hashset::Sets;
use review::{Circumstances, Schemes};
use serde::Serialize;

use crate::view::remark::RemarkCode;
use crate::view::{ItemLine, ProblemView, Status, StoryView, Undone, UserView, VerifyView};
use crate::{Code, Error, Progress, Setting, report};

/// Holds what opens a case.
pub struct Access {
    /// Folder of the case.
    pub case_dir: PathBuf,
    /// Who opens it.
    pub user: UserName,
    /// What proves it.
    pub passphrase: Passphrase,
}

/// Makes a case; its first user is a team lead.
pub fn new_case(
    access: &Access,
    number: &str,
    unit: &str,
    legal_scope: &str,
    scheme: &SchemeId,
    now: UtcTime,
    entropy: &mut dyn Entropy,
) -> Result<CaseFile, Error> {
    let schemes = Schemes::shipped();
    let Some(scheme) = schemes.scheme(scheme) else {
        let ids: Vec<&str> = schemes.ids().map(|id| id.0.as_str()).collect();
        return Err(Error::new(
            Code::BadInput,
            format!("There is no scheme `{scheme}`."),
            format!("Choose one of: {}.", ids.join(", ")),
        ));
    };
    let case = NewCase {
        number: number.to_owned(),
        unit: unit.to_owned(),
        scheme: scheme.clone(),
        legal_scope: legal_scope.to_owned(),
    };
    Ok(CaseFile::create(&access.case_dir, &case, &access.user, &access.passphrase, now, entropy)?)
}

/// Opens a case for work: nobody else writes to it meanwhile.
pub fn open_case(access: &Access, now: UtcTime) -> Result<CaseFile, Error> {
    Ok(CaseFile::open(&access.case_dir, &access.user, &access.passphrase, now)?)
}

/// Opens a case for reading, beside whoever works in it.
pub fn open_case_reading(access: &Access, now: UtcTime) -> Result<CaseFile, Error> {
    Ok(CaseFile::open_reading(&access.case_dir, &access.user, &access.passphrase, now)?)
}

/// Tells what a case has. With the folder of the sets it also tells whether they have changed since.
pub fn case_status(case: &CaseFile, sets_dir: Option<&Path>, now: UtcTime) -> Result<Status, Error> {
    let sets = match sets_dir {
        Some(dir) => Some(Sets::open(dir)?),
        None => None,
    };
    report::status(case, sets.as_ref(), now)
}

/// Calls `each` for every item that the filter picks, in a fixed order.
pub fn list_items(
    case: &CaseFile,
    which: ListFilter,
    each: &mut dyn FnMut(ItemLine) -> ControlFlow<()>,
) -> Result<(), Error> {
    Ok(case.list(which, &mut |row| each(report::item_line(row)))?)
}

/// Tells an item's whole story.
pub fn item_story(case: &CaseFile, item: &Sha256) -> Result<StoryView, Error> {
    match case.story(item)? {
        Some(story) => {
            let vetoes = case.vetoes()?.remove(item).unwrap_or_default();
            let mut notices = case.notices()?;
            notices.retain(|notice| notice.item == *item);
            let other_tools = case.opinions_of(story.number)?;
            let leads = crate::leads::leads_of(case, story.number)?;
            let sources = case.sources()?;
            let mut view = report::story(story, &sources, vetoes, notices);
            view.other_cases = report::other_cases(case, &other_tools, &sources)?;
            if casefile::contradict(other_tools.iter().map(|row| &row.opinion)) {
                view.tools_conflict = report::verdicts(other_tools.iter().map(|row| &row.opinion));
            }
            view.other_tools = other_tools;
            view.leads = leads.into_iter().map(|line| (line.lead, line.name)).collect();
            Ok(view)
        }
        None => Err(no_such_item(item)),
    }
}

pub(crate) fn no_such_item(item: &Sha256) -> Error {
    Error::new(Code::NotFound, format!("The case has no item {item}."), "Take the SHA-256 from `zeef case list`.")
}

/// Tells what a classification did.
#[derive(Debug, Clone, Serialize)]
pub struct Classified {
    /// Operation in the ledger.
    pub operation: u64,
    /// Category that was given; absent when it was cleared.
    pub category: Option<CategoryCode>,
    /// Its name in English; empty when it was cleared.
    pub name: String,
    /// Number of items.
    pub items: u64,
}

/// Gives items a category of the case's scheme; `None` clears it.
pub fn classify(
    case: &CaseFile,
    category: Option<&str>,
    items: &[Sha256],
    note: Option<&str>,
    now: UtcTime,
) -> Result<Classified, Error> {
    let scheme = case.info().scheme;
    let category = match category {
        None => None,
        Some(text) => match scheme.category(&CategoryCode(text.to_owned())) {
            Some(category) => Some(category),
            None => {
                let codes: Vec<String> =
                    scheme.categories.iter().map(|category| format!("{} ({})", category.code, category.en)).collect();
                return Err(Error::new(
                    Code::BadInput,
                    format!("The scheme {} has no category `{text}`.", scheme.id),
                    format!("Choose one of: {}; or `clear`.", codes.join(", ")),
                ));
            }
        },
    };
    for item in items {
        if case.item(item)?.is_none() {
            return Err(no_such_item(item));
        }
    }
    let name = category.map(|category| category.en.clone()).unwrap_or_default();
    let category = category.map(|category| category.code.clone());
    let operation = case.decide(items, category.clone(), note, now)?;
    Ok(Classified { operation: operation.0, category, name, items: items.len() as u64 })
}

/// Takes back this user's newest decision or veto that has not been taken back.
pub fn undo(case: &CaseFile, now: UtcTime) -> Result<Option<Undone>, Error> {
    with_judge(case, |judge| Ok(case.undo(judge, now)?.map(undone)))
}

/// Does again what this user took back last.
pub fn redo(case: &CaseFile, now: UtcTime) -> Result<Option<Undone>, Error> {
    with_judge(case, |judge| Ok(case.redo(judge, now)?.map(undone)))
}

/// Gives what judges an item by the matches that the case keeps, with other vetoes than before. No set is looked up, so
/// it does not matter whether they are there.
pub(crate) fn with_judge<T>(
    case: &CaseFile,
    work: impl FnOnce(casefile::Judge<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let (schemes, case_scheme) = (Schemes::shipped(), case.info().scheme.id);
    let (freshness, withdrawn) = Default::default();
    let around =
        Circumstances { schemes: &schemes, case_scheme: &case_scheme, freshness: &freshness, withdrawn: &withdrawn };
    work(&|standing, vetoes| review::rejudge(&standing.visibility, &standing.hits, vetoes, &around))
}

fn undone(done: casefile::Undone) -> Undone {
    Undone { operation: done.operation.0, what: done.what, items: done.items }
}

/// Lists the users of a case.
pub fn users(case: &CaseFile) -> Result<Vec<UserView>, Error> {
    let view = |row: casefile::UserRow| UserView {
        name: row.name.to_string(),
        role: row.role.to_string(),
        added: row.added,
        removed: row.removed,
    };
    Ok(case.users()?.into_iter().map(view).collect())
}

/// Adds a user. Only a team lead may.
pub fn add_user(
    case: &CaseFile,
    name: &UserName,
    role: UserRole,
    passphrase: &Passphrase,
    now: UtcTime,
    entropy: &mut dyn Entropy,
) -> Result<(), Error> {
    Ok(case.add_user(name, role, passphrase, now, entropy)?)
}

/// Removes a user. Only a team lead may; the last team lead stays.
pub fn remove_user(case: &CaseFile, name: &UserName, now: UtcTime) -> Result<(), Error> {
    Ok(case.remove_user(name, now)?)
}

/// Changes the passphrase of the user who has opened the case.
pub fn change_passphrase(
    case: &CaseFile,
    passphrase: &Passphrase,
    now: UtcTime,
    entropy: &mut dyn Entropy,
) -> Result<(), Error> {
    Ok(case.change_passphrase(passphrase, now, entropy)?)
}

/// Walks the ledger, the pages, the keys between tables and the reason of every hide. With the folder of the sets, every
/// hide by a version that is installed is looked up again. With a head of the ledger that somebody noted, that operation
/// must still be there: operations that were cut off the end leave no other trace.
pub fn verify_case(
    case: &CaseFile,
    sets_dir: Option<&Path>,
    noted_head: Option<&Sha256>,
    setting: &Setting<'_>,
) -> Result<VerifyView, Error> {
    let mut progress = |step: &str, done, total| {
        (setting.progress)(&Progress { stage: stage(step), done, total: Some(total), ..Progress::default() });
    };
    let report = case.verify_until(&mut progress, &|| setting.is_stopped())?.ok_or_else(Error::stopped)?;
    let (_, head) = case.head()?;
    let told = |found: &casefile::Problem| problem(kind(found.kind), found.to_string());
    let mut problems: Vec<ProblemView> = report.problems.iter().map(told).collect();
    if report.pending > 0 {
        let text = format!(
            "{} of the case's items are neither shown nor hidden, because their derived state was lost: load their sources \
             again with `zeef case add`",
            report.pending
        );
        problems.push(problem(RemarkCode::VerifyPending, text));
    }
    problems.extend(hides_of_other_versions(case)?);
    if let Some(dir) = sets_dir {
        problems.extend(check_hides(case, &Sets::open(dir)?)?);
    }
    problems.extend(vetoed_hides(case)?);
    if let Some(noted) = noted_head
        && !case.has_operation(noted)?
    {
        let text = format!(
            "the ledger has no operation {noted}: operations were cut off its end, or its history was written anew"
        );
        problems.push(problem(RemarkCode::VerifyNotedHead, text));
    }
    Ok(VerifyView {
        sound: problems.is_empty(),
        ledger_rows: report.ledger_rows,
        ledger_head: head,
        hides_checked: report.hides_checked,
        problems,
    })
}

/// Gives the stage for a step of verifying: what is done, and of how much, is told for each step.
fn stage(step: &str) -> &'static str {
    match step {
        "pages" => "verify-pages",
        "ledger" => "verify-ledger",
        "references" => "verify-references",
        "hides" => "verify-hides",
        "sums" => "verify-sums",
        _ => "verify",
    }
}

fn problem(code: RemarkCode, text: String) -> ProblemView {
    ProblemView { code, text }
}

/// Gives the word for a kind of problem of the case itself.
fn kind(kind: ProblemKind) -> RemarkCode {
    match kind {
        ProblemKind::Damaged => RemarkCode::VerifyDamaged,
        ProblemKind::Chain => RemarkCode::VerifyChain,
        ProblemKind::Rows => RemarkCode::VerifyRows,
        ProblemKind::Replay => RemarkCode::VerifyReplay,
        ProblemKind::Reference => RemarkCode::VerifyReference,
        ProblemKind::Hide => RemarkCode::VerifyHide,
        ProblemKind::KnownDecoded => RemarkCode::VerifyKnownDecoded,
        ProblemKind::Derived => RemarkCode::VerifyDerived,
        ProblemKind::Sums => RemarkCode::VerifySums,
        ProblemKind::Keys => RemarkCode::VerifyKeys,
    }
}

/// Counts hides that rest on a version of a set that is not in force: a judging was cut short. A hide names the version
/// that hid the item first; by the last judging that came to its end, the versions in force say the same.
fn hides_of_other_versions(case: &CaseFile) -> Result<Option<ProblemView>, Error> {
    let in_force = case.sets()?;
    let matched = case.is_matched(&Schemes::shipped().versions())?;
    let mut count = 0;
    case.digests(&mut |_, visibility, _, _| {
        if let Visibility::Hidden { why } = visibility {
            let (name, version, _, _) = why.origin();
            let holds = in_force.iter().any(|row| {
                let same = row.stamp.version == version || matched && row.stamp.version > version;
                row.stamp.name == *name && same
            });
            count += u64::from(!holds);
        }
        ControlFlow::Continue(())
    })?;
    Ok((count > 0).then(|| {
        let text = format!(
            "{count} items are hidden by versions of sets that are not in force any more: judge them again with \
             `zeef case rematch`"
        );
        problem(RemarkCode::VerifyOtherVersion, text)
    }))
}

/// Looks every hidden item up again, where the version in force is installed: the entry named must be met.
fn check_hides(case: &CaseFile, sets: &Sets) -> Result<Vec<ProblemView>, Error> {
    let in_force = case.sets()?;
    let matched = case.is_matched(&Schemes::shipped().versions())?;
    let mut problems = Vec::new();
    case.digests(&mut |digests, visibility, _, _| {
        if let Visibility::Hidden { why } = visibility {
            let (name, version, entry, kind) = why.origin();
            let noted = in_force.iter().find(|row| row.stamp.name == *name).map(|row| row.stamp.version);
            let installed = sets.list().iter().find(|info| info.stamp.name == *name).map(|info| info.stamp.version);
            // An older version that a judging by the installed one left standing is said by that one too.
            let says = installed == Some(version) || matched && installed.is_some() && installed == noted;
            let met = || {
                sets.lookup(&digests).iter().any(|hit| hit.set.name == *name && hit.entry == entry && hit.kind == kind)
            };
            if says && !met() {
                let text = format!("{} is hidden by entry {entry} of {name}, which does not have it", digests.sha256);
                problems.push(problem(RemarkCode::VerifyNotInSet, text));
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(problems)
}

/// Finds items that an entry hides of which a person has said that it is wrong about them.
fn vetoed_hides(case: &CaseFile) -> Result<Vec<ProblemView>, Error> {
    let vetoes = case.vetoes()?;
    let items: Vec<Sha256> = vetoes.keys().copied().collect();
    let mut problems = Vec::new();
    for standing in case.standings_of(&items)? {
        let Visibility::Hidden { why } = &standing.visibility else { continue };
        let (set, version, entry, kind) = why.origin();
        let named = standing
            .hits
            .iter()
            .find(|hit| hit.set.name == *set && hit.set.version == version && hit.entry == entry && hit.kind == kind);
        let sha256 = standing.digests.sha256;
        if named.is_some_and(|hit| vetoes[&sha256].iter().any(|veto| veto.covers(hit))) {
            let text = format!("{sha256} is hidden by entry {entry} of {set}, which a person has called wrong");
            problems.push(problem(RemarkCode::VerifyCalledWrong, text));
        }
    }
    Ok(problems)
}
