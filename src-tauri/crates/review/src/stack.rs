//! Stacks: items of one case that look alike, gathered so that one look decides for all.
//!
//! Complete-link clustering (every two members of a stack are alike), so that a chain of small changes never joins two
//! pictures that differ. Pairs are taken by distance, then by digest, so that the order of loading does not matter.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{Distance, ImageHash, PdqSet, Sha256};

/// Largest number of members of a stack: more cannot be checked by eye before one decision.
pub const STACK_MEMBERS_MAX: usize = 500;

/// Largest distance of two 64-bit hashes that counts as alike, for pictures that PDQ says too little about.
const IMAGE_HASH_RADIUS: Distance = 4;

/// A 64-bit hash with fewer bits set, or fewer unset, is that of a flat picture: all flat pictures share it.
const IMAGE_HASH_BITS_MIN: u32 = 8;

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

/// Names two items that may be alike, by their places in the list of looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// One item.
    pub a: u32,
    /// The other.
    pub b: u32,
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
    let usable = |look: &Look| look.pdq.as_ref().filter(|pdq| pdq.quality >= PdqSet::QUALITY_MIN).cloned();
    match (usable(a), usable(b)) {
        (Some(one), Some(other)) => {
            let best = |x: &PdqSet, y: &PdqSet| x.orientations.iter().map(|turned| turned.distance(&y.own())).min();
            // Turned values are not exact mirrors of each other, so both ways are measured to keep this symmetric.
            let distance = best(&one, &other)?.min(best(&other, &one)?);
            (distance <= PdqSet::RADIUS).then_some(distance)
        }
        (None, None) => {
            let telling =
                |hash: ImageHash| (IMAGE_HASH_BITS_MIN..=64 - IMAGE_HASH_BITS_MIN).contains(&hash.0.count_ones());
            let distance = a.image_hash.distance(b.image_hash);
            (telling(a.image_hash) && telling(b.image_hash) && distance <= IMAGE_HASH_RADIUS).then_some(distance)
        }
        _ => None,
    }
}

/// Gathers items into stacks. `pairs` must have every pair that is alike; others in it do no harm.
pub fn stacks(looks: &[Look], pairs: &[Pair]) -> Vec<Stack> {
    let mut edges: Vec<(Distance, Sha256, Sha256, usize, usize)> = pairs
        .iter()
        .filter(|pair| pair.a != pair.b)
        .filter_map(|pair| {
            let (a, b) = (pair.a as usize, pair.b as usize);
            let (a, b) = if looks[a].sha256 <= looks[b].sha256 { (a, b) } else { (b, a) };
            alike(&looks[a], &looks[b]).map(|distance| (distance, looks[a].sha256, looks[b].sha256, a, b))
        })
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let linked: HashSet<(usize, usize)> = edges.iter().map(|edge| (edge.3, edge.4)).collect();
    let is_linked = |a: usize, b: usize| linked.contains(&(a, b)) || linked.contains(&(b, a));

    let mut stack_of: HashMap<usize, usize> = HashMap::new();
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (_, _, _, a, b) in &edges {
        let of_a = *stack_of.entry(*a).or_insert_with(|| start(&mut members, *a));
        let of_b = *stack_of.entry(*b).or_insert_with(|| start(&mut members, *b));
        if of_a == of_b || members[&of_a].len() + members[&of_b].len() > STACK_MEMBERS_MAX {
            continue;
        }
        let complete = members[&of_a].iter().all(|x| members[&of_b].iter().all(|y| is_linked(*x, *y)));
        if complete {
            let moved = members.remove(&of_b).expect("a stack is removed only when it is joined to another");
            moved.iter().for_each(|item| {
                stack_of.insert(*item, of_a);
            });
            members.get_mut(&of_a).expect("the stack that is joined to stays").extend(moved);
        }
    }
    let mut out: Vec<Stack> =
        members.into_values().filter(|items| items.len() > 1).map(|items| finish(looks, &items)).collect();
    out.sort_by_key(|stack| stack.members[0]);
    out
}

fn start(members: &mut BTreeMap<usize, Vec<usize>>, item: usize) -> usize {
    members.insert(item, vec![item]);
    item
}

fn finish(looks: &[Look], items: &[usize]) -> Stack {
    let most = items.iter().map(|item| &looks[*item]).max_by_key(|look| (look.pixels, std::cmp::Reverse(look.sha256)));
    let mut members: Vec<Sha256> = items.iter().map(|item| looks[*item].sha256).collect();
    members.sort_unstable();
    Stack { representative: most.expect("a stack has members").sha256, members }
}

#[cfg(test)]
mod tests {
    use domain::{Pdq, PdqVariant};
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

    fn all_pairs(count: usize) -> Vec<Pair> {
        let count = count as u32;
        (0..count).flat_map(|a| (a + 1..count).map(move |b| Pair { a, b })).collect()
    }

    #[test]
    fn a_chain_does_not_become_one_stack() {
        let looks = [look(1, 0, 0, 10), look(2, 0, 20, 10), look(3, 0, 40, 10)];
        let found = stacks(&looks, &all_pairs(3));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].members, [Sha256([1; 32]), Sha256([2; 32])]);
    }

    #[test]
    fn the_largest_picture_stands_for_the_stack() {
        let looks = [look(1, 0, 0, 10), look(2, 0, 3, 90), look(3, 0, 5, 90)];
        assert_eq!(stacks(&looks, &all_pairs(3))[0].representative, Sha256([2; 32]));
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
            let found = stacks(&looks, &all_pairs(looks.len()));
            prop_assert_eq!(&found, &stacks(&turned, &all_pairs(looks.len())));
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
