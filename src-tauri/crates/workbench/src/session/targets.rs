//! What keys act on, as numbers of items.
//!
//! A hidden item is never decided along with others that she looks at: it has no picture, and whoever decides about a
//! group does not mean it. So hidden items count in a group only where the group is of hidden ones: a view of the shelf of
//! hidden items, or named items that are all hidden. What could not be decoded may be decided: it is listed, and a person
//! can say what it is by other means.

use std::collections::BTreeSet;

use review::table::{Shelf, State, Table};

use super::Session;
use super::detail::no_such_number;
use crate::Error;
use crate::view::grid::Target;

impl Session {
    /// Gives the items that a target means, each once, in its order.
    pub(super) fn meant(&self, target: &Target) -> Result<Vec<u32>, Error> {
        let (numbers, hidden_too) = match target {
            Target::Items { numbers } => (self.named(numbers)?, false),
            Target::Range { view, first, count } => {
                let open = self.view(*view)?;
                (open.found.behind_run(*first, *count).to_vec(), open.query.shelf == Shelf::Hidden)
            }
            Target::Whole { view, except } => {
                let open = self.view(*view)?;
                (but(open.found.items(), except), open.query.shelf == Shelf::Hidden)
            }
            Target::Stack { number, except } => {
                let items = self.items();
                let members = match items.table.stack_of(*number) {
                    [] => std::slice::from_ref(number),
                    members => members,
                };
                (but(members, except), false)
            }
        };
        let items = self.items();
        let is_hidden = |number: &u32| items.table.item(*number).is_some_and(|item| item.state == State::Hidden);
        let is_there = |number: &u32| items.table.item(*number).is_some();
        let mut numbers: Vec<u32> = numbers.into_iter().filter(is_there).collect();
        if !hidden_too && !numbers.iter().all(is_hidden) {
            numbers.retain(|number| !is_hidden(number));
        }
        Ok(numbers)
    }

    fn named(&self, numbers: &[u32]) -> Result<Vec<u32>, Error> {
        let items = self.items();
        let mut once = BTreeSet::new();
        for number in numbers {
            if !has(&items.table, *number) && !items.waiting.contains(number) {
                return Err(no_such_number(*number));
            }
            once.insert(*number);
        }
        Ok(once.into_iter().collect())
    }
}

fn has(table: &Table, number: u32) -> bool {
    table.item(number).is_some()
}

fn but(numbers: &[u32], except: &[u32]) -> Vec<u32> {
    let except: BTreeSet<u32> = except.iter().copied().collect();
    numbers.iter().copied().filter(|number| !except.contains(number)).collect()
}
