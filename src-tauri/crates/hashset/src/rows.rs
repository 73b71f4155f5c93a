//! Rows as entries, from front to back: those of one layer, and those of all layers of a set in the order of their ids.
//!
//! Nothing is mapped, because mapped pages count as memory of the process; what is held is one buffer a column.

use std::collections::HashMap;

use domain::{Entry, EntryDigests, EntryId, PhotoDna, Verdict};

use crate::disk::Records;
use crate::error::HashsetError;
use crate::layers::Layer;
use crate::layout::{Column, Mask, PDQ_BYTES, PHOTODNA_BYTES, Row, Span, u32_at};
use crate::segment::Segment;

/// Texts of series that are remembered, as many as when they were written.
const SERIES_REMEMBERED_MAX: usize = 16_384;

/// Makes an entry that is about to be overwritten.
pub(crate) fn blank() -> Entry {
    Entry::bare(EntryId(0), EntryDigests::default(), Verdict::Unclassified)
}

/// Copies an entry without allocating where its texts fit into those that are there: this is done for every row.
pub(crate) fn copy_entry(from: &Entry, to: &mut Entry) {
    to.id = from.id;
    to.digests = from.digests;
    to.size_bytes = from.size_bytes;
    copy_verdict(&from.verdict, &mut to.verdict);
    to.flags = from.flags;
    to.series.clone_from(&from.series);
    to.pdq = from.pdq;
    to.photodna.clone_from(&from.photodna);
    to.standing = from.standing;
}

fn copy_verdict(from: &Verdict, to: &mut Verdict) {
    match (from, to) {
        (Verdict::Category(from), Verdict::Category(to)) => to.0.clone_from(&from.0),
        (from, to) => *to = from.clone(),
    }
}

/// The live rows of one layer in their order.
pub(crate) struct LayerRows<'a> {
    layer: &'a Layer,
    /// Blocks that are still to come, last first.
    blocks: Vec<(Span, Mask)>,
    records: Option<(Records<'a>, Mask)>,
    /// Number of the next row.
    next: u32,
    /// Dead rows that are still to come.
    dead: &'a [u32],
    pdq: ValueRows<'a, PDQ_BYTES>,
    photodna: ValueRows<'a, PHOTODNA_BYTES>,
    texts: HashMap<u32, String>,
    /// Place of the text that `entry` has.
    series: u32,
    entry: Entry,
}

impl<'a> LayerRows<'a> {
    pub fn new(layer: &'a Layer) -> Result<Self, HashsetError> {
        let layout = layer.segment.layout();
        let block = |block: &crate::layout::RowBlock| {
            let bytes = u64::from(block.rows) * block.mask.stride() as u64;
            (Span { offset: block.offset, bytes }, block.mask)
        };
        Ok(Self {
            layer,
            blocks: layout.blocks.iter().rev().map(block).collect(),
            records: None,
            next: 0,
            dead: layer.dead.rows(),
            pdq: ValueRows::new(&layer.segment, layout.pdq)?,
            photodna: ValueRows::new(&layer.segment, layout.photodna)?,
            texts: HashMap::new(),
            series: 0,
            entry: blank(),
        })
    }

    /// Goes to the next live row; false when there is none.
    pub fn advance(&mut self) -> Result<bool, HashsetError> {
        loop {
            let Some((records, mask)) = &mut self.records else {
                let Some((span, mask)) = self.blocks.pop() else { return Ok(false) };
                self.records = Some((self.layer.segment.stream(span, mask.stride()), mask));
                continue;
            };
            let Some(bytes) = records.next()? else {
                self.records = None;
                continue;
            };
            let number = self.next;
            self.next += 1;
            if let [first, rest @ ..] = self.dead
                && *first == number
            {
                self.dead = rest;
                continue;
            }
            let row = Row::read(bytes, *mask).ok_or_else(|| self.layer.segment.damaged("a row is cut off"))?;
            self.take(number, &row)?;
            return Ok(true);
        }
    }

    fn take(&mut self, number: u32, row: &Row) -> Result<(), HashsetError> {
        let (verdict, standing) = self.layer.segment.statement(row.verdict);
        let entry = &mut self.entry;
        entry.id = row.id;
        entry.digests = row.digests;
        entry.size_bytes = row.size_bytes;
        copy_verdict(verdict, &mut entry.verdict);
        entry.standing = *standing;
        entry.flags = row.flags;
        if row.series != self.series {
            entry.series.clear();
            if row.series != 0 {
                if !self.texts.contains_key(&row.series) {
                    if self.texts.len() == SERIES_REMEMBERED_MAX {
                        self.texts.clear();
                    }
                    self.texts.insert(row.series, self.layer.segment.read_series(row.series)?);
                }
                entry.series.push_str(&self.texts[&row.series]);
            }
            self.series = row.series;
        }
        entry.pdq = self.pdq.at(number)?.map(|value| domain::Pdq(*value));
        match (self.photodna.at(number)?, &mut entry.photodna) {
            (Some(value), Some(place)) => place.0.copy_from_slice(value),
            (Some(value), place) => *place = Some(PhotoDna(Box::new(*value))),
            (None, place) => *place = None,
        }
        Ok(())
    }

    /// The row that was gone to.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Its number.
    pub fn row(&self) -> u32 {
        self.next - 1
    }
}

/// A column that some rows have a value in, in the order of rows.
struct ValueRows<'a, const BYTES: usize> {
    values: Records<'a>,
    rows: Records<'a>,
    next: Option<u32>,
    /// Values before the one of `next` that have not been read.
    behind: u64,
    value: [u8; BYTES],
}

impl<'a, const BYTES: usize> ValueRows<'a, BYTES> {
    fn new(segment: &'a Segment, column: Column) -> Result<Self, HashsetError> {
        let mut rows = segment.stream(column.rows, 4);
        let next = rows.next()?.and_then(|bytes| u32_at(bytes, 0));
        Ok(Self { values: segment.stream(column.values, BYTES), rows, next, behind: 0, value: [0; BYTES] })
    }

    /// Gives the value of a row. Rows are asked in ascending order.
    fn at(&mut self, row: u32) -> Result<Option<&[u8; BYTES]>, HashsetError> {
        while self.next.is_some_and(|next| next < row) {
            self.next = self.rows.next()?.and_then(|bytes| u32_at(bytes, 0));
            self.behind += 1;
        }
        if self.next != Some(row) {
            return Ok(None);
        }
        self.values.skip(std::mem::take(&mut self.behind));
        let Some(value) = self.values.next()?.and_then(|value| value.first_chunk::<BYTES>()) else { return Ok(None) };
        self.value = *value;
        self.next = self.rows.next()?.and_then(|bytes| u32_at(bytes, 0));
        Ok(Some(&self.value))
    }
}

/// The live rows of all layers of a set, ascending by entry id.
///
/// A set that was imported by hand has one layer, and its rows come in the order of its list.
pub(crate) struct SetRows<'a> {
    streams: Vec<LayerRows<'a>>,
    /// The stream whose row is the current one.
    at: usize,
    /// Smallest id of all other streams.
    bound: Option<EntryId>,
    /// Streams that have a row.
    open: Vec<bool>,
    started: bool,
}

impl<'a> SetRows<'a> {
    pub fn new(layers: &'a [Layer]) -> Result<Self, HashsetError> {
        let streams = layers.iter().map(LayerRows::new).collect::<Result<Vec<_>, _>>()?;
        let open = vec![false; streams.len()];
        Ok(Self { streams, at: 0, bound: None, open, started: false })
    }

    /// Goes to the next row; false when there is none.
    pub fn advance(&mut self) -> Result<bool, HashsetError> {
        if !self.started {
            self.started = true;
            for (stream, open) in self.streams.iter_mut().zip(&mut self.open) {
                *open = stream.advance()?;
            }
            return self.choose();
        }
        if !self.open.get(self.at).is_some_and(|open| *open) {
            return Ok(false);
        }
        if let [only] = &mut self.streams[..] {
            self.open[0] = only.advance()?;
            return Ok(self.open[0]);
        }
        let stream = &mut self.streams[self.at];
        let before = stream.entry().id;
        if !stream.advance()? {
            self.open[self.at] = false;
            return self.choose();
        }
        let id = stream.entry().id;
        if id <= before {
            return Err(stream.layer.segment.damaged("its entry ids do not ascend"));
        }
        if self.bound.is_none_or(|bound| id < bound) { Ok(true) } else { self.choose() }
    }

    /// Finds the stream with the smallest id, and the bound up to which it stays the smallest.
    fn choose(&mut self) -> Result<bool, HashsetError> {
        let mut first: Option<(EntryId, usize)> = None;
        let mut second: Option<EntryId> = None;
        for (number, stream) in self.streams.iter().enumerate().filter(|(number, _)| self.open[*number]) {
            let id = stream.entry().id;
            match first {
                Some((smallest, _)) if smallest <= id => second = Some(second.map_or(id, |second| second.min(id))),
                _ => {
                    second = first.map(|(smallest, _)| smallest).or(second);
                    first = Some((id, number));
                }
            }
        }
        let Some((id, number)) = first else { return Ok(false) };
        if second == Some(id) {
            return Err(self.streams[number].layer.segment.damaged("two layers have a live row of one entry"));
        }
        (self.at, self.bound) = (number, second);
        Ok(true)
    }

    /// The row that was gone to.
    pub fn entry(&self) -> &Entry {
        self.streams[self.at].entry()
    }

    /// Layer and number of that row.
    pub fn place(&self) -> (usize, u32) {
        (self.at, self.streams[self.at].row())
    }
}

/// The live entries of a set: ascending by id for a published set, in the order of its list for an imported one.
pub struct Rows<'a> {
    rows: SetRows<'a>,
    is_over: bool,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(layers: &'a [Layer]) -> Result<Self, HashsetError> {
        Ok(Self { rows: SetRows::new(layers)?, is_over: false })
    }

    /// Gives the next entry without copying it. After an error or the end there is no further one.
    pub fn next_ref(&mut self) -> Result<Option<&Entry>, HashsetError> {
        if self.is_over {
            return Ok(None);
        }
        // Set first: an error ends the rows.
        self.is_over = true;
        if !self.rows.advance()? {
            return Ok(None);
        }
        self.is_over = false;
        Ok(Some(self.rows.entry()))
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Entry, HashsetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_ref().map(|entry| entry.cloned()).transpose()
    }
}
