//! Clues: what items tell by their data, where and when they were taken, and which of them were likely made by a device of
//! the case. The rules are the study's; here its rows are read from the case and its answers put into words.

use std::collections::HashSet;
use std::ops::ControlFlow;

use casefile::CaseFile;
use domain::{Sha256, ShowReason, UtcTime, Visibility};
use review::clues::{self, Given, Row, place};
use review::made_here;
use review::time_line::{self, Clock};

use crate::leads::{numbers_of, story_of};
use crate::view::leads::{ClueLine, DeviceLine, MadeHere, MadeHereLine, MapPoint, PlaceShown, TimeLine};
use crate::{Code, Error};

/// Most numbers of items that a clue or a point names.
const NUMBERS_MAX: usize = 500;
/// Most items that are listed as likely made here.
const MADE_HERE_MAX: usize = 1_000;

/// Reads what the rules ask of every item that was decoded and is not hidden.
pub(crate) fn rows_of(case: &CaseFile) -> Result<Vec<Row>, Error> {
    let known = met_by_sets(case)?;
    let mut rows = Vec::new();
    case.clue_rows(&mut |row| {
        // An item without a place was lost with its source's records; nothing can be said of where it lies.
        if let Some((source, path)) = &row.place {
            rows.push(Row::new(&Given {
                number: row.number,
                sha256: row.sha256,
                facts: &row.facts,
                source: *source,
                path,
                places: row.places,
                series: &row.series,
                known: known.contains(&row.sha256),
                category: row.category.as_ref(),
            }));
        }
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

/// Lists the items that an entry of any set met, exactly or nearly.
fn met_by_sets(case: &CaseFile) -> Result<HashSet<Sha256>, Error> {
    let mut known: HashSet<Sha256> = case.suggested()?.into_iter().collect();
    case.digests(&mut |digests, visibility, _, _| {
        let met = !matches!(visibility, Visibility::Shown { why: ShowReason::New } | Visibility::Refused { .. });
        if met {
            known.insert(digests.sha256);
        }
        ControlFlow::Continue(())
    })?;
    Ok(known)
}

/// Gives the items that a lead rests on; `None` asks about all of the case.
fn asked(case: &CaseFile, lead: Option<u32>) -> Result<Option<Vec<u32>>, Error> {
    lead.map(|lead| Ok(numbers_of(&story_of(case, lead)?))).transpose()
}

/// Lists the clues of a case, or of the items of a lead, the strongest first.
pub fn clues(case: &CaseFile, rows: &[Row], lead: Option<u32>) -> Result<Vec<ClueLine>, Error> {
    let among = asked(case, lead)?;
    Ok(clues_among(rows, among.as_deref()))
}

/// Lists the clues among these items, or among all.
pub(crate) fn clues_among(rows: &[Row], among: Option<&[u32]>) -> Vec<ClueLine> {
    let line = |clue: clues::Clue| ClueLine {
        kind: clue.kind.as_str().to_owned(),
        place: PlaceShown::of(clue.kind.as_str(), &clue.value),
        value: clue.value,
        items: counted(clue.items.len()),
        numbers: first(clue.items),
    };
    clues::clues(rows, among).into_iter().map(line).collect()
}

/// Lists the places of items and of leads: all, or those of one lead.
pub fn map_points(case: &CaseFile, rows: &[Row], lead: Option<u32>) -> Result<Vec<MapPoint>, Error> {
    let among = asked(case, lead)?;
    let is_asked = |row: &&Row| among.as_ref().is_none_or(|among| among.binary_search(&row.number).is_ok());
    let places: Vec<_> =
        rows.iter().filter(is_asked).filter_map(|row| row.place.map(|place| (row.number, place))).collect();
    let of_items = place::points(&places).into_iter().map(|point| MapPoint {
        latitude: point.place.latitude,
        longitude: point.place.longitude,
        radius_m: point.place.radius_m,
        items: counted(point.items.len()),
        numbers: first(point.items),
        lead: None,
    });
    let mut points: Vec<MapPoint> = of_items.collect();
    for row in case.leads()? {
        let Some(place) = row.content.place.filter(|_| lead.is_none_or(|lead| lead == row.id.0)) else { continue };
        let numbers = case.lead(row.id)?.map(|story| numbers_of(&story)).unwrap_or_default();
        points.push(MapPoint {
            latitude: place.latitude,
            longitude: place.longitude,
            radius_m: place.radius_m,
            items: counted(numbers.len()),
            numbers: first(numbers),
            lead: Some(row.id.0),
        });
    }
    Ok(points)
}

/// Lays the items of a case, or those of a lead, on a time line.
pub fn time_line(case: &CaseFile, rows: &[Row], lead: Option<u32>) -> Result<TimeLine, Error> {
    let among = asked(case, lead)?;
    let set = case.clocks()?;
    let clocks: Vec<Clock> =
        set.iter().map(|row| Clock { device: row.device.clone(), ahead_seconds: row.ahead_seconds }).collect();
    let line = time_line::time_line(rows, &clocks, among.as_deref());
    let devices = line.devices.into_iter().map(|times| DeviceLine {
        clock_reason: set
            .iter()
            .find(|row| row.device == times.device.key)
            .map(|row| row.reason.clone())
            .unwrap_or_default(),
        name: domain::escaped(times.device.name.as_bytes()),
        device: times.device.key,
        clock_ahead_s: times.ahead_seconds,
        items: times.items,
        taken: times.taken,
    });
    Ok(TimeLine { devices: devices.collect(), undated: line.undated, left_out: line.left_out })
}

/// Notes how far the clock of a device is ahead, and why that is believed.
pub fn clock_set(case: &CaseFile, device: &str, ahead_seconds: i32, reason: &str, now: UtcTime) -> Result<(), Error> {
    if reason.trim().is_empty() {
        let hint = "Say what it rests on, e.g. a clock that can be seen in a picture.";
        return Err(Error::new(Code::BadInput, "An offset of a clock needs a reason.", hint));
    }
    case.clock_set(device, ahead_seconds, reason.trim(), now)?;
    Ok(())
}

/// Ranks the items that a device of the case has likely made.
pub fn likely_made_here(rows: &[Row]) -> MadeHere {
    let made = made_here::made_here(rows);
    let line = |one: &made_here::Ranked| MadeHereLine {
        number: one.number,
        points: one.points,
        reasons: one.reasons.iter().map(|reason| (reason.as_str().to_owned(), reason.points())).collect(),
    };
    MadeHere {
        reasons: made.counts.iter().map(|(reason, count)| (reason.as_str().to_owned(), *count)).collect(),
        items: counted(made.ranked.len()),
        lines: made.ranked.iter().take(MADE_HERE_MAX).map(line).collect(),
    }
}

/// A case has fewer items than that.
fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn first(mut numbers: Vec<u32>) -> Vec<u32> {
    numbers.truncate(NUMBERS_MAX);
    numbers
}
