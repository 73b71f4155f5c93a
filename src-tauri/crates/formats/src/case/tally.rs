//! Counts what a case holds while it is read, and hands its records on.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use domain::{CategoryCode, Opinion, Profile, Sha256};

use crate::Fault;

use super::{
    CaseDescription, CaseHead, CaseKind, CaseMedia, CaseNote, CaseReadOptions, CaseRemark, CaseSummary, CodeQuestion,
    Kept, SetAside,
};

/// Most different codes of one case; schemes have a handful, and a hostile file must not fill the memory with them.
const CODES_MAX: usize = 1000;
/// Codes that tools use in opposite ways.
const AMBIGUOUS: [&str; 2] = ["0", "5"];

/// Takes the records of a case.
pub(crate) type CaseSink<'s> = dyn FnMut(CaseMedia) -> ControlFlow<()> + 's;

/// Counts a case. One pass over the file makes one tally.
pub(crate) struct Tally<'s> {
    forward: Option<&'s mut CaseSink<'s>>,
    options: &'s CaseReadOptions,
    /// What the pass before this one found; a tool may name itself after its records.
    known: Option<&'s CaseSummary>,
    /// Kind, once it is recognised.
    pub(crate) kind: Option<CaseKind>,
    pub(crate) version: Option<String>,
    /// What the file itself says of its scheme.
    pub(crate) profile: Option<Profile>,
    pub(crate) cases: Vec<CaseHead>,
    records: u64,
    places: u64,
    categories: BTreeMap<String, u64>,
    without_stored: u64,
    stored_refused: u64,
    /// Fields of the file itself that are not known.
    pub(crate) unknown: Vec<Kept>,
    /// Texts that were read to their end.
    pub(crate) descriptions: Vec<CaseDescription>,
    notes: Vec<CaseNote>,
    /// The form has a closed list of names, so no file can fill this.
    remarks: BTreeMap<SetAside, u64>,
    pub(crate) stopped: bool,
    pub(crate) over_limit: Option<String>,
}

impl<'s> Tally<'s> {
    pub(crate) fn new(options: &'s CaseReadOptions, known: Option<&'s CaseSummary>) -> Self {
        Self {
            forward: None,
            options,
            known,
            kind: None,
            version: None,
            profile: None,
            cases: Vec::new(),
            records: 0,
            places: 0,
            categories: BTreeMap::new(),
            without_stored: 0,
            stored_refused: 0,
            unknown: Vec::new(),
            descriptions: Vec::new(),
            notes: Vec::new(),
            remarks: BTreeMap::new(),
            stopped: false,
            over_limit: None,
        }
    }

    /// Hands every record on from now on.
    pub(crate) fn hand_to(&mut self, sink: &'s mut CaseSink<'s>) {
        self.forward = Some(sink);
    }

    /// Tells whether no more is wanted.
    pub(crate) fn is_done(&self) -> bool {
        self.stopped || self.over_limit.is_some()
    }

    /// Gives the number of the next record.
    pub(crate) fn next_record(&self) -> u64 {
        self.records + 1
    }

    /// Tells how many records were taken.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// Says in a fault how many records were read before it, where it came after `before` of them.
    pub(crate) fn counted(&self, fault: Fault, before: u64) -> Fault {
        match fault {
            Fault::Invalid { offset, what, hint } if self.records > before => {
                let records = self.records - before;
                Fault::Invalid { offset, what: format!("{what}, after {records} records"), hint }
            }
            other => other,
        }
    }

    /// Counts something that was set aside in a record that is kept.
    pub(crate) fn remark(&mut self, what: SetAside) {
        *self.remarks.entry(what).or_default() += 1;
    }

    /// Notes something about the whole file, once.
    pub(crate) fn note(&mut self, note: CaseNote) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Takes one record: numbers it, says whose opinion it holds, counts it and hands it on. After `Break` the reader
    /// returns without reading on.
    pub(crate) fn media(&mut self, mut media: CaseMedia) -> ControlFlow<()> {
        media.record = self.next_record();
        media.case = u32::try_from(self.cases.len()).unwrap_or(u32::MAX);
        self.finish_opinion(media.case, &mut media.opinion);
        self.records += 1;
        self.places += media.files.len() as u64;
        match media.stored_refused {
            Some(why) => {
                self.stored_refused += 1;
                self.remark(SetAside::Path(why));
            }
            None => self.without_stored += u64::from(media.stored.is_empty()),
        }
        if media.precategorized == Some(true) && media.opinion.code.is_none() {
            self.remark(SetAside::Precategorized);
        }
        let code = media.opinion.code.as_ref().map_or("", |code| &code.0);
        if let Some(count) = self.categories.get_mut(code) {
            *count += 1;
        } else if self.categories.len() < CODES_MAX {
            self.categories.insert(code.to_owned(), 1);
        } else {
            self.over_limit = Some(format!("more than {CODES_MAX} different categories"));
            return ControlFlow::Break(());
        }
        let Some(forward) = self.forward.as_mut() else { return ControlFlow::Continue(()) };
        let flow = forward(media);
        self.stopped |= flow.is_break();
        flow
    }

    fn finish_opinion(&self, case: u32, opinion: &mut Opinion) {
        let head = self.known.and_then(|known| known.cases.get(case as usize));
        opinion.tool = head.map(CaseHead::tool_and_version).unwrap_or_default();
        opinion.profile = self.scheme().or(self.known.and_then(|known| known.profile.as_ref())).cloned();
        opinion.meaning = opinion.code.as_ref().and_then(|code| self.options.meanings.get(code).copied());
    }

    fn scheme(&self) -> Option<&Profile> {
        self.options.profile.as_ref().or(self.profile.as_ref())
    }

    /// Gives what was found.
    pub(crate) fn summary(mut self, sha256: Sha256) -> CaseSummary {
        let profile = self.scheme().cloned();
        if self.profile.is_some() && profile != self.profile {
            self.note(CaseNote::OtherProfile);
        }
        let mut questions = Vec::new();
        for (code, records) in self.categories.iter().filter(|(code, _)| !code.is_empty()) {
            let code = CategoryCode(code.clone());
            let answered = self.options.meanings.contains_key(&code);
            let ambiguous = AMBIGUOUS.contains(&code.0.as_str());
            if !answered && (ambiguous || profile.is_none()) {
                questions.push(CodeQuestion { code, records: *records, ambiguous });
            }
        }
        let declared = self.cases.iter().filter_map(|case| case.declared_media).sum::<u64>();
        if declared > 0 && declared != self.records {
            self.note(CaseNote::Declared { media: declared, records: self.records });
        }
        CaseSummary {
            kind: self.kind.unwrap_or(CaseKind::Vics),
            version: self.version,
            profile,
            cases: self.cases,
            records: self.records,
            places: self.places,
            categories: self.categories,
            questions,
            without_stored: self.without_stored,
            stored_refused: self.stored_refused,
            sha256,
            descriptions: self.descriptions,
            unknown: self.unknown,
            notes: self.notes,
            remarks: self.remarks.into_iter().map(|(what, count)| CaseRemark { what, count }).collect(),
        }
    }
}
