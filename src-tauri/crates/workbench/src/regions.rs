//! What the regions of leads look like: worked out by the confined decoder from the source, kept with the case, and compared.
//! A region that looks like another is a suggestion, and nothing else.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use casefile::{CaseFile, RegionLook, RegionRow};
use domain::{LeadId, Sha256, Visibility};
use evidence::{Colours, DecodeLimits, Decoder, Pixels, RENDER_PIXELS_MAX, RENDER_SIDE_MAX, Render, region_pdq};
use review::links::{RegionEnd, RegionSeen, regions_alike};

use crate::Error;
use crate::pictures::content;
use crate::view::leads::{RegionAlike, RegionLine, RegionsView};

/// Pictures that are read for one question of the window: it asks again for the rest, so that no answer takes long.
pub(crate) const PICTURES_A_QUESTION: usize = 4;
/// Pictures that are read before links are listed in the window. The desk has worked out most of them by then.
pub(crate) const PICTURES_OF_LINKS: usize = 64;
/// Pictures that are read for one command of a terminal: all that there are.
pub const PICTURES_ALL: usize = usize::MAX;

/// Says by what and how far regions that nobody has looked at are worked out.
#[derive(Debug, Clone, Copy)]
pub struct Looking<'a> {
    /// Path of the program `zeef-decode`.
    pub decoder: &'a Path,
    /// Becomes true when nobody waits for it any more.
    pub stop: &'a AtomicBool,
    /// Pictures that are read at most.
    pub pictures_max: usize,
}

/// Holds the regions of a case with what is known of them.
#[derive(Debug)]
pub(crate) struct Regions {
    pub rows: Vec<RegionRow>,
    /// Regions that were not come to yet: the next question takes them.
    pub waiting: u32,
}

impl Regions {
    /// Gives those that can be compared.
    pub fn seen(&self) -> Vec<RegionSeen> {
        let seen = |row: &RegionRow| Some(RegionSeen { region: end_of(row), pdq: row.look.usable()?.clone() });
        self.rows.iter().filter_map(seen).collect()
    }
}

fn end_of(row: &RegionRow) -> RegionEnd {
    RegionEnd { lead: row.lead, number: row.number, place: row.place, evidence: row.evidence }
}

/// Reads the regions of a case, and works out those that nobody has looked at. Where a source is not there, or no decoder can
/// be had, they stay as they are.
pub(crate) fn regions_of(case: &CaseFile, looking: Looking<'_>) -> Result<Regions, Error> {
    let mut rows = case.regions()?;
    let mut wanted: BTreeMap<Sha256, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.look == RegionLook::Unknown) {
        wanted.entry(row.item).or_default().push(at);
    }
    let mut studio = Studio { looking, decoder: None };
    let (mut read, mut waiting) = (0, 0);
    for (item, places) in wanted {
        if read >= looking.pictures_max || looking.stop.load(Ordering::Relaxed) {
            waiting += places.len() as u32;
            continue;
        }
        // What is not there costs little, and must not stand in the way of what is.
        let Some(pixels) = studio.render(case, &item)? else { continue };
        read += 1;
        for at in places {
            let pdq = region_pdq(&pixels, &rows[at].region);
            // A case that was opened for reading keeps nothing, and works it out each time.
            case.put_region_look(&item, &rows[at].region, pdq.as_ref())?;
            rows[at].look = pdq.map_or(RegionLook::None, |pdq| RegionLook::Pdq(Box::new(pdq)));
        }
    }
    Ok(Regions { rows, waiting })
}

/// Where pictures are rendered: with one decoder, which is started when it is needed.
struct Studio<'a> {
    looking: Looking<'a>,
    decoder: Option<Decoder>,
}

impl Studio<'_> {
    /// Renders an item that is shown, from a source that still has it. The pixels are wiped when dropped.
    fn render(&mut self, case: &CaseFile, item: &Sha256) -> Result<Option<Pixels>, Error> {
        let Some(row) = case.item(item)? else { return Ok(None) };
        if !matches!(row.visibility, Visibility::Shown { .. }) {
            return Ok(None);
        }
        let Some(reading) = content::find(case, item, &row.paths, self.looking.stop) else { return Ok(None) };
        let Some(decoder) = self.decoder() else { return Ok(None) };
        let wanted = Render { colours: Colours::Rgb, longest_px: RENDER_SIDE_MAX };
        let Ok(content) = reading.descriptor() else { return Ok(None) };
        let pixels = decoder.render(content, reading.digests.size_bytes, &reading.media, wanted);
        // What was read has to have been that content to the end.
        Ok(pixels.ok().filter(|_| reading.unchanged().is_ok()))
    }

    fn decoder(&mut self) -> Option<&mut Decoder> {
        if self.decoder.is_none() {
            let limits = DecodeLimits::default();
            self.decoder = Decoder::start_rendering(self.looking.decoder, limits, RENDER_PIXELS_MAX).ok();
        }
        self.decoder.as_mut()
    }
}

/// Tells what the regions of a lead look like, and which regions of other leads look like them.
pub fn lead_regions(case: &CaseFile, lead: u32, looking: Looking<'_>) -> Result<RegionsView, Error> {
    crate::leads::story_of(case, lead)?;
    let regions = regions_of(case, looking)?;
    let names: BTreeMap<LeadId, String> = case.leads()?.into_iter().map(|row| (row.id, row.content.name)).collect();
    let pairs = regions_alike(&regions.seen(), &|other| other.0 == lead);
    let line = |row: &RegionRow| RegionLine {
        evidence: row.evidence.0,
        number: row.number,
        region: row.place,
        standing: standing(&row.look).to_owned(),
        alike: pairs.iter().filter_map(|(a, b, distance)| alike(row, a, b, *distance, &names)).collect(),
    };
    let lines = regions.rows.iter().filter(|row| row.lead.0 == lead).map(line).collect();
    Ok(RegionsView { lines, waiting: regions.waiting })
}

fn standing(look: &RegionLook) -> &'static str {
    match look {
        RegionLook::Unknown => "unknown",
        RegionLook::None => "poor",
        RegionLook::Pdq(_) if look.usable().is_some() => "usable",
        RegionLook::Pdq(_) => "poor",
    }
}

/// Gives the other end of a pair that has this region for one.
fn alike(
    row: &RegionRow,
    a: &RegionEnd,
    b: &RegionEnd,
    distance: u32,
    names: &BTreeMap<LeadId, String>,
) -> Option<RegionAlike> {
    let other = match row.evidence {
        own if own == a.evidence => b,
        own if own == b.evidence => a,
        _ => return None,
    };
    Some(RegionAlike {
        lead: other.lead.0,
        name: names.get(&other.lead).cloned().unwrap_or_default(),
        number: other.number,
        region: other.place,
        distance,
    })
}
