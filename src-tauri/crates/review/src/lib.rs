//! The study: the pure rules of sifting. What to hide and why, what a category means elsewhere, what looks alike, and
//! what may lead to a person or a place.
//!
//! What it does: turns the hits of an item into one [`domain::Visibility`] with its reason, translates categories by
//! crosswalks, gathers look-alikes into stacks, answers which of a million items meet a question, in [`table`], holds the
//! words that leads are labelled with, in [`vocabulary`], and finds what items, leads and devices have in common,
//! in [`clues`], [`made_here`], [`time_line`] and [`links`].
//!
//! What it never does: open a file, look anything up, remember anything, or ask the time. The same hits give the same
//! answer on any machine, in any order.
//!
//! Who may call it: the workbench.

pub mod clues;
mod judge;
pub mod links;
pub mod made_here;
mod notices;
mod schemes;
mod stack;
pub mod table;
pub mod time_line;
pub mod vocabulary;

pub use judge::{Circumstances, category_of, judge, judge_with, opinions, rejudge, suggested_category, with_freshness};
pub use notices::{Steps, is_same_set, keep_near_stamps, keep_stamps, near_notices, notices};
pub use schemes::{Schemes, SchemesError};
pub use stack::{GoOn, Look, STACK_MEMBERS_MAX, Scan, Stack, alike, stacks};
