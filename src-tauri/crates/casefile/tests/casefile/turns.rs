//! Everything that can be taken back, against a plain model: two people who decide, mark, note and call entries wrong,
//! who undo and redo over restarts. Beside them somebody follows the case by its changes alone.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use casefile::*;
use domain::*;

use crate::support::*;

const PEOPLE: [&str; 2] = ["Anna", "Bob"];
/// Numbers of the items in `one_of_each`.
const ITEMS: u32 = 7;
/// The two that a known set hides, by number and entry.
const KNOWN: [(u32, u64); 2] = [(3, 10), (4, 11)];

/// What of an item can be one thing or another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Category,
    Mark(MarkKind),
    Note,
}

/// Identifies what stands in a slot: the operation of the model that put it there, and what it says.
type Made = (u64, String);

#[derive(Debug, Clone)]
enum Operation {
    Moves(StepKind, Vec<(u32, Slot, Option<Made>, Option<Made>)>),
    Veto(u32),
}

#[derive(Default)]
struct Model {
    slots: BTreeMap<(u32, Slot), Made>,
    vetoed: BTreeMap<u32, u64>,
    done: [Vec<Operation>; 2],
    undone: [Vec<Operation>; 2],
    operations: u64,
}

impl Model {
    /// Puts the same into a slot of several items; `None` where nothing changes and that is no operation.
    fn put(
        &mut self,
        who: usize,
        kind: StepKind,
        items: &BTreeSet<u32>,
        slot: Slot,
        says: Option<&str>,
    ) -> Option<u64> {
        self.operations += 1;
        let mut moves = Vec::new();
        for item in items {
            let before = self.slots.get(&(*item, slot)).cloned();
            let after = says.map(|says| (self.operations, says.to_owned()));
            let same = match slot {
                Slot::Category => before.is_none() && after.is_none(),
                _ => before.as_ref().map(|made| &made.1) == after.as_ref().map(|made| &made.1),
            };
            if !same {
                self.set(*item, slot, after.clone());
                moves.push((*item, slot, before, after));
            }
        }
        if moves.is_empty() && slot != Slot::Category {
            return None;
        }
        let count = moves.len() as u64;
        self.did(who, Operation::Moves(kind, moves));
        Some(count)
    }

    fn veto(&mut self, who: usize, item: u32) {
        *self.vetoed.entry(item).or_default() += 1;
        self.did(who, Operation::Veto(item));
    }

    fn did(&mut self, who: usize, operation: Operation) {
        self.undone[who].clear();
        self.done[who].push(operation);
    }

    fn step(&mut self, who: usize, back: bool) -> Option<u64> {
        let (from, to) = if back { (&mut self.done, &mut self.undone) } else { (&mut self.undone, &mut self.done) };
        let operation = from[who].pop()?;
        to[who].push(operation.clone());
        match operation {
            Operation::Veto(item) => {
                let vetoes = self.vetoed.entry(item).or_default();
                *vetoes = if back { *vetoes - 1 } else { *vetoes + 1 };
                Some(1)
            }
            Operation::Moves(_, moves) => {
                let mut moved = 0;
                for (item, slot, before, after) in moves {
                    let (from, to) = if back { (after, before) } else { (before, after) };
                    if self.slots.get(&(item, slot)) == from.as_ref() {
                        self.set(item, slot, to);
                        moved += 1;
                    }
                }
                Some(moved)
            }
        }
    }

    fn set(&mut self, item: u32, slot: Slot, made: Option<Made>) {
        match made {
            Some(made) => self.slots.insert((item, slot), made),
            None => self.slots.remove(&(item, slot)),
        };
    }

    fn says(&self, item: u32, slot: Slot) -> Option<&str> {
        self.slots.get(&(item, slot)).map(|made| made.1.as_str())
    }

    fn next(&self, who: usize) -> [Option<(StepKind, u64)>; 2] {
        [&self.done[who], &self.undone[who]].map(|list| {
            list.last().map(|operation| match operation {
                Operation::Veto(_) => (StepKind::Vetoed, 1),
                Operation::Moves(kind, moves) => (*kind, moves.len() as u64),
            })
        })
    }
}

/// What somebody who follows the case holds of it.
struct Follower {
    rows: BTreeMap<u32, String>,
    head: u64,
}

impl Follower {
    fn new(case: &CaseFile) -> Self {
        let head = case.head().unwrap().0;
        Self { rows: sheet(case, None), head }
    }

    fn follow(&mut self, case: &CaseFile) {
        let changes = case.changes_since(self.head).unwrap();
        assert_eq!(changes.head, case.head().unwrap().0);
        self.head = changes.head;
        let Changed::These(numbers) = changes.items else { panic!("nothing was thrown away") };
        self.rows.extend(sheet(case, Some(&numbers)));
        assert_eq!(self.rows, sheet(case, None));
    }
}

/// Tells all that a sheet says, but for who asks.
fn sheet(case: &CaseFile, which: Option<&[u32]>) -> BTreeMap<u32, String> {
    let mut rows = BTreeMap::new();
    let mut take = |mut row: SheetRow<'_>| {
        row.decision = row.decision.map(|decision| SheetDecision { own: false, own_before: None, ..decision });
        rows.insert(row.number, format!("{row:?}"));
        ControlFlow::Continue(())
    };
    match which {
        Some(which) => case.sheet_of(which, &mut take).unwrap(),
        None => case.sheet(&mut take).unwrap(),
    }
    rows
}

fn judge(standing: &ItemStanding, vetoes: &[Veto]) -> Visibility {
    match (standing.hits.first(), vetoes) {
        (Some(hit), []) => known(hit.entry.0),
        (None, _) => standing.visibility.clone(),
        (Some(hit), [veto, ..]) => {
            let Visibility::Hidden { why: was } = known(hit.entry.0) else { unreachable!() };
            let why = ReturnCause::Vetoed { by: veto.by.clone(), reason: veto.reason.clone() };
            Visibility::Shown { why: ShowReason::Returned { was, why } }
        }
    }
}

fn compare(case: &CaseFile, model: &Model, who: usize, step: usize) {
    let mut seen = 0;
    case.sheet(&mut |row| {
        seen += 1;
        let place = format!("item {}, step {step}", row.number);
        assert_eq!(row.decision.map(|decision| decision.category), model.says(row.number, Slot::Category), "{place}");
        assert_eq!(row.note, model.says(row.number, Slot::Note), "{place}");
        for mark in MarkKind::ALL {
            assert_eq!(row.marks.has(mark), model.says(row.number, Slot::Mark(mark)).is_some(), "{mark:?}, {place}");
        }
        if KNOWN.iter().any(|(number, _)| *number == row.number) {
            let vetoed = model.vetoed.get(&row.number).is_some_and(|vetoes| *vetoes > 0);
            assert_eq!(row.state == SheetState::Shown, vetoed, "{place}");
            let reason = if vetoed { ReasonCode::ReturnedVetoed } else { ReasonCode::Known };
            assert_eq!(row.reason, reason, "{place}");
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(seen, ITEMS);
    let (undo, redo) = case.undo_state().unwrap();
    let told = [undo, redo].map(|step| step.map(|step| (step.kind, step.items)));
    assert_eq!(told, model.next(who), "step {step}");
}

fn run(seed: u64, steps: usize) {
    eprintln!("seed {seed}");
    let mut random = Seeded(seed);
    let dir = tempfile::tempdir().unwrap();
    let mut case = create(dir.path());
    one_of_each(&case);
    add_user(&case, "Bob", UserRole::Investigator);
    let (mut model, mut who, mut follower) = (Model::default(), 0, Follower::new(&case));
    for step in 0..steps {
        let now = at(100 + step as i64);
        let numbers: Vec<u32> = (0..random.below(4)).map(|_| 1 + random.below(u64::from(ITEMS)) as u32).collect();
        let items: BTreeSet<u32> = numbers.iter().copied().collect();
        match random.below(14) {
            0..=2 => {
                let code = ["1", "2", "3"][random.below(3) as usize];
                case.decide_numbers(&numbers, Some(CategoryCode(code.to_owned())), None, now).unwrap();
                model.put(who, StepKind::Decided, &items, Slot::Category, Some(code));
            }
            3 => {
                case.decide_numbers(&numbers, None, Some("cleared"), now).unwrap();
                model.put(who, StepKind::Cleared, &items, Slot::Category, None);
            }
            4..=5 => {
                use MarkKind::{Bookmark, NotAlike};
                use StepKind::{Alike, Bookmarked, NotAlike as SaidNotAlike, Unbookmarked};
                let (mark, on, kind) = [
                    (Bookmark, true, Bookmarked),
                    (Bookmark, false, Unbookmarked),
                    (NotAlike, true, SaidNotAlike),
                    (NotAlike, false, Alike),
                ][random.below(4) as usize];
                let done = case.mark(&numbers, mark, on, now).unwrap();
                let expected = model.put(who, kind, &items, Slot::Mark(mark), on.then_some("on"));
                assert_eq!(done.is_some(), expected.is_some(), "step {step}");
                let touched = done.map(|operation| case.touched(operation).unwrap().len() as u64);
                assert_eq!(touched, expected, "step {step}");
            }
            6 => {
                let item = 1 + random.below(3) as u32;
                let text = ["", "a garden", "a garden with a fence"][random.below(3) as usize];
                let done = case.write_note(item, text, now).unwrap();
                let says = Some(text).filter(|text| !text.is_empty());
                let expected = model.put(who, StepKind::Noted, &BTreeSet::from([item]), Slot::Note, says);
                assert_eq!(done.is_some(), expected.is_some(), "step {step}");
            }
            7 => {
                let (item, entry) = KNOWN[random.below(2) as usize];
                let sha256 = case.sha256_of(item).unwrap().unwrap();
                let set = "national".parse().unwrap();
                let entries = [VetoedEntry { set, version: SetVersion(1), entry: EntryId(entry), lasting: true }];
                case.veto(&sha256, &entries, "it is a garden", &judge, now).unwrap();
                model.veto(who, item);
            }
            8..=10 => {
                let done = case.undo(&judge, now).unwrap().map(|undone| undone.items);
                assert_eq!(done, model.step(who, true), "step {step}");
            }
            11 => {
                let done = case.redo(&judge, now).unwrap().map(|redone| redone.items);
                assert_eq!(done, model.step(who, false), "step {step}");
            }
            _ => {
                who = random.below(2) as usize;
                drop(case);
                case = open(dir.path(), PEOPLE[who]).unwrap();
            }
        }
        compare(&case, &model, who, step);
        follower.follow(&case);
    }
    check_sound(&case);
}

#[test]
fn what_people_do_in_turns_follows_the_plain_model() {
    for seed in 1..=4 {
        run(seed, 100);
    }
}
