//! The orders of items. Each is kept as a list of all rows and put right where rows came or changed, so that to open a view
//! costs no sorting.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::filter::Rows;
use super::names::ranks;
use super::query::{Order, Query};
use super::{Found, Hot, NO_DATE, State, Table, Urgency, flag};

/// A kept order is made anew when more than one row in so many has changed.
const CHANGED_PART: usize = 8;
/// Groups of [`Order::Review`].
const REVIEW_GROUPS: usize = 6;

/// Holds the orders that were asked for.
#[derive(Debug, Default)]
pub(super) struct Orders {
    kept: Mutex<HashMap<Order, Kept>>,
}

/// One order, as it was when it was asked for last.
#[derive(Debug, Default)]
struct Kept {
    /// All rows in their order; behind `having`, those without a value.
    rows: Arc<Vec<u32>>,
    having: usize,
    /// Rows that came or changed since.
    changed: Vec<u32>,
}

impl Orders {
    /// Notes that a row came, changed or went.
    pub fn changed(&mut self, row: u32) {
        for kept in self.kept.get_mut().unwrap_or_else(PoisonError::into_inner).values_mut() {
            kept.changed.push(row);
        }
    }

    pub fn bytes(&self) -> usize {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.values().map(|kept| (kept.rows.capacity() + kept.changed.capacity()) * size_of::<u32>()).sum()
    }
}

impl Table {
    /// Makes the orders that cost most, so that nobody waits for them later.
    pub fn prepare(&self) {
        for order in [Order::Time, Order::Size, Order::Place, Order::Likeness, Order::Camera] {
            self.kept(order);
        }
    }

    /// Gives the numbers of these rows in an order.
    pub(super) fn ordered(&self, rows: &Rows, order: Order, descending: bool) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(rows.len() as usize);
        match order {
            Order::Number => numbers.extend(rows.places().map(number_at)),
            Order::Review => {
                let mut groups: [Vec<u32>; REVIEW_GROUPS] = Default::default();
                for place in rows.places() {
                    groups[review_group(&self.hot[place])].push(number_at(place));
                }
                groups.into_iter().for_each(|group| numbers.extend(group));
            }
            _ => {
                let (all, having) = self.kept(order);
                let (having, lacking) = all.split_at(having);
                let wanted = |row: &&u32| rows.has_place(**row as usize);
                let take = |row: &u32| number_at(*row as usize);
                if descending {
                    numbers.extend(having.iter().rev().filter(wanted).map(take));
                    numbers.extend(lacking.iter().rev().filter(wanted).map(take));
                } else {
                    numbers.extend(all.iter().filter(wanted).map(take));
                }
                return numbers;
            }
        }
        if descending {
            numbers.reverse();
        }
        numbers
    }

    /// Finds the tile that an item stands behind in what a query has just found or, where it is not there, the next one in
    /// the query's order, or the last; none where there is no such item or no tile.
    pub fn place_of(&self, number: u32, found: &Found, query: &Query) -> Option<u32> {
        self.hot_of(number)?;
        let last = found.tiles().checked_sub(1)?;
        if let Some(tile) = found.tile_of(number) {
            return Some(tile);
        }
        let keys = Keys::of(self, query.order);
        let is_before = |tile: u32| {
            let (one, other) = (found.behind(tile)[0] - 1, number - 1);
            let (has, lacks) = (keys.has(one), !keys.has(other));
            match keys.compare(one, other) {
                // What lacks a value is last, whatever the direction.
                _ if has && lacks => true,
                _ if !has && !lacks => false,
                order => (order == Ordering::Less) != query.descending,
            }
        };
        let (mut from, mut to) = (0, last + 1);
        while from < to {
            let middle = from + (to - from) / 2;
            if is_before(middle) { from = middle + 1 } else { to = middle }
        }
        Some(from.min(last))
    }

    /// Gives an order as it is now: all rows, and how many of them have its value.
    fn kept(&self, order: Order) -> (Arc<Vec<u32>>, usize) {
        let mut all = self.orders.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.entry(order).or_default();
        if kept.rows.is_empty() || !kept.changed.is_empty() {
            let keys = Keys::of(self, order);
            let rows = if kept.rows.len() / CHANGED_PART <= kept.changed.len() {
                let mut rows: Vec<u32> = (0..self.hot.len() as u32).filter(|row| self.is_there(*row)).collect();
                keys.sort(&mut rows);
                rows
            } else {
                self.merged(kept, &keys)
            };
            kept.having = rows.partition_point(|row| keys.has(*row));
            kept.rows = Arc::new(rows);
            kept.changed = Vec::new();
        }
        (Arc::clone(&kept.rows), kept.having)
    }

    /// Puts changed rows where they belong; all others keep their order.
    fn merged(&self, kept: &Kept, keys: &Keys<'_>) -> Vec<u32> {
        let mut changed = kept.changed.clone();
        changed.sort_unstable();
        changed.dedup();
        let mut is_changed = vec![false; self.hot.len()];
        changed.iter().for_each(|row| is_changed[*row as usize] = true);
        let stay: Vec<u32> = kept.rows.iter().copied().filter(|row| !is_changed[*row as usize]).collect();
        changed.retain(|row| self.is_there(*row));
        keys.sort(&mut changed);
        let mut rows = Vec::with_capacity(stay.len() + changed.len());
        let mut from = 0;
        for row in changed {
            let to = from + stay[from..].partition_point(|other| keys.compare(*other, row) == Ordering::Less);
            rows.extend_from_slice(&stay[from..to]);
            rows.push(row);
            from = to;
        }
        rows.extend_from_slice(&stay[from..]);
        rows
    }

    fn is_there(&self, row: u32) -> bool {
        self.hot[row as usize].has(flag::THERE)
    }
}

fn number_at(place: usize) -> u32 {
    place as u32 + 1
}

fn review_group(hot: &Hot) -> usize {
    match (hot.state(), hot.urgency) {
        (State::Hidden, _) => 4,
        (State::Refused, _) => 5,
        (State::Shown, Urgency::Returned) => 0,
        (State::Shown, Urgency::Odd) => 1,
        (State::Shown, Urgency::Plain) if hot.near != 0 => 2,
        (State::Shown, Urgency::Plain) => 3,
    }
}

/// What an order compares.
struct Keys<'a> {
    table: &'a Table,
    order: Order,
    /// Place of each folder, or of each camera, in the order of their names.
    ranks: Vec<u32>,
}

impl<'a> Keys<'a> {
    fn of(table: &'a Table, order: Order) -> Self {
        let ranks = match order {
            Order::Place => ranks(&table.folders),
            Order::Camera => table.cameras.ranks(),
            _ => Vec::new(),
        };
        Self { table, order, ranks }
    }

    /// Gives two numbers that order rows, apart from names of files.
    fn key(&self, row: u32) -> (u64, u64) {
        let hot = &self.table.hot[row as usize];
        // Moves the sign, so that what lies before 1970 stays before what lies behind it.
        let date = (hot.date as u64) ^ 1 << 63;
        match self.order {
            Order::Time => (date, 0),
            Order::Size => (hot.size, 0),
            Order::Camera => (self.ranks[hot.camera as usize].into(), date),
            Order::Likeness => (if hot.stack == 0 { number_at(row as usize) } else { hot.stack }.into(), 0),
            Order::Place => {
                let mut start = [0; 8];
                let name = self.name(row).as_bytes();
                let bytes = name.len().min(start.len());
                start[..bytes].copy_from_slice(&name[..bytes]);
                (self.ranks[hot.folder as usize].into(), u64::from_be_bytes(start))
            }
            Order::Review => (review_group(hot) as u64, 0),
            Order::Number => (0, 0),
        }
    }

    fn name(&self, row: u32) -> &str {
        self.table.names.get(self.table.cold[row as usize].name)
    }

    fn compare(&self, one: u32, other: u32) -> Ordering {
        let by_name =
            || if self.order == Order::Place { self.name(one).cmp(self.name(other)) } else { Ordering::Equal };
        self.key(one).cmp(&self.key(other)).then_with(by_name).then(one.cmp(&other))
    }

    fn sort(&self, rows: &mut Vec<u32>) {
        let mut keyed: Vec<((u64, u64), u32)> = rows.iter().map(|row| (self.key(*row), *row)).collect();
        keyed.sort_unstable_by(|(one, row), (other, next)| {
            one.cmp(other).then_with(|| {
                let by_name =
                    if self.order == Order::Place { self.name(*row).cmp(self.name(*next)) } else { Ordering::Equal };
                by_name.then(row.cmp(next))
            })
        });
        rows.clear();
        rows.extend(keyed.into_iter().map(|(_, row)| row));
    }

    /// Tells whether a row has what the order is about; those that lack it are last by their keys.
    fn has(&self, row: u32) -> bool {
        let hot = &self.table.hot[row as usize];
        match self.order {
            Order::Time => hot.date != NO_DATE,
            Order::Camera => hot.camera != 0,
            Order::Place => hot.folder != 0,
            _ => true,
        }
    }
}
