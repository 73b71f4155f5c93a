//! Stacks: items of one case that look alike, gathered so that one look decides for all.
//!
//! Complete-link clustering (every two members of a stack are alike), so that a chain of small changes never joins two
//! pictures that differ. Items are taken in an order of their own, so that the order of loading does not matter.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use domain::{Distance, ImageHash, Pdq, PdqSet, Sha256};

/// Largest number of members of a stack: more cannot be checked by eye before one decision.
pub const STACK_MEMBERS_MAX: usize = 500;

/// Largest distance of two 64-bit hashes that counts as alike, for pictures that PDQ says too little about.
const IMAGE_HASH_RADIUS: Distance = 4;

/// A 64-bit hash with fewer bits set, or fewer unset, is that of a flat picture: all flat pictures share it.
const IMAGE_HASH_BITS_MIN: u32 = 8;

/// Items that are scanned for in one go: more need more memory where all look alike, fewer read the firsts more often.
const BLOCK_ITEMS: usize = 1024;

/// Holds what is compared of one item.
#[derive(Debug, Clone)]
pub struct Look {
    /// Item.
    pub sha256: Sha256,
    /// Pixels, to choose the representative.
    pub pixels: u64,
    /// PDQ in eight orientations, if the picture has it.
    pub pdq: Option<PdqSet>,
    /// 64-bit hash.
    pub image_hash: ImageHash,
}

/// Holds a stack of at least two items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// Member with the most pixels; of equals, the smallest digest.
    pub representative: Sha256,
    /// All members, by digest.
    pub members: Vec<Sha256>,
}

/// Measures how alike two items are: `None` when they are not.
///
/// PDQ (quality ≥ 50 on both sides) in the best of the eight orientations, at most 31; where either has no usable PDQ,
/// the 64-bit hashes, at most 4, unless they are those of flat pictures.
pub fn alike(a: &Look, b: &Look) -> Option<Distance> {
    match (usable(a), usable(b)) {
        (Some(one), Some(other)) => {
            let best = |x: &PdqSet, y: &PdqSet| x.orientations.iter().map(|turned| turned.distance(&y.own())).min();
            // Turned values are not exact mirrors of each other, so both ways are measured to keep this symmetric.
            let distance = best(one, other)?.min(best(other, one)?);
            (distance <= PdqSet::RADIUS).then_some(distance)
        }
        (None, None) => {
            let distance = telling(a)?.distance(telling(b)?);
            (distance <= IMAGE_HASH_RADIUS).then_some(distance)
        }
        _ => None,
    }
}

/// Tells whether the 64-bit hashes of two pictures without a usable PDQ value are near enough.
pub(crate) fn hashes_alike(a: ImageHash, b: ImageHash) -> bool {
    a.distance(b) <= IMAGE_HASH_RADIUS
}

/// Gives the PDQ values of a picture that has enough to tell.
fn usable(look: &Look) -> Option<&PdqSet> {
    look.pdq.as_ref().filter(|pdq| pdq.quality >= PdqSet::QUALITY_MIN)
}

/// Gives the 64-bit hash of a picture that is not flat.
fn telling(look: &Look) -> Option<ImageHash> {
    let telling = IMAGE_HASH_BITS_MIN..=64 - IMAGE_HASH_BITS_MIN;
    telling.contains(&look.image_hash.0.count_ones()).then_some(look.image_hash)
}

/// Tells whether the work goes on; asked with the number of items that are done.
pub type GoOn<'a> = &'a mut dyn FnMut(usize) -> ControlFlow<()>;

/// An exact scan: calls back with (index of the query, index of the row) for every pair that differs in at most so many
/// bits, in any order. Rows are PDQ values of 32 bytes, one after another.
pub type Scan<'a> = &'a mut dyn FnMut(&[u8], &[Pdq], Distance, &mut dyn FnMut(usize, usize));

/// Gathers items into stacks; `None` when `go_on` broke the work off.
///
/// Items are taken by pixels, most first, then by digest. Each joins the closest stack whose first item its turned PDQ
/// (or its 64-bit hash) comes near to, if it is alike with every member; else it is the first of a stack of its own. So
/// memory grows with the items, not with the pairs: ten thousand frames of one scene are fifty million pairs.
pub fn stacks(looks: &[Look], scan: Scan<'_>, go_on: GoOn<'_>) -> Option<Vec<Stack>> {
    let mut order: Vec<u32> = (0..looks.len() as u32).collect();
    order.sort_unstable_by_key(|place| {
        let look = &looks[*place as usize];
        (std::cmp::Reverse(look.pixels), look.sha256)
    });
    let mut gathered = Gathered { looks, members: BTreeMap::new(), firsts: Firsts::default() };
    for (number, block) in order.chunks(BLOCK_ITEMS).enumerate() {
        if go_on(number * BLOCK_ITEMS).is_break() {
            return None;
        }
        let near = gathered.near_firsts(block, scan);
        for (item, mut firsts) in block.iter().zip(near) {
            // The closest first; of equals, the smaller digest.
            firsts.sort_unstable_by_key(|first| {
                let first = &looks[*first as usize];
                (alike(&looks[*item as usize], first).unwrap_or(Distance::MAX), first.sha256)
            });
            gathered.place(*item, &firsts);
        }
    }
    let mut out: Vec<Stack> = gathered
        .members
        .iter()
        .filter(|(_, members)| members.len() > 1)
        .map(|(first, members)| finish(looks, *first, members))
        .collect();
    out.sort_by_key(|stack| stack.members[0]);
    Some(out)
}

/// The stacks so far, by the place of their first item in `looks`.
struct Gathered<'a> {
    looks: &'a [Look],
    members: BTreeMap<u32, Vec<u32>>,
    firsts: Firsts,
}

/// The first items of all stacks, as they are scanned.
#[derive(Default)]
struct Firsts {
    by_pdq: Vec<u32>,
    column: Vec<u8>,
    by_hash: Vec<u32>,
    hashes: Vec<ImageHash>,
}

impl Gathered<'_> {
    /// Finds, for each item of a block, the items that it may be stacked on: firsts of earlier blocks, and the items of
    /// the block before it, which may be firsts when its turn comes.
    fn near_firsts(&self, block: &[u32], scan: Scan<'_>) -> Vec<Vec<u32>> {
        let mut near = vec![Vec::new(); block.len()];
        let (with_pdq, without): (Vec<usize>, Vec<usize>) =
            (0..block.len()).partition(|place| usable(self.look(block[*place])).is_some());
        let mut queries = Vec::with_capacity(with_pdq.len() * 8);
        let mut rows = Vec::with_capacity(with_pdq.len() * 32);
        for pdq in with_pdq.iter().filter_map(|place| usable(self.look(block[*place]))) {
            queries.extend_from_slice(&pdq.orientations);
            rows.extend_from_slice(&pdq.own().0);
        }
        scan(&self.firsts.column, &queries, PdqSet::RADIUS, &mut |query, row| {
            near[with_pdq[query / 8]].push(self.firsts.by_pdq[row]);
        });
        scan(&rows, &queries, PdqSet::RADIUS, &mut |query, row| {
            let (item, other) = (with_pdq[query / 8], with_pdq[row]);
            if other < item {
                near[item].push(block[other]);
            }
        });
        for (count, place) in without.iter().enumerate() {
            let Some(hash) = telling(self.look(block[*place])) else { continue };
            let is_near = |other: ImageHash| hash.distance(other) <= IMAGE_HASH_RADIUS;
            let earlier = self.firsts.hashes.iter().zip(&self.firsts.by_hash);
            near[*place].extend(earlier.filter(|(other, _)| is_near(**other)).map(|(_, first)| *first));
            let beside = without[..count].iter().map(|other| block[*other]);
            near[*place].extend(beside.filter(|other| telling(self.look(*other)).is_some_and(is_near)));
        }
        near.iter_mut().for_each(|firsts| {
            firsts.sort_unstable();
            firsts.dedup();
        });
        near
    }

    /// Puts an item on the first of these stacks that takes it, or makes it the first of its own.
    fn place(&mut self, item: u32, firsts: &[u32]) {
        let taken = firsts.iter().find(|first| {
            self.members.get(first).is_some_and(|members| {
                members.len() < STACK_MEMBERS_MAX
                    && members.iter().all(|member| alike(self.look(*member), self.look(item)).is_some())
            })
        });
        if let Some(members) = taken.and_then(|first| self.members.get_mut(first)) {
            members.push(item);
            return;
        }
        self.members.insert(item, vec![item]);
        let look = self.look(item);
        match (usable(look), telling(look)) {
            (Some(pdq), _) => {
                let own = pdq.own();
                self.firsts.column.extend_from_slice(&own.0);
                self.firsts.by_pdq.push(item);
            }
            (None, Some(hash)) => {
                self.firsts.hashes.push(hash);
                self.firsts.by_hash.push(item);
            }
            (None, None) => {}
        }
    }

    fn look(&self, place: u32) -> &Look {
        &self.looks[place as usize]
    }
}

fn finish(looks: &[Look], first: u32, members: &[u32]) -> Stack {
    let mut members: Vec<Sha256> = members.iter().map(|item| looks[*item as usize].sha256).collect();
    members.sort_unstable();
    Stack { representative: looks[first as usize].sha256, members }
}

#[cfg(test)]
mod tests {
    use domain::PdqVariant;
    use proptest::prelude::*;

    use super::*;

    /// Makes a look whose PDQ has the given number of leading bits flipped against a base.
    fn look(number: u8, base: u8, flipped: usize, pixels: u64) -> Look {
        let mut bits = [base; 32];
        (0..flipped).for_each(|bit| bits[bit / 8] ^= 1 << (bit % 8));
        let far: [Pdq; 8] = std::array::from_fn(|turn| {
            if turn == 0 { Pdq(bits) } else { Pdq([(turn as u8).wrapping_mul(37) ^ number.wrapping_mul(91); 32]) }
        });
        Look {
            sha256: Sha256([number; 32]),
            pixels,
            pdq: Some(PdqSet { variant: PdqVariant::Sampled512, quality: 100, orientations: far }),
            image_hash: ImageHash(0),
        }
    }

    /// Stacks by a plain scan.
    fn stacked(looks: &[Look]) -> Vec<Stack> {
        let mut scan = |column: &[u8], queries: &[Pdq], radius: Distance, hit: &mut dyn FnMut(usize, usize)| {
            for (row, value) in column.chunks(32).enumerate() {
                let value = Pdq(value.try_into().unwrap());
                (0..queries.len())
                    .filter(|query| queries[*query].distance(&value) <= radius)
                    .for_each(|query| hit(query, row));
            }
        };
        stacks(looks, &mut scan, &mut |_| ControlFlow::Continue(())).unwrap()
    }

    #[test]
    fn a_chain_does_not_become_one_stack() {
        let looks = [look(1, 0, 0, 10), look(2, 0, 20, 10), look(3, 0, 40, 10)];
        let found = stacked(&looks);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].members, [Sha256([1; 32]), Sha256([2; 32])]);
    }

    #[test]
    fn the_largest_picture_stands_for_the_stack() {
        let looks = [look(1, 0, 0, 10), look(2, 0, 3, 90), look(3, 0, 5, 90)];
        assert_eq!(stacked(&looks)[0].representative, Sha256([2; 32]));
    }

    #[test]
    fn the_closest_stack_takes_a_picture_and_a_full_one_takes_no_more() {
        let looks = [look(1, 0, 0, 90), look(2, 0, 40, 80), look(3, 0, 25, 10)];
        assert_eq!(stacked(&looks)[0].members, [Sha256([2; 32]), Sha256([3; 32])]);
        let mut frames = vec![look(1, 0, 0, 10); 2 * STACK_MEMBERS_MAX + 1];
        for (number, frame) in frames.iter_mut().enumerate() {
            frame.sha256.0[..4].copy_from_slice(&(number as u32).to_be_bytes());
        }
        let found = stacked(&frames);
        assert_eq!(found.iter().map(|stack| stack.members.len()).collect::<Vec<_>>(), [STACK_MEMBERS_MAX; 2]);
    }

    #[test]
    fn work_that_is_broken_off_gives_nothing() {
        let looks = [look(1, 0, 0, 10), look(2, 0, 0, 10)];
        assert_eq!(stacks(&looks, &mut |_, _, _, _| {}, &mut |_| ControlFlow::Break(())), None);
    }

    #[test]
    fn flat_pictures_are_not_alike() {
        let mut flat = [look(1, 0, 0, 10), look(2, 0, 0, 10)];
        flat.iter_mut().for_each(|look| look.pdq = None);
        assert_eq!(alike(&flat[0], &flat[1]), None);
        flat.iter_mut().for_each(|look| look.image_hash = ImageHash(0x00ff_00ff_00ff_00ff));
        assert_eq!(alike(&flat[0], &flat[1]), Some(0));
    }

    proptest! {
        #[test]
        fn order_does_not_matter_and_every_two_members_are_alike(
            parts in prop::collection::vec((0u8..4, 0usize..60, 1u64..5), 2..24),
            turn in 0usize..24,
        ) {
            let looks: Vec<Look> = parts.iter().enumerate()
                .map(|(number, (base, flipped, pixels))| look(number as u8, base.wrapping_mul(85), *flipped, *pixels))
                .collect();
            let mut turned = looks.clone();
            turned.rotate_left(turn % looks.len());
            let found = stacked(&looks);
            prop_assert_eq!(&found, &stacked(&turned));
            let by_digest = |digest: &Sha256| looks.iter().find(|look| look.sha256 == *digest).unwrap();
            for stack in &found {
                for a in &stack.members {
                    for b in &stack.members {
                        prop_assert!(a == b || alike(by_digest(a), by_digest(b)).is_some());
                    }
                }
            }
        }
    }
}
