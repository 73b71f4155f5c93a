//! Gathers the links of a case.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{Distance, LeadId, LeadPlace, escaped};

use super::{
    End, ITEMS_OF_A_LEAD_MAX, LINKS_MAX, LeadRow, Link, LinkKind, Links, Whole, look_alikes, regions_alike,
};
use crate::clues::{Device, Row, device, place, serial};
use crate::stack::GoOn;

/// Finds the links of a case. `None` when `go_on` broke the work off; it is asked with the number of items of leads whose
/// look-alikes have been found.
pub fn links(whole: &Whole<'_>, go_on: GoOn<'_>) -> Option<Links> {
    let mut found = Found::new(whole);
    found.serials();
    found.places();
    found.series();
    found.same_items();
    found.labels();
    found.related();
    found.regions();
    found.looks(go_on)?;
    Some(found.finish())
}

/// What a link rests on, while it is gathered.
#[derive(Default)]
struct Ground {
    items: BTreeSet<u32>,
    distance: Option<Distance>,
}

struct Found<'a> {
    whole: &'a Whole<'a>,
    /// Place of each item in `whole.rows`.
    rows: HashMap<u32, usize>,
    /// Leads that rest on each item.
    leads_of: HashMap<u32, Vec<LeadId>>,
    links: BTreeMap<(LinkKind, String, End, End), Ground>,
}

impl<'a> Found<'a> {
    fn new(whole: &'a Whole<'a>) -> Self {
        let rows = whole.rows.iter().enumerate().map(|(at, row)| (row.number, at)).collect();
        let mut leads_of: HashMap<u32, Vec<LeadId>> = HashMap::new();
        for lead in whole.leads {
            lead.items.iter().for_each(|item| leads_of.entry(*item).or_default().push(lead.lead));
        }
        Self { whole, rows, leads_of, links: BTreeMap::new() }
    }

    /// Adds to a link; its ends stand in their order, so that there is one for each pair.
    fn put(
        &mut self,
        kind: LinkKind,
        value: &str,
        a: End,
        b: End,
        items: impl IntoIterator<Item = u32>,
    ) -> &mut Ground {
        let (from, to) = if a <= b { (a, b) } else { (b, a) };
        let ground = self.links.entry((kind, value.to_owned(), from, to)).or_default();
        ground.items.extend(items);
        ground
    }

    /// Gives the rows of a lead's items that are there.
    fn rows_of(&self, lead: &'a LeadRow) -> impl Iterator<Item = &'a Row> {
        lead.items.iter().filter_map(|item| self.rows.get(item)).map(|at| &self.whole.rows[*at])
    }

    /// Links leads with the devices that took their items, and devices that used one lens.
    fn serials(&mut self) {
        let whole = self.whole;
        for lead in whole.leads.iter().filter(|lead| whole.is_wanted(lead.lead)) {
            let devices = by_device(self.rows_of(lead));
            for (device, items) in devices.into_iter().filter(|(device, _)| device.has_serial) {
                let name = device.name.clone();
                self.put(LinkKind::Serial, &name, End::Lead(lead.lead), End::Device(device), items);
            }
        }
        if self.whole.wanted.is_some() {
            return;
        }
        let mut lenses: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in self.whole.rows {
            if let Some(lens) = serial(row.camera.lens_serial.as_deref()) {
                lenses.entry(lens).or_default().push(row);
            }
        }
        for (lens, rows) in lenses {
            let devices = by_device(rows.into_iter());
            for (a, b) in pairs(&devices.into_iter().filter(|(device, _)| device.has_serial).collect::<Vec<_>>()) {
                let items = a.1.iter().chain(&b.1).copied();
                self.put(LinkKind::Serial, lens, End::Device(a.0.clone()), End::Device(b.0.clone()), items);
            }
        }
    }

    /// Links leads and devices that were at one place.
    fn places(&mut self) {
        let places: Vec<(u32, LeadPlace)> =
            self.whole.rows.iter().filter_map(|row| row.place.map(|place| (row.number, place))).collect();
        let named: Vec<(LeadId, LeadPlace)> =
            self.whole.leads.iter().filter_map(|lead| lead.place.map(|place| (lead.lead, place))).collect();
        for point in place::points(&places) {
            let value = place::shown(&point.place);
            let rows = point.items.iter().filter_map(|item| self.rows.get(item)).map(|at| &self.whole.rows[*at]);
            let mut there: BTreeMap<End, BTreeSet<u32>> = by_device(rows)
                .into_iter()
                .filter(|(device, _)| device.has_serial)
                .map(|(device, items)| (End::Device(device), items))
                .collect();
            for item in &point.items {
                for lead in self.leads_at(*item) {
                    there.entry(End::Lead(lead)).or_default().insert(*item);
                }
            }
            for (lead, named) in &named {
                if place::may_be_one(named, &point.place) {
                    there.entry(End::Lead(*lead)).or_default();
                }
            }
            self.pairs_at(LinkKind::Place, &value, &there.into_iter().collect::<Vec<_>>());
        }
        for (a, b) in pairs(&named) {
            if place::may_be_one(&a.1, &b.1) {
                let coarser = if a.1.radius_m >= b.1.radius_m { a.1 } else { b.1 };
                let ends = [(End::Lead(a.0), BTreeSet::new()), (End::Lead(b.0), BTreeSet::new())];
                self.pairs_at(LinkKind::Place, &place::shown(&coarser), &ends);
            }
        }
    }

    /// Links every two ends that share something, as far as they are asked about.
    fn pairs_at(&mut self, kind: LinkKind, value: &str, there: &[(End, BTreeSet<u32>)]) {
        for (a, b) in pairs(there) {
            let wanted = match self.whole.wanted {
                Some(wanted) => [&a.0, &b.0].contains(&&End::Lead(wanted)),
                None => true,
            };
            if wanted {
                let items = a.1.iter().chain(&b.1).copied().collect::<Vec<u32>>();
                self.put(kind, value, a.0.clone(), b.0.clone(), items);
            }
        }
    }

    /// Links leads whose items, or whose words, name one series; and leads with items of their series.
    fn series(&mut self) {
        let mut items_of: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for row in self.whole.rows {
            row.series.iter().for_each(|series| items_of.entry(series).or_default().push(row.number));
        }
        let mut leads_of: BTreeMap<String, Vec<(End, BTreeSet<u32>)>> = BTreeMap::new();
        for lead in self.whole.leads {
            let mut own: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
            for row in self.rows_of(lead) {
                for series in &row.series {
                    own.entry(series).or_default().insert(row.number);
                }
            }
            if let Some(series) = &lead.series {
                own.entry(series).or_default();
            }
            for (series, items) in own {
                if self.whole.is_wanted(lead.lead) {
                    let others = items_of
                        .get(series)
                        .into_iter()
                        .flatten()
                        .filter(|item| lead.items.binary_search(item).is_err());
                    for item in others.take(ITEMS_OF_A_LEAD_MAX).copied().collect::<Vec<u32>>() {
                        let value = escaped(series.as_bytes());
                        self.put(LinkKind::Series, &value, End::Lead(lead.lead), End::Item(item), [item]);
                    }
                }
                leads_of.entry(escaped(series.as_bytes())).or_default().push((End::Lead(lead.lead), items));
            }
        }
        for (series, leads) in leads_of {
            self.pairs_at(LinkKind::Series, &series, &leads);
        }
    }

    /// Links leads that rest on one item.
    fn same_items(&mut self) {
        let mut shared: Vec<(u32, Vec<LeadId>)> = self
            .leads_of
            .iter()
            .filter(|(_, leads)| leads.len() > 1)
            .map(|(item, leads)| (*item, leads.clone()))
            .collect();
        shared.sort_unstable();
        for (item, leads) in shared {
            let leads: Vec<_> = leads.into_iter().map(|lead| (End::Lead(lead), BTreeSet::from([item]))).collect();
            self.pairs_at(LinkKind::SameItem, "", &leads);
        }
    }

    /// Links leads that have one label.
    fn labels(&mut self) {
        let mut leads_of: BTreeMap<&str, Vec<(End, BTreeSet<u32>)>> = BTreeMap::new();
        for lead in self.whole.leads {
            for label in &lead.labels {
                leads_of.entry(&label.0).or_default().push((End::Lead(lead.lead), BTreeSet::new()));
            }
        }
        for (label, leads) in leads_of {
            self.pairs_at(LinkKind::Label, &escaped(label.as_bytes()), &leads);
        }
    }

    /// Links leads of which a person said that they belong together.
    fn related(&mut self) {
        let known: BTreeSet<LeadId> = self.whole.leads.iter().map(|lead| lead.lead).collect();
        for lead in self.whole.leads {
            for other in lead.related.iter().filter(|other| known.contains(other) && **other != lead.lead) {
                self.pairs_at(
                    LinkKind::Related,
                    "",
                    &[(End::Lead(lead.lead), BTreeSet::new()), (End::Lead(*other), BTreeSet::new())],
                );
            }
        }
    }

    /// Links regions of different leads that look alike.
    fn regions(&mut self) {
        let whole = self.whole;
        for (a, b, distance) in regions_alike(whole.regions, &|lead| whole.is_wanted(lead)) {
            let ends = (End::Region(a), End::Region(b));
            self.put(LinkKind::RegionAlike, "", ends.0, ends.1, [a.number, b.number]).near(distance);
        }
    }

    /// Links leads with what looks like their items, and devices whose pictures were stacked together.
    fn looks(&mut self, go_on: GoOn<'_>) -> Option<()> {
        let whole = self.whole;
        let asked: BTreeSet<u32> = whole
            .leads
            .iter()
            .filter(|lead| whole.is_wanted(lead.lead))
            .flat_map(|lead| lead.items.iter().copied())
            .collect();
        let mut alike = Vec::new();
        look_alikes(self.whole.looks, &|number| asked.contains(&number), go_on, &mut |item, other, distance| {
            alike.push((distance, item, other));
        })?;
        alike.sort_unstable();
        let mut outside: BTreeMap<LeadId, BTreeSet<u32>> = BTreeMap::new();
        for (distance, item, other) in alike {
            let (own, theirs) = (self.leads_at(item), self.leads_at(other));
            for lead in own.iter().filter(|lead| whole.is_wanted(**lead)) {
                for their in theirs.iter().filter(|their| !own.contains(their)) {
                    let ends = (End::Lead(*lead), End::Lead(*their));
                    self.put(LinkKind::LookAlike, "", ends.0, ends.1, [item, other]).near(distance);
                }
                let others = outside.entry(*lead).or_default();
                let room = others.len() < ITEMS_OF_A_LEAD_MAX || others.contains(&other);
                if theirs.is_empty() && room {
                    others.insert(other);
                    let ends = (End::Lead(*lead), End::Item(other));
                    self.put(LinkKind::LookAlike, "", ends.0, ends.1, [item, other]).near(distance);
                }
            }
        }
        self.stacks();
        Some(())
    }

    fn leads_at(&self, item: u32) -> Vec<LeadId> {
        self.leads_of.get(&item).cloned().unwrap_or_default()
    }

    fn stacks(&mut self) {
        if self.whole.wanted.is_some() {
            return;
        }
        let looks: HashMap<_, _> =
            self.whole.looks.iter().map(|(number, look)| (look.sha256, (*number, look))).collect();
        for stack in self.whole.stacks {
            let members: Vec<_> = stack.members.iter().filter_map(|member| looks.get(member)).collect();
            let rows = members.iter().filter_map(|(number, _)| self.rows.get(number)).map(|at| &self.whole.rows[*at]);
            let devices: Vec<_> = by_device(rows).into_iter().filter(|(device, _)| device.has_serial).collect();
            for (a, b) in pairs(&devices) {
                let distances = members.iter().filter(|(number, _)| a.1.contains(number)).flat_map(|one| {
                    let others = members.iter().filter(|(number, _)| b.1.contains(number));
                    others.filter_map(|other| crate::stack::alike(one.1, other.1))
                });
                let Some(distance) = distances.min() else { continue };
                let items = a.1.iter().chain(&b.1).copied();
                let ends = (End::Device(a.0.clone()), End::Device(b.0.clone()));
                self.put(LinkKind::LookAlike, "", ends.0, ends.1, items).near(distance);
            }
        }
    }

    fn finish(self) -> Links {
        let mut links: Vec<Link> = self
            .links
            .into_iter()
            .map(|((kind, value, from, to), ground)| {
                // Each item has a number of 32 bits.
                Link { kind, value, from, to, items: ground.items.len() as u32, distance: ground.distance }
            })
            .collect();
        links.sort_by(|a, b| {
            let strength = |link: &Link| (link.kind, std::cmp::Reverse(link.items), link.distance);
            let ends = |link: &Link| (link.from.clone(), link.to.clone(), link.value.clone());
            strength(a).cmp(&strength(b)).then_with(|| ends(a).cmp(&ends(b)))
        });
        let left_out = links.len().saturating_sub(LINKS_MAX) as u32;
        links.truncate(LINKS_MAX);
        Links { links, left_out }
    }
}

impl Ground {
    fn near(&mut self, distance: Distance) {
        self.distance = Some(self.distance.map_or(distance, |known| known.min(distance)));
    }
}

/// Gathers items by the device that they name.
fn by_device<'a>(rows: impl Iterator<Item = &'a Row>) -> BTreeMap<Device, BTreeSet<u32>> {
    let mut devices: BTreeMap<Device, BTreeSet<u32>> = BTreeMap::new();
    for row in rows {
        devices.entry(device(&row.camera)).or_default().insert(row.number);
    }
    devices
}

/// Lists every two of some things.
fn pairs<T>(things: &[T]) -> impl Iterator<Item = (&T, &T)> {
    things.iter().enumerate().flat_map(|(at, a)| things[at + 1..].iter().map(move |b| (a, b)))
}
