//! Perceptual look-ups: which known pictures a picture looks like. They suggest, and never hide.

use domain::{Distance, NearHit, Orientation, Pdq, PdqSet, Role};

use crate::scan;
use crate::sets::{Place, Sets};

/// Largest number of answers of one perceptual look-up.
pub const NEAR_HITS_MAX: usize = 16;
/// Largest radius: more bits than that are by chance.
pub const RADIUS_MAX: Distance = 64;
/// Candidates of one item that are held before only the nearest are kept.
const NEAR_CANDIDATES_MAX: usize = 1024;
impl Sets {
    /// Finds the entries of known sets whose PDQ value is at most `radius` bits from any orientation of the picture:
    /// nearest first, one answer an entry, at most [`NEAR_HITS_MAX`]. A picture of a quality below
    /// [`PdqSet::QUALITY_MIN`] has none. It suggests, never hides.
    pub fn near(&self, pdq: &PdqSet, radius: Distance) -> Vec<NearHit> {
        self.near_batch(std::slice::from_ref(pdq), radius).pop().unwrap_or_default()
    }

    /// Looks up many pictures in one scan.
    pub fn near_batch(&self, pdqs: &[PdqSet], radius: Distance) -> Vec<Vec<NearHit>> {
        let radius = radius.min(RADIUS_MAX);
        let mut queries: Vec<Pdq> = Vec::new();
        let mut asked: Vec<(usize, Orientation)> = Vec::new();
        for (number, pdq) in pdqs.iter().enumerate().filter(|(_, pdq)| pdq.quality >= PdqSet::QUALITY_MIN) {
            queries.extend(&pdq.orientations);
            asked.extend(Orientation::ALL.map(|orientation| (number, orientation)));
        }
        let mut nearest: Vec<Nearest> = pdqs.iter().map(|_| Nearest::default()).collect();
        for (number, set) in self.0.sets.iter().enumerate().filter(|(_, set)| set.stamp.role == Role::Known) {
            for (layer, place) in set.layers.iter().zip(0..) {
                scan::scan(layer.segment.pdq_values(), &queries, radius, &mut |query, value, distance| {
                    let (Some((item, orientation)), Some(row)) = (asked.get(query), layer.segment.pdq_row(value))
                    else {
                        return;
                    };
                    if !layer.dead.has(row) {
                        let place = Place { layer: place, row };
                        let (order, orientation) = (set.order(place), *orientation);
                        nearest[*item].take(Candidate { distance, set: number, order, place, orientation });
                    }
                });
            }
        }
        nearest.into_iter().map(|nearest| self.near_hits(nearest)).collect()
    }

    fn near_hits(&self, mut nearest: Nearest) -> Vec<NearHit> {
        nearest.keep_best();
        let hit = |candidate: &Candidate| {
            let set = &self.0.sets[candidate.set];
            let layer = &set.layers[candidate.place.layer as usize];
            let row = layer.segment.row(candidate.place.row)?;
            Some(NearHit {
                set: set.stamp.clone(),
                entry: row.id,
                distance: candidate.distance,
                orientation: candidate.orientation,
                verdict: layer.segment.statement(row.verdict).0.clone(),
                flags: row.flags,
                series: layer.segment.series(row.series).to_owned(),
                quarantined: set.is_quarantined(candidate.place),
            })
        };
        nearest.candidates.iter().filter_map(hit).collect()
    }
}

/// An entry that looks like an item. The order is that of the answers, and does not depend on the order of the scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    distance: Distance,
    set: usize,
    /// [`OpenSet::order`] of the entry.
    order: u64,
    place: Place,
    orientation: Orientation,
}

/// The nearest entries of one item.
#[derive(Debug, Default)]
struct Nearest {
    candidates: Vec<Candidate>,
}

impl Nearest {
    fn take(&mut self, candidate: Candidate) {
        if self.candidates.len() == NEAR_CANDIDATES_MAX {
            self.keep_best();
        }
        self.candidates.push(candidate);
    }

    /// Keeps the nearest, each entry once with its nearest orientation.
    fn keep_best(&mut self) {
        self.candidates.sort_unstable();
        let mut kept: Vec<Candidate> = Vec::with_capacity(NEAR_HITS_MAX);
        for candidate in &self.candidates {
            let again = kept.iter().any(|other| (other.set, other.place) == (candidate.set, candidate.place));
            if !again && kept.len() < NEAR_HITS_MAX {
                kept.push(*candidate);
            }
        }
        self.candidates = kept;
    }
}
