//! Look-alikes among many items, exactly and in seconds, by an index of pieces of PDQ values.
//!
//! Two values of 256 bits that differ in at most 31 differ in at most one bit in at least one of their 16 pieces of 16
//! bits (31 is less than 2 × 16). So the values that may be near to another are those that have one of its pieces, or
//! a piece that differs in one bit: 17 look-ups a piece. Each that is found is measured (Norouzi, Punjani and Fleet, "Fast
//! exact search in Hamming space with multi-index hashing", 2014).

use domain::{Distance, ImageHash, Pdq, PdqSet};

use crate::stack::{GoOn, Look, alike, hashes_alike};

/// Pieces of a value.
const PIECES: usize = 16;
/// Values that a piece can have.
const PIECE_VALUES: usize = 1 << 16;
/// Items between two questions whether the work goes on.
const ITEMS_BETWEEN: usize = 256;

const _: () = assert!((PdqSet::RADIUS as usize) < 2 * PIECES, "at least one piece differs in one bit at most");

/// A value in four words, the first bits highest: words are counted faster than bytes.
type Words = [u64; 4];

/// Holds PDQ values so that those near to another are found quickly.
pub(crate) struct Pieces {
    values: Vec<Words>,
    /// For each piece: where the rows of each of its values begin, and the rows, one value after another.
    tables: Vec<(Vec<u32>, Vec<u32>)>,
}

impl Pieces {
    /// Takes values; each is named by its place from now on.
    pub fn new(values: Vec<&Pdq>) -> Self {
        let values: Vec<Words> = values.into_iter().map(words_of).collect();
        let tables = (0..PIECES).map(|piece| table(&values, piece)).collect();
        Self { values, tables }
    }

    /// Tells whether any value is within [`PdqSet::RADIUS`] of another.
    fn has_near(&self, other: &Pdq) -> bool {
        let other = words_of(other);
        self.tables.iter().enumerate().any(|(piece, (starts, rows))| {
            let own = value_of(&other, piece);
            let beside = (0..16).map(|bit| own ^ (1 << bit));
            std::iter::once(own).chain(beside).map(usize::from).any(|value| {
                let rows = &rows[starts[value] as usize..starts[value + 1] as usize];
                rows.iter().any(|row| within(&self.values[*row as usize], &other).is_some())
            })
        })
    }

    /// Calls back with every value (its place, its distance) within [`PdqSet::RADIUS`] of another, each once, in any order.
    pub fn near(&self, other: &Pdq, each: &mut dyn FnMut(usize, Distance)) {
        let other = words_of(other);
        for (piece, (starts, rows)) in self.tables.iter().enumerate() {
            let own = value_of(&other, piece);
            let beside = (0..16).map(|bit| own ^ (1 << bit));
            for value in std::iter::once(own).chain(beside).map(usize::from) {
                for row in &rows[starts[value] as usize..starts[value + 1] as usize] {
                    let row = *row as usize;
                    // A value is found by each piece that is near; it is told of by the first of them.
                    if let Some(distance) = within(&self.values[row], &other)
                        && first_near(&self.values[row], &other) == piece
                    {
                        each(row, distance);
                    }
                }
            }
        }
    }
}

/// Tells of an item, by what can be read quickly of it, whether it may look like one of those that are asked about. What it
/// lets pass is measured by [`look_alikes`]; what it does not, looks like none of them. So a case of a million items is
/// gone through once, and only what may matter of it is held.
pub struct Reach {
    turns: Pieces,
    /// 64-bit hashes of those without a usable PDQ value.
    hashes: Vec<ImageHash>,
}

impl Reach {
    /// Takes the looks of those that are asked about.
    pub fn new(asked: &[Seen]) -> Self {
        let usable = |look: &Look| look.pdq.as_ref().is_some_and(|pdq| pdq.quality >= PdqSet::QUALITY_MIN);
        let (with, without): (Vec<&Seen>, Vec<&Seen>) = asked.iter().partition(|(_, look)| usable(look));
        let turns = with.iter().filter_map(|(_, look)| look.pdq.as_ref()).flat_map(|pdq| &pdq.orientations).collect();
        Self { turns: Pieces::new(turns), hashes: without.iter().map(|(_, look)| look.image_hash).collect() }
    }

    /// Tells whether an item may be alike, by its PDQ value as it is, with its quality, and by its 64-bit hash.
    pub fn may_have(&self, own: Option<(u8, Pdq)>, hash: ImageHash) -> bool {
        match own.filter(|(quality, _)| *quality >= PdqSet::QUALITY_MIN) {
            Some((_, pdq)) => self.turns.has_near(&pdq),
            None => self.hashes.iter().any(|asked| hashes_alike(*asked, hash)),
        }
    }
}

fn words_of(value: &Pdq) -> Words {
    let (words, _) = value.0.as_chunks::<8>();
    std::array::from_fn(|word| u64::from_be_bytes(words[word]))
}

fn value_of(value: &Words, piece: usize) -> u16 {
    // Four pieces a word; the shift leaves one in the lowest bits.
    (value[piece / 4] >> (48 - 16 * (piece % 4))) as u16
}

/// Measures two values; none beyond the radius. Nearly all that are looked at are far, which two words tell.
fn within(a: &Words, b: &Words) -> Option<Distance> {
    let mut distance = 0;
    for (a, b) in a.iter().zip(b) {
        distance += (a ^ b).count_ones();
        if distance > PdqSet::RADIUS {
            return None;
        }
    }
    Some(distance)
}

/// Gives the first piece in which two values differ in one bit at most; [`PIECES`] where there is none.
fn first_near(a: &Words, b: &Words) -> usize {
    (0..PIECES).take_while(|piece| (value_of(a, *piece) ^ value_of(b, *piece)).count_ones() > 1).count()
}

/// Sorts rows by the value of a piece, by counting.
fn table(values: &[Words], piece: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; PIECE_VALUES + 1];
    values.iter().for_each(|value| starts[usize::from(value_of(value, piece)) + 1] += 1);
    for value in 0..PIECE_VALUES {
        starts[value + 1] += starts[value];
    }
    let mut next = starts.clone();
    let mut rows = vec![0; values.len()];
    for (row, value) in values.iter().enumerate() {
        let place = &mut next[usize::from(value_of(value, piece))];
        rows[*place as usize] = row as u32;
        *place += 1;
    }
    (starts, rows)
}

/// Holds a picture's number and what is compared of it.
pub type Seen = (u32, Look);

/// Calls back with (number, number of another, distance) for every item asked about and every item that looks like it, in
/// an order that depends on the items alone. `None` when `go_on` broke the work off.
///
/// An item is found by its eight turns against the others as they stand, as in [`crate::stacks`], and measured by
/// [`alike`]; items without a usable PDQ value are compared with their like by the 64-bit hash.
pub fn look_alikes(
    seen: &[Seen],
    asked: &dyn Fn(u32) -> bool,
    go_on: GoOn<'_>,
    each: &mut dyn FnMut(u32, u32, Distance),
) -> Option<()> {
    let usable = |look: &Look| look.pdq.as_ref().is_some_and(|pdq| pdq.quality >= PdqSet::QUALITY_MIN);
    let (with, without): (Vec<&Seen>, Vec<&Seen>) = seen.iter().partition(|(_, look)| usable(look));
    let values = with.iter().filter_map(|(_, look)| look.pdq.as_ref().map(|pdq| &pdq.orientations[0])).collect();
    let pieces = Pieces::new(values);
    let mut found = Vec::new();
    for (at, item) in with.iter().chain(&without).filter(|item| asked(item.0)).enumerate() {
        if at.is_multiple_of(ITEMS_BETWEEN) && go_on(at).is_break() {
            return None;
        }
        found.clear();
        match item.1.pdq.as_ref().filter(|_| usable(&item.1)) {
            Some(pdq) => {
                pdq.orientations.iter().for_each(|turned| pieces.near(turned, &mut |row, _| found.push(with[row])))
            }
            None => found.extend(&without),
        }
        found.sort_unstable_by_key(|other| other.0);
        found.dedup_by_key(|other| other.0);
        for other in found.iter().filter(|other| other.0 != item.0) {
            if let Some(distance) = alike(&item.1, &other.1) {
                each(item.0, other.0, distance);
            }
        }
    }
    Some(())
}
