//! What a person does to items: decide, mark, write, show again. Each is durable when it is answered.

use std::collections::BTreeMap;

use casefile::MarkKind;
use domain::CategoryCode;

use super::Session;
use super::detail::no_such_number;
use crate::view::grid::{DecideDone, DecidePreview, Mark, Others, Overwrite, Target};
use crate::{Code, Error, Setting, VetoOf, VetoRequest, veto};

/// More items than this are shown before they are decided about.
pub const ASK_ABOVE: usize = 50;
/// Most items that a preview names.
const SAMPLE_MAX: usize = 60;

impl Session {
    /// Tells what a decision would do; `None` clears.
    pub fn decide_preview(&self, target: &Target, category: Option<&str>) -> Result<DecidePreview, Error> {
        let numbers = self.meant(target)?;
        let items = self.items();
        let (mut undecided, mut same) = (0, 0);
        let mut overwrites: BTreeMap<(bool, &str, &str), u32> = BTreeMap::new();
        for number in &numbers {
            match items.table.item(*number).and_then(|item| item.decision) {
                None => undecided += 1,
                Some((given, _)) if Some(given) == category => same += 1,
                Some((given, by)) => *overwrites.entry((by != self.user.as_str(), by, given)).or_default() += 1,
            }
        }
        let overwrites: Vec<Overwrite> = overwrites
            .into_iter()
            .map(|((others, by, category), items)| Overwrite {
                category: category.to_owned(),
                by: by.to_owned(),
                own: !others,
                items,
            })
            .collect();
        Ok(DecidePreview {
            items: numbers.len() as u32,
            undecided,
            same,
            ask: numbers.len() > ASK_ABOVE || overwrites.iter().any(|one| !one.own),
            overwrites,
            sample: numbers.into_iter().take(SAMPLE_MAX).collect(),
        })
    }

    /// Gives items a category of the case's scheme; `None` clears. What has it already is left as it is, unless a note
    /// comes with it.
    pub fn decide(
        &self,
        target: &Target,
        category: Option<&str>,
        others: Others,
        note: Option<&str>,
    ) -> Result<DecideDone, Error> {
        let category = self.category(category)?;
        let deciding = self.deciding.lock();
        let (numbers, kept) = self.to_decide(&self.meant(target)?, category.as_ref(), others, note);
        if numbers.is_empty() {
            return Ok(DecideDone { operation: None, items: 0, kept });
        }
        let operation = self.case.decide_numbers(&numbers, category, note, self.now())?;
        drop(deciding);
        self.follow_own()?;
        Ok(DecideDone { operation: Some(super::count(operation.0)), items: numbers.len() as u32, kept })
    }

    /// Picks the items whose decision would be another one, and counts those that are kept because others decided them.
    fn to_decide(
        &self,
        numbers: &[u32],
        category: Option<&CategoryCode>,
        others: Others,
        note: Option<&str>,
    ) -> (Vec<u32>, u32) {
        let items = self.items();
        let mut kept = 0;
        let mut changed = Vec::with_capacity(numbers.len());
        for number in numbers {
            let decision = items.table.item(*number).and_then(|item| item.decision);
            let same = decision.map(|(given, _)| given) == category.map(|code| code.0.as_str());
            let foreign = decision.is_some_and(|(_, by)| by != self.user.as_str());
            if foreign && !same && others == Others::Keep {
                kept += 1;
            } else if !same || note.is_some() && !foreign && decision.is_some() {
                changed.push(*number);
            }
        }
        (changed, kept)
    }

    /// Finds a category of the case's scheme by its code.
    fn category(&self, code: Option<&str>) -> Result<Option<CategoryCode>, Error> {
        let Some(code) = code else { return Ok(None) };
        let scheme = self.case.info().scheme;
        match scheme.categories.iter().find(|category| category.code.0 == code) {
            Some(category) => Ok(Some(category.code.clone())),
            None => Err(Error::new(
                Code::BadInput,
                format!("The scheme {} has no category `{}`.", scheme.id, domain::escaped(code.as_bytes())),
                "Choose one of the case's categories.",
            )),
        }
    }

    /// Sets a mark of items, or takes it off.
    pub fn mark(&self, target: &Target, mark: Mark, on: bool) -> Result<DecideDone, Error> {
        let kind = match mark {
            Mark::Bookmark => MarkKind::Bookmark,
            Mark::Handover => MarkKind::Handover,
            Mark::NotAlike => MarkKind::NotAlike,
            Mark::OutOfStack => MarkKind::OutOfStack,
        };
        let deciding = self.deciding.lock();
        let numbers = self.meant(target)?;
        let Some(operation) = self.case.mark(&numbers, kind, on, self.now())? else {
            return Ok(DecideDone { operation: None, items: 0, kept: 0 });
        };
        drop(deciding);
        self.follow_own()?;
        let items = self.case.touched(operation)?.len() as u32;
        Ok(DecideDone { operation: Some(super::count(operation.0)), items, kept: 0 })
    }

    /// Writes the note of an item; an empty one removes it.
    pub fn note(&self, number: u32, text: &str) -> Result<(), Error> {
        match self.case.write_note(number, text, self.now())? {
            Some(_) => self.follow_own(),
            None => Ok(()),
        }
    }

    /// Shows a hidden item again: every entry that hides it is called wrong about it, in one step.
    pub fn show_again(&self, number: u32, reason: &str, setting: &Setting<'_>) -> Result<(), Error> {
        let item = self.case.sha256_of(number)?.ok_or_else(|| no_such_number(number))?;
        let request = VetoRequest {
            case_dir: self.case.dir().to_owned(),
            sets_dir: self.around.sets_dir.clone(),
            item,
            reason: reason.to_owned(),
            of: VetoOf::AllHiding,
        };
        let done = veto(&self.case, &request, setting);
        // What was done before a failure is done, and stays shown.
        self.follow()?;
        done.map(drop)
    }
}
