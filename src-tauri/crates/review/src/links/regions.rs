//! Regions of different leads that look alike. Only a suggestion: two people who draw round one thing draw two boxes.

use domain::{Distance, EvidenceId, LeadId, PdqSet};

use super::alike::Pieces;

/// Holds a region whose digest says enough to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionSeen {
    /// The region.
    pub region: RegionEnd,
    /// What it looks like.
    pub pdq: PdqSet,
}

/// Names a region that a lead rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionEnd {
    /// The lead.
    pub lead: LeadId,
    /// Number of the item.
    pub number: u32,
    /// Which of the regions of the lead in this item it is, from 1.
    pub place: u32,
    /// Number of the evidence.
    pub evidence: EvidenceId,
}

/// Finds the pairs of regions that look alike, each once with its smaller end first, the nearest first. A pair is of two
/// leads and of two items: that two leads rest on one item is told as such.
pub fn regions_alike(seen: &[RegionSeen], asked: &dyn Fn(LeadId) -> bool) -> Vec<(RegionEnd, RegionEnd, Distance)> {
    if seen.len() < 2 {
        return Vec::new();
    }
    let pieces = Pieces::new(seen.iter().map(|one| &one.pdq.orientations[0]).collect());
    let mut found: Vec<(RegionEnd, RegionEnd, Distance)> = Vec::new();
    for one in seen.iter().filter(|one| asked(one.region.lead)) {
        for turned in &one.pdq.orientations {
            pieces.near(turned, &mut |at, distance| {
                let (a, b) = (one.region, seen[at].region);
                if a.lead != b.lead && a.number != b.number {
                    found.push((a.min(b), a.max(b), distance));
                }
            });
        }
    }
    // A pair is found by each of its ends and in each orientation; it is told at its smallest distance.
    found.sort_unstable();
    found.dedup_by_key(|(a, b, _)| (*a, *b));
    found.sort_by_key(|(_, _, distance)| *distance);
    found
}
