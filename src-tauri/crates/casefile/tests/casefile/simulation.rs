//! Whole cases against a plain model: two people who decide, clear, undo and redo, rematches, and reopening in between.

use std::collections::BTreeMap;

use casefile::*;
use domain::*;

use crate::support::*;

const PEOPLE: [&str; 2] = ["Anna", "Bob"];
const ITEMS: [u64; 7] = [1, 2, 10, 11, 20, 30, 40];

/// Identifies a decision in the model: the operation that made it, and its category.
type Made = (u64, String);

#[derive(Clone)]
struct Operation {
    moves: Vec<(u64, Option<Made>, Option<Made>)>,
}

#[derive(Default)]
struct Model {
    current: BTreeMap<u64, Made>,
    done: [Vec<Operation>; 2],
    undone: [Vec<Operation>; 2],
    operations: u64,
}

impl Model {
    fn decide(&mut self, who: usize, items: &[u64], category: Option<&str>) {
        self.operations += 1;
        let mut items = items.to_vec();
        items.sort_unstable();
        items.dedup();
        let mut moves = Vec::new();
        for item in items {
            let before = self.current.get(&item).cloned();
            let after = category.map(|code| (self.operations, code.to_owned()));
            self.set(item, after.clone());
            moves.push((item, before, after));
        }
        self.undone[who].clear();
        self.done[who].push(Operation { moves });
    }

    fn undo(&mut self, who: usize) -> Option<u64> {
        let operation = self.done[who].pop()?;
        self.undone[who].push(operation.clone());
        Some(operation.moves.into_iter().map(|(item, before, after)| self.step(item, after, before)).sum())
    }

    fn redo(&mut self, who: usize) -> Option<u64> {
        let operation = self.undone[who].pop()?;
        self.done[who].push(operation.clone());
        Some(operation.moves.into_iter().map(|(item, before, after)| self.step(item, before, after)).sum())
    }

    fn step(&mut self, item: u64, from: Option<Made>, to: Option<Made>) -> u64 {
        // An operation that cleared what was clear has no move for it.
        if from == to || self.current.get(&item).cloned() != from {
            return 0;
        }
        self.set(item, to);
        1
    }

    fn set(&mut self, item: u64, made: Option<Made>) {
        match made {
            Some(made) => self.current.insert(item, made),
            None => self.current.remove(&item),
        };
    }
}

fn run(seed: u64, steps: usize) {
    eprintln!("seed {seed}");
    let mut random = Seeded(seed);
    let dir = tempfile::tempdir().unwrap();
    let mut case = create(dir.path());
    one_of_each(&case);
    add_user(&case, "Bob", UserRole::Investigator);
    let mut model = Model::default();
    let mut rule: BTreeMap<u64, Visibility> =
        ITEMS.iter().map(|n| (*n, case.item(&digests(*n).sha256).unwrap().unwrap().rule)).collect();
    let mut who = 0;
    for step in 0..steps {
        let items: Vec<u64> = (0..random.below(4)).map(|_| ITEMS[random.below(7) as usize]).collect();
        let digests_of: Vec<_> = items.iter().map(|item| digests(*item).sha256).collect();
        let now = at(100 + step as i64);
        match random.below(10) {
            0..=3 => {
                let code = ["1", "2", "3"][random.below(3) as usize];
                case.decide(&digests_of, Some(CategoryCode(code.to_owned())), None, now).unwrap();
                model.decide(who, &items, Some(code));
            }
            4 => {
                case.decide(&digests_of, None, Some("cleared"), now).unwrap();
                model.decide(who, &items, None);
            }
            5..=6 => assert_eq!(
                case.undo(&AS_BEFORE, now).unwrap().map(|undone| undone.items),
                model.undo(who),
                "step {step}"
            ),
            7 => assert_eq!(
                case.redo(&AS_BEFORE, now).unwrap().map(|redone| redone.items),
                model.redo(who),
                "step {step}"
            ),
            8 => {
                let item = ITEMS[random.below(7) as usize];
                let (visibility, hits) =
                    if random.below(2) == 0 { (NEW, vec![]) } else { (known(item), hidden(item).hits) };
                let sha256 = digests(item).sha256;
                case.rejudge(
                    &[Rejudged { sha256, visibility: visibility.clone(), hits, near: None, decoded: None }],
                    now,
                )
                .unwrap();
                rule.insert(item, visibility);
            }
            _ => {
                who = random.below(2) as usize;
                drop(case);
                case = open(dir.path(), PEOPLE[who]).unwrap();
            }
        }
        compare(&case, &model, &rule, step);
    }
    check_sound(&case);
}

fn compare(case: &CaseFile, model: &Model, rule: &BTreeMap<u64, Visibility>, step: usize) {
    let (mut shown, mut hidden) = (0, 0);
    for item in ITEMS {
        let row = case.item(&digests(item).sha256).unwrap().unwrap();
        let decided = model.current.get(&item).map(|(_, code)| code.clone());
        assert_eq!(row.decision.map(|decision| decision.category.0), decided, "item {item}, step {step}");
        assert_eq!(row.rule, rule[&item]);
        let expected = match decided {
            Some(_) => Visibility::Shown { why: ShowReason::Decided },
            None => rule[&item].clone(),
        };
        shown += u64::from(matches!(expected, Visibility::Shown { .. }));
        hidden += u64::from(matches!(expected, Visibility::Hidden { .. }));
        assert_eq!(row.visibility, expected, "item {item}, step {step}");
    }
    let counts = case.counts().unwrap();
    assert_eq!((counts.shown, counts.hidden, counts.items), (shown, hidden, 8), "step {step}");
    assert_eq!((counts.classified, counts.known_decoded), (model.current.len() as u64, 0), "step {step}");
}

#[test]
fn cases_follow_the_plain_model() {
    for seed in 1..=4 {
        run(seed, 80);
    }
}
