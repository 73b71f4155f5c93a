//! Links across the cases that this person may open, by an encrypted index that is the person's own.
//!
//! The index has a passphrase that is derived from the person's, so that none has to be kept while a case is open. To open
//! it, and to put a case into it, stands in the ledger of the case.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;

use casefile::across::{Index, LOOKS_ASKED_MAX, SerialOf};
use casefile::{CaseFile, Entropy, Passphrase};
use domain::{Distance, LeadId, PdqSet, UserName, UtcTime};
use review::clues::Row;
use review::links::{LINKS_MAX, RegionSeen};
use serde::Serialize;

use super::{LinkShown, lead_rows, looks_of, region_end, shown};
use crate::regions::{Looking, regions_of};
use crate::view::leads::{LinkEnd, LinkLine, PlaceShown};
use crate::{Code, Error, feedback};

/// What the passphrase of the index is derived for.
const PURPOSE: &str = "index over cases";

/// Tells what was put into the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexAdded {
    /// Items of this case.
    pub items: u64,
    /// Of these, those whose look is known.
    pub looks: u64,
    /// Serial numbers.
    pub serials: u64,
    /// Leads.
    pub leads: u64,
    /// Regions that leads rest on, whose look says enough.
    pub regions: u64,
    /// Cases in the index now.
    pub cases: u64,
}

/// Derives what opens a person's index from what opens the case.
pub fn index_secret(passphrase: &Passphrase, user: &UserName) -> Passphrase {
    passphrase.derived(PURPOSE, user)
}

/// Adds what this case has to the index; the file is made if it is not there. Done again, it replaces it.
pub fn index_add(
    case: &CaseFile,
    path: &Path,
    secret: &Passphrase,
    now: UtcTime,
    entropy: &mut dyn Entropy,
    looking: Looking<'_>,
) -> Result<IndexAdded, Error> {
    feedback::refuse_kept(case, path)?;
    regions_of(case, looking)?;
    let index = if path.symlink_metadata().is_ok() {
        open(case, path, secret, now)?
    } else {
        Index::create(path, &case.user().0, secret, entropy)?
    };
    let put = index.put(case, now)?;
    let cases = index.cases()?.len() as u64;
    let (looks, serials, leads, regions) = (put.looks, put.serials, put.leads, put.regions);
    Ok(IndexAdded { items: put.items, looks, serials, leads, regions, cases })
}

fn open(case: &CaseFile, path: &Path, secret: &Passphrase, now: UtcTime) -> Result<Index, Error> {
    Index::open(path, secret, case, now).map_err(|error| match error {
        casefile::CasefileError::AccessDenied => Error::new(
            Code::AccessDenied,
            "This index is another person's, or was made before the passphrase was changed.",
            "Make an index of your own under another name: add each of your cases to it.",
        ),
        other => other.into(),
    })
}

/// Lists what this case shares with others of the index, the strongest first. To open the index is logged.
pub fn links_across(
    case: &CaseFile,
    rows: &[Row],
    path: &Path,
    secret: &Passphrase,
    now: UtcTime,
    looking: Looking<'_>,
) -> Result<Vec<LinkLine>, Error> {
    if path.symlink_metadata().is_err() {
        let message = format!("There is no index at `{}`.", domain::shown_path(path));
        return Err(Error::new(Code::NotFound, message, "Add a case to it first: `zeef index add`."));
    }
    let index = open(case, path, secret, now)?;
    let own = case.info().case_id;
    let cases: BTreeMap<String, String> = index.cases()?.into_iter().map(|one| (one.case_id, one.number)).collect();
    if !cases.contains_key(&own) {
        let hint = "Add it: `zeef index add`, or in the view of links.";
        return Err(Error::new(Code::NotFound, "This case is not in the index yet.", hint));
    }
    let mut found = Found::new(case, cases)?;
    found.items(&index, &own)?;
    found.serials(&index, &own, rows)?;
    found.labels(&index, &own)?;
    found.looks(&index, &own, case, rows)?;
    found.regions(&index, &own, &regions_of(case, looking)?.seen())?;
    Ok(found.lines())
}

/// The same for a terminal, where items go by their digests.
pub fn links_across_shown(
    case: &CaseFile,
    path: &Path,
    secret: &Passphrase,
    now: UtcTime,
    looking: Looking<'_>,
) -> Result<Vec<LinkShown>, Error> {
    let rows = crate::clues::rows_of(case)?;
    shown(case, links_across(case, &rows, path, secret, now, looking)?)
}

/// Kinds of links in their order, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    SameItem,
    Serial,
    LookAlike,
    RegionAlike,
    Label,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::SameItem => "same-item",
            Self::Serial => "serial",
            Self::LookAlike => "look-alike",
            Self::RegionAlike => "region-alike",
            Self::Label => "label",
        }
    }
}

/// What a link rests on: items of this case, and the smallest distance.
type Ground = (BTreeSet<u32>, Option<Distance>);

struct Found {
    cases: BTreeMap<String, String>,
    names: BTreeMap<LeadId, String>,
    /// Leads that rest on an item.
    leads_of: BTreeMap<u32, Vec<LeadId>>,
    links: BTreeMap<(Kind, String, LinkEnd, LinkEnd), Ground>,
}

impl Found {
    fn new(case: &CaseFile, cases: BTreeMap<String, String>) -> Result<Self, Error> {
        let rows = lead_rows(case)?;
        let mut leads_of: BTreeMap<u32, Vec<LeadId>> = BTreeMap::new();
        for row in &rows {
            row.items.iter().for_each(|item| leads_of.entry(*item).or_default().push(row.lead));
        }
        let names = rows.into_iter().map(|row| (row.lead, row.name)).collect();
        Ok(Self { cases, names, leads_of, links: BTreeMap::new() })
    }

    /// Gives the leads that rest on an item, or the item itself.
    fn ends_of(&self, item: u32) -> Vec<LinkEnd> {
        match self.leads_of.get(&item) {
            Some(leads) => leads.iter().map(|lead| self.lead(*lead)).collect(),
            None => vec![LinkEnd::Item { number: item }],
        }
    }

    fn lead(&self, lead: LeadId) -> LinkEnd {
        LinkEnd::Lead { lead: lead.0, name: self.names.get(&lead).cloned().unwrap_or_default() }
    }

    fn case(&self, case_id: &str, lead: Option<String>) -> LinkEnd {
        LinkEnd::Case { number: self.cases.get(case_id).cloned().unwrap_or_default(), lead }
    }

    fn put(&mut self, kind: Kind, value: &str, from: LinkEnd, to: LinkEnd) -> &mut Ground {
        self.links.entry((kind, domain::escaped(value.as_bytes()), from, to)).or_default()
    }

    fn items(&mut self, index: &Index, own: &str) -> Result<(), Error> {
        Ok(index.shared_items(own, &mut |number, _, there| {
            let to = self.case(&there.case_id, None);
            for from in self.ends_of(number) {
                self.put(Kind::SameItem, "", from, to.clone()).0.insert(number);
            }
            ControlFlow::Continue(())
        })?)
    }

    fn serials(&mut self, index: &Index, own: &str, rows: &[Row]) -> Result<(), Error> {
        for there in index.shared_serials(own)? {
            let stated = |row: &&Row| {
                let serial = match there.of {
                    SerialOf::Body => &row.camera.serial,
                    SerialOf::Lens => &row.camera.lens_serial,
                };
                serial.as_deref().is_some_and(|serial| serial.trim() == there.serial.trim())
            };
            let here: Vec<u32> = rows.iter().filter(stated).map(|row| row.number).collect();
            let name = match there.device.trim() {
                "" => there.serial.clone(),
                device => format!("{device}, {}", there.serial),
            };
            let device = LinkEnd::Device { name: domain::escaped(name.as_bytes()) };
            let to = self.case(&there.case_id, None);
            self.put(Kind::Serial, &there.serial, device, to.clone()).0.extend(&here);
            for number in here {
                let leads = self.leads_of.get(&number).cloned().unwrap_or_default();
                for lead in leads {
                    let from = self.lead(lead);
                    self.put(Kind::Serial, &there.serial, from, to.clone()).0.insert(number);
                }
            }
        }
        Ok(())
    }

    fn labels(&mut self, index: &Index, own: &str) -> Result<(), Error> {
        for (label, here, there) in index.shared_labels(own)? {
            let (from, to) = (self.lead(here), self.case(&there.case_id, Some(there.name)));
            self.put(Kind::Label, &label.0, from, to);
        }
        Ok(())
    }

    fn looks(&mut self, index: &Index, own: &str, case: &CaseFile, rows: &[Row]) -> Result<(), Error> {
        let mut numbers: Vec<u32> = self.leads_of.keys().copied().collect();
        let decided = rows.iter().filter(|row| row.category.is_some()).map(|row| row.number);
        numbers.extend(decided.filter(|number| !self.leads_of.contains_key(number)));
        numbers.truncate(LOOKS_ASKED_MAX);
        let wanted: BTreeSet<u32> = numbers.into_iter().collect();
        let mut asked: Vec<(u32, PdqSet, domain::Sha256)> = Vec::new();
        for (number, look) in looks_of(case, rows, &wanted)? {
            let pdq = look.pdq.filter(|pdq| pdq.quality >= PdqSet::QUALITY_MIN);
            asked.extend(pdq.map(|pdq| (number, pdq, look.sha256)));
        }
        let pdqs: Vec<PdqSet> = asked.iter().map(|(_, pdq, _)| pdq.clone()).collect();
        Ok(index.find_looks(&pdqs, PdqSet::RADIUS, &mut |there| {
            let (number, _, sha256) = &asked[there.asked];
            // The same item is told of as such.
            if there.case_id != own && there.sha256 != *sha256 {
                let to = self.case(&there.case_id, None);
                for from in self.ends_of(*number) {
                    let ground = self.put(Kind::LookAlike, "", from, to.clone());
                    ground.0.insert(*number);
                    ground.1 = Some(ground.1.map_or(there.distance, |known| known.min(there.distance)));
                }
            }
            ControlFlow::Continue(())
        })?)
    }

    /// Links regions with leads of other cases that rest on regions which look like them.
    fn regions(&mut self, index: &Index, own: &str, seen: &[RegionSeen]) -> Result<(), Error> {
        let names: BTreeMap<LeadId, String> = self.names.clone();
        let names: BTreeMap<LeadId, &str> = names.iter().map(|(lead, name)| (*lead, name.as_str())).collect();
        for part in seen.chunks(LOOKS_ASKED_MAX) {
            let pdqs: Vec<PdqSet> = part.iter().map(|one| one.pdq.clone()).collect();
            for there in index.find_regions(&pdqs, PdqSet::RADIUS)? {
                if there.case_id == own {
                    continue;
                }
                let here = part[there.asked].region;
                let (from, to) = (region_end(&here, &names), self.case(&there.case_id, Some(there.name)));
                let ground = self.put(Kind::RegionAlike, "", from, to);
                ground.0.insert(here.number);
                ground.1 = Some(ground.1.map_or(there.distance, |known| known.min(there.distance)));
            }
        }
        Ok(())
    }

    fn lines(self) -> Vec<LinkLine> {
        let mut links: Vec<_> = self.links.into_iter().collect();
        links.sort_by_key(|((kind, ..), (items, distance))| (*kind, *distance, std::cmp::Reverse(items.len())));
        links.truncate(LINKS_MAX);
        let line = |((kind, value, from, to), (items, distance)): ((Kind, String, LinkEnd, LinkEnd), Ground)| {
            let place = PlaceShown::of(kind.word(), &value);
            LinkLine { kind: kind.word().to_owned(), value, place, from, to, items: items.len() as u32, distance }
        };
        links.into_iter().map(line).collect()
    }
}
