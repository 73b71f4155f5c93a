//! Packages: what a team lead has signed in a case becomes a contribution of their unit. The list of team leads is the one
//! that this repository keeps and publishes.

use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use dispatch::package::{self, Fault, Head, ITEMS_FILE, Opened, PackageError};
use domain::{
    CategoryCode, ClassifiedItem, CodeMeaning, Entry, EntryDigests, EntryId, EntryRefusal, Meanings, Profile, Role,
    Scheme, Sha256, UserName, UtcTime, Verdict,
};
use review::Schemes;
use serde::{Deserialize, Serialize};

use crate::columns::Beside;
use crate::contribute::{Contribution, Reading};
use crate::disk;
use crate::error::PublishError;
use crate::journal::Operation;
use crate::repository::Repository;

/// What separates the names of series in a table.
const BETWEEN_SERIES: &str = "; ";

/// What the journal keeps of a package that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakenPackage {
    /// SHA-256 of its signed manifest: it is taken once, however often it is encrypted anew.
    pub id: Sha256,
    /// Whose opinion it is: the unit of the signer. Leads of one unit have one opinion.
    pub contributor: UserName,
    /// The team lead who has signed, as the list has them.
    pub signer: String,
    /// Number of the key, as minisign shows it.
    pub key_id: String,
    /// Who asked for it in the case.
    pub requested_by: UserName,
    /// Id of the case.
    pub case_id: String,
    /// Number of the case.
    pub case_number: String,
    /// When it was made.
    pub made: UtcTime,
    /// Operations that the case's ledger had then.
    pub operations: u64,
    /// Items in it.
    pub items: u64,
    /// Items on which nobody has said anything: they are no part of the table.
    pub unsaid: u64,
    /// Items on which the people of the case disagree: they are in the table without an opinion.
    pub disputed: u64,
    /// Entries of this set that were called wrong.
    pub vetoes: u64,
    /// Entries of other sets that were called wrong.
    pub other_vetoes: u64,
}

/// Takes a package in. `identity` is the file of the custodian's reading keys.
pub(crate) fn add(
    repo: &Path,
    file: &Path,
    identity: &Path,
    by: &UserName,
    now: UtcTime,
) -> Result<Contribution, PublishError> {
    let mut repository = Repository::open(repo)?;
    repository.own_contributions()?;
    if repository.config.role == Role::Good {
        let what = "it has categories of classified material, and this set is of ordinary files";
        return Err(PublishError::refused(file, what, "Add it to a known set."));
    }
    let keys = disk::read_secret_text(identity)?;
    let list = repository.journal.next();
    let table = format!("contributions/{list:07}.parquet");
    let path = repository.at(&table);
    let taken = taken(&repository, file, &keys, &path, list, now);
    let (opened, package, reading) = taken.inspect_err(|_| drop(disk::remove(&disk::unfinished(&path))))?;
    let (rows, codes) = (reading.row, reading.codes.clone());
    let refused = domain::refused_in_words(&reading.refused);
    let entries = reading.finish()?;
    let scheme = &opened.head.scheme;
    let label = |code: &String| scheme.category(&CategoryCode(code.clone())).map(|category| category.en.clone());
    let contribution = Contribution {
        table_sha256: disk::sha256_of(&path)?,
        table,
        source: file.file_name().map(|name| domain::escaped(name.as_encoded_bytes())).unwrap_or_default(),
        source_sha256: opened.sha256,
        kind: "package of Zeef".to_owned(),
        profile: Some(Profile(scheme.id.clone())),
        category: None,
        meanings: meanings(scheme),
        rows,
        entries,
        without_sha256: 0,
        refused,
        labels: codes.keys().filter_map(|code| Some((code.clone(), label(code)?))).collect(),
        codes,
        remarks: remarks(&package),
        package: Some(Box::new(package)),
    };
    repository.note(now, by, Operation::Add(Box::new(contribution.clone())))?;
    Ok(contribution)
}

/// Verifies a package and puts its items into a table that is not finished yet.
fn taken(
    repository: &Repository,
    file: &Path,
    keys: &str,
    table: &Path,
    list: u64,
    now: UtcTime,
) -> Result<(Opened, TakenPackage, Reading), PublishError> {
    let mut found: Option<(TakenPackage, Reading)> = None;
    let mut each = |opened: &Opened, name: &str, from: &mut dyn Read| {
        if name != ITEMS_FILE {
            return Ok(());
        }
        let mut package = checked(repository, file, opened)?;
        let mut reading = Reading::begin(table, &package.contributor, list)?;
        read(repository, file, &opened.head, from, &mut package, &mut reading)?;
        found = Some((package, reading));
        Ok::<(), PublishError>(())
    };
    let opened = package::open_for(file, keys, &repository.leads(), now, &mut each)?;
    let refused = |what: &str, hint: &str| Err(PublishError::refused(file, what, hint));
    match found {
        None => refused("it holds no items", "Ask for the export of a classification set."),
        Some((package, _)) if package.items != opened.head.items => {
            refused("it holds another number of items than was signed", "Ask its signer for it again.")
        }
        Some((_, reading)) if reading.taken == 0 => {
            refused("nobody has said anything of its items", "Ask for it again when items are classified.")
        }
        Some((package, reading)) => Ok((opened, package, reading)),
    }
}

/// Checks what only the repository knows of a package that holds: whose it is, and whether it was here before.
fn checked(repository: &Repository, file: &Path, opened: &Opened) -> Result<TakenPackage, PublishError> {
    let head = &opened.head;
    let taken =
        || repository.journal.contributions().filter_map(|(record, list)| Some((record.seq, list.package.as_ref()?)));
    if let Some((seq, _)) = taken().find(|(_, before)| before.id == opened.id) {
        let what = format!("the same package was taken before, in line {seq} of the journal");
        return Err(PublishError::refused(file, what, "Nothing has to be done."));
    }
    // An older word on a case must not undo a newer one.
    let newer =
        taken().find(|(_, before)| before.case_id == head.case_id && before.operations > head.ledger.operations);
    if let Some((seq, _)) = newer {
        let what = format!("a newer package of the same case was taken before, in line {seq} of the journal");
        return Err(PublishError::refused(file, what, "Ask the unit to export the case again."));
    }
    if let Some(shipped) = Schemes::shipped().scheme(&head.scheme.id).filter(|shipped| !is_same(shipped, &head.scheme))
    {
        let what = format!("its scheme {} has other categories than the one of this version of Zeef", shipped.id);
        return Err(PublishError::refused(file, what, "Use the version of Zeef that the unit has."));
    }
    let unit: Result<UserName, _> = opened.signer.unit.parse();
    let contributor = unit.map_err(|error| {
        let what = format!("the unit of its signer cannot name a contributor: {error}");
        PublishError::refused(file, what, "Give the lead another unit: zeef-publish lead")
    })?;
    Ok(TakenPackage {
        id: opened.id,
        contributor,
        signer: domain::escaped(opened.signer.name.as_bytes()),
        key_id: opened.key_id.clone(),
        requested_by: head.requested_by.clone(),
        case_id: head.case_id.clone(),
        case_number: head.case_number.clone(),
        made: head.made,
        operations: head.ledger.operations,
        items: 0,
        unsaid: 0,
        disputed: 0,
        vetoes: 0,
        other_vetoes: 0,
    })
}

/// Tells whether two schemes have the same categories, whatever they are called.
fn is_same(one: &Scheme, other: &Scheme) -> bool {
    let codes = |scheme: &Scheme| -> Vec<_> {
        let categories = scheme.categories.iter();
        categories.map(|c| (c.code.clone(), c.unclassified, c.ambiguous, c.ordinary)).collect()
    };
    codes(one) == codes(other)
}

/// Says what the codes mean that other tools use in opposite ways: in a case of Zeef they mean what the scheme says.
fn meanings(scheme: &Scheme) -> Meanings {
    let meant = |unclassified: bool| if unclassified { CodeMeaning::Uncategorized } else { CodeMeaning::NonPertinent };
    let ambiguous = scheme.categories.iter().filter(|category| category.ambiguous);
    ambiguous.map(|category| (category.code.clone(), meant(category.unclassified))).collect()
}

/// Reads the items into the table.
fn read(
    repository: &Repository,
    file: &Path,
    head: &Head,
    from: &mut dyn Read,
    package: &mut TakenPackage,
    reading: &mut Reading,
) -> Result<(), PublishError> {
    let mut wrong = None;
    let count = package::read_items(from, &mut |item| {
        package.items += 1;
        match row(repository, head, &item, package) {
            Ok(Row::Taken(entry, beside)) => reading.put(Some(entry), &beside),
            Ok(Row::Refused(refusal)) => {
                *reading.refused.entry(refusal).or_default() += 1;
                reading.put(None, &Beside::default())
            }
            Ok(Row::Unsaid) => {
                package.unsaid += 1;
                reading.put(None, &Beside::default())
            }
            Err(what) => {
                wrong = Some(Fault::Item { line: package.items, what });
                ControlFlow::Break(())
            }
        }
    });
    if let Some(error) = reading.failed.take() {
        return Err(error);
    }
    let fault = wrong.map_or(count.map(drop), Err);
    fault.map_err(|fault| PackageError { path: file.to_owned(), fault }.into())
}

enum Row {
    Taken(Box<Entry>, Beside),
    Refused(EntryRefusal),
    Unsaid,
}

/// Makes the row of an item. `Err` says why it cannot be one of a case with this scheme.
fn row(repository: &Repository, head: &Head, item: &ClassifiedItem, package: &mut TakenPackage) -> Result<Row, String> {
    let is_of_scheme = |code: &CategoryCode| head.scheme.categories.iter().any(|category| category.code == *code);
    let codes = item.votes.iter().map(|vote| &vote.category).chain(&item.category);
    if let Some(code) = codes.into_iter().find(|code| !is_of_scheme(code)) {
        return Err(format!("its scheme has no category `{}`", domain::escaped(code.0.as_bytes())));
    }
    if item.digests.size_bytes == 0 {
        return Ok(Row::Refused(EntryRefusal::EmptyFile));
    }
    let nothing = item.category.is_none()
        && item.votes.is_empty()
        && item.series.is_empty()
        && item.vetoes.is_empty()
        && item.flags == Default::default();
    // The contents of a case on which nobody has a word are nobody else's business.
    if nothing {
        return Ok(Row::Unsaid);
    }
    package.disputed += u64::from(item.category.is_none() && !item.votes.is_empty());
    let ours = item.vetoes.iter().filter(|veto| veto.set == repository.config.set).count() as u64;
    package.vetoes += ours;
    package.other_vetoes += item.vetoes.len() as u64 - ours;
    let digests =
        EntryDigests { md5: Some(item.digests.md5), sha1: Some(item.digests.sha1), sha256: Some(item.digests.sha256) };
    let verdict = item.category.clone().map_or(Verdict::Unclassified, Verdict::Category);
    let entry = Entry {
        size_bytes: Some(item.digests.size_bytes),
        flags: item.flags,
        series: item.series.join(BETWEEN_SERIES),
        pdq: item.pdq,
        ..Entry::bare(EntryId(package.items), digests, verdict)
    };
    let agreeing = item.votes.iter().filter(|vote| Some(&vote.category) == item.category.as_ref()).count();
    let vetoes = (!item.vetoes.is_empty()).then(|| serde_json::to_string(&item.vetoes)).transpose();
    let beside = Beside {
        votes: i64::try_from(agreeing).ok(),
        vetoed: Some(ours > 0),
        vetoes: vetoes.map_err(|error| error.to_string())?,
    };
    Ok(Row::Taken(Box::new(entry), beside))
}

fn remarks(package: &TakenPackage) -> Vec<String> {
    let TakenPackage { signer, contributor, case_number, made, .. } = package;
    let case_number = domain::escaped(case_number.as_bytes());
    let mut out = vec![format!("signed by {signer} of {contributor}, case {case_number}, made at {made}")];
    let mut count = |count: u64, what: &str| {
        if count > 0 {
            out.push(format!("{count} × {what}"));
        }
    };
    count(package.unsaid, "an item on which nobody has said anything was left out");
    count(package.disputed, "the people of the case disagree: taken without an opinion");
    count(package.vetoes, "an entry of this set is called wrong: see zeef-publish conflicts");
    count(package.other_vetoes, "an entry of another set is called wrong: tell its publisher");
    out
}
