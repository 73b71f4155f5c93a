//! What a query finds, frozen: tiles, and the items behind each.

use std::collections::HashMap;

use super::Table;
use super::filter::Rows;
use super::query::Query;

/// Holds the items that met a query, in their order. It does not follow the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Numbers of items, those of one tile behind one another.
    items: Vec<u32>,
    /// Where each tile begins; empty when each tile is one item.
    starts: Vec<u32>,
}

impl Table {
    /// Finds the items that meet a query, in its order. Stacked, the first of each stack stands for those of it that meet
    /// the query, and these follow in the same order.
    pub fn open(&self, query: &Query) -> Found {
        let rows = self.meeting(query);
        let items = self.ordered(&rows, query.order, query.descending);
        if query.stacked { self.gathered(items) } else { Found { items, starts: Vec::new() } }
    }

    fn gathered(&self, items: Vec<u32>) -> Found {
        let mut tile_of_stack: HashMap<u32, u32> = HashMap::new();
        let mut lengths: Vec<u32> = Vec::with_capacity(items.len());
        let mut tile_of: Vec<u32> = Vec::with_capacity(items.len());
        for number in &items {
            let stack = self.hot[*number as usize - 1].stack;
            let next = lengths.len() as u32;
            let tile = if stack == 0 { next } else { *tile_of_stack.entry(stack).or_insert(next) };
            if tile == next {
                lengths.push(0);
            }
            lengths[tile as usize] += 1;
            tile_of.push(tile);
        }
        let mut start = 0;
        let starts: Vec<u32> = lengths
            .into_iter()
            .map(|length| {
                start += length;
                start - length
            })
            .collect();
        let mut next = starts.clone();
        let mut gathered = vec![0; items.len()];
        for (number, tile) in items.into_iter().zip(tile_of) {
            let place = &mut next[tile as usize];
            gathered[*place as usize] = number;
            *place += 1;
        }
        Found { items: gathered, starts }
    }
}

impl Found {
    /// Counts the tiles.
    pub fn tiles(&self) -> u32 {
        let tiles = if self.starts.is_empty() { self.items.len() } else { self.starts.len() };
        tiles as u32
    }

    /// Gives all items, those of one tile behind one another.
    pub fn items(&self) -> &[u32] {
        &self.items
    }

    /// Gives the items behind a tile, the one that it shows first; empty behind the last tile.
    pub fn behind(&self, tile: u32) -> &[u32] {
        let (tile, end) = (tile as usize, self.items.len());
        if self.starts.is_empty() {
            return self.items.get(tile..=tile).unwrap_or_default();
        }
        let Some(start) = self.starts.get(tile) else { return &[] };
        let end = self.starts.get(tile + 1).map_or(end, |next| *next as usize);
        &self.items[*start as usize..end]
    }

    /// Gives the items behind a run of tiles.
    pub fn behind_run(&self, first: u32, count: u32) -> &[u32] {
        let last = first.saturating_add(count).min(self.tiles());
        if first >= last {
            return &[];
        }
        let at = |tile: u32| match self.starts.get(tile as usize) {
            Some(start) => *start as usize,
            None if self.starts.is_empty() => tile as usize,
            None => self.items.len(),
        };
        &self.items[at(first)..at(last)]
    }

    /// Finds the tile that an item stands behind.
    pub fn tile_of(&self, number: u32) -> Option<u32> {
        let place = self.items.iter().position(|item| *item == number)? as u32;
        if self.starts.is_empty() {
            return Some(place);
        }
        Some(self.starts.partition_point(|start| *start <= place) as u32 - 1)
    }

    /// Finds the item that is nearest to a place of these that are frozen, among those that meet the query now: the item itself,
    /// else the next one, else the last one before it. None where the item is not among these, or none of them meets it.
    pub fn nearest(&self, number: u32, now: &Rows) -> Option<u32> {
        let place = self.items.iter().position(|item| *item == number)?;
        let (before, after) = self.items.split_at(place);
        after.iter().chain(before.iter().rev()).find(|item| now.has(**item)).copied()
    }

    /// Counts its items that are not among those that meet the query now, and those that are and are none of its items.
    pub fn compared(&self, now: &Rows) -> (u32, u32) {
        let kept = self.items.iter().filter(|number| now.has(**number)).count() as u32;
        (self.items.len() as u32 - kept, now.len() - kept)
    }
}
