//! How what holds moves: one mechanism for decisions, marks and notes, leads, evidence and clocks.
//!
//! What holds of a thing is named by what said it: the operation, or of a decision the row that it made. Each kind of things
//! has two tables. To the table of moves rows are only added: for an operation and a thing, from what, to what, or none, and
//! what this very operation says. The table in force has what holds now, so that nobody has to play all moves to know it.
//!
//! An undo moves back what its operation moved, where that still stands, by an operation of its own; so two people can work
//! in turns and neither undoes the other. A replay plays all moves in the order of the operations, and has to come to the
//! table in force.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use crate::Result;
use crate::canon::Canon;
use crate::ledger::OperationKind;

/// Describes the tables of one kind of things.
///
/// The columns of the table of moves are `seq`, those of the key, `before`, `after`, and those of what is said; the columns
/// of the table in force are those of the key, and what said it.
pub(crate) trait Moving {
    /// What tells one thing from another, and what belongs to it for good.
    type Key: Fields + Clone + Ord;
    /// What an operation says of a thing beside that it moves.
    type Says: Fields + Default;
    /// Word that begins each row in the digest of its operation. Decisions, which were there first, have none.
    const WORD: Option<&'static str>;
    /// Table of moves.
    const MOVES: &'static str;
    /// Columns of the key.
    const KEY: &'static [&'static str];
    /// How many of them tell one thing from another.
    const ID_COLUMNS: usize;
    /// Table in force.
    const IN_FORCE: &'static str;
    /// Its column with what said it.
    const BY: &'static str;
}

/// Moves a thing from what said what holds of it to something else. A row of the table of moves.
pub(crate) struct Move<T: Moving> {
    pub of: T::Key,
    pub before: Option<i64>,
    pub after: Option<i64>,
    /// What this very operation says.
    pub says: T::Says,
}

impl<T: Moving> Move<T> {
    /// Adds the row to the digest of its operation.
    pub fn add_to(&self, canon: &mut Canon) {
        if let Some(word) = T::WORD {
            canon.bytes(word.as_bytes());
        }
        self.of.add_to(canon);
        canon.maybe_number(self.before).maybe_number(self.after);
        self.says.add_to(canon);
    }

    /// Gives the move that takes this one back or, of a redo, does it again. It says nothing new.
    pub fn turned(&self, kind: OperationKind) -> Self {
        let back = kind == OperationKind::Undone;
        let (before, after) = if back { (self.after, self.before) } else { (self.before, self.after) };
        Self { of: self.of.clone(), before, after, says: T::Says::default() }
    }

    /// Tells whether the thing stands where this move begins.
    pub fn begins(&self, db: &Connection) -> Result<bool> {
        Ok(in_force::<T>(db, &self.of)? == self.before)
    }
}

/// Begins the digest of an operation that moves things. Undo and redo begin as decisions do, whatever they take back.
pub(crate) fn canon(kind: OperationKind) -> Canon {
    Canon::new(match kind {
        OperationKind::Marked | OperationKind::NoteWritten => "zeef marks 1",
        OperationKind::LeadMade
        | OperationKind::LeadChanged
        | OperationKind::LeadRisk
        | OperationKind::EvidenceAdded
        | OperationKind::EvidenceChanged
        | OperationKind::EvidenceRemoved => "zeef leads 1",
        OperationKind::ClockSet => "zeef clock 1",
        _ => "zeef changes 1",
    })
}

/// Reads the moves of an operation, by their keys.
pub(crate) fn at<T: Moving>(db: &Connection, seq: i64) -> Result<Vec<Move<T>>> {
    let sql = format!("SELECT * FROM main.{} WHERE seq = ?1 ORDER BY {}", T::MOVES, T::KEY.join(", "));
    let mut all = db.prepare_cached(&sql)?;
    let behind_key = 1 + T::Key::COLUMNS;
    let rows = all.query_map([seq], |row| {
        Ok(Move {
            of: T::Key::read(row, 1)?,
            before: row.get(behind_key)?,
            after: row.get(behind_key + 1)?,
            says: T::Says::read(row, behind_key + 2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Gives what takes an operation back, or does it again, where its things still stand as it left them; and how many it
/// moved.
pub(crate) fn turned<T: Moving>(db: &Connection, of: i64, kind: OperationKind) -> Result<(Vec<Move<T>>, usize)> {
    let moves = at::<T>(db, of)?;
    let mut turned = Vec::with_capacity(moves.len());
    for step in &moves {
        let step = step.turned(kind);
        if step.begins(db)? {
            turned.push(step);
        }
    }
    Ok((turned, moves.len()))
}

/// Gives what said what holds of a thing.
pub(crate) fn in_force<T: Moving>(db: &Connection, of: &T::Key) -> Result<Option<i64>> {
    let sql = format!("SELECT {} FROM main.{} WHERE {}", T::BY, T::IN_FORCE, is_it::<T>());
    let mut key = Vec::with_capacity(T::Key::COLUMNS);
    of.bind(&mut key);
    Ok(db.prepare_cached(&sql)?.query_row(&key[..T::ID_COLUMNS], |row| row.get(0)).optional()?)
}

/// Writes the moves of an operation, and moves what is in force.
pub(crate) fn put<T: Moving>(db: &Connection, seq: i64, moves: &[Move<T>]) -> Result<()> {
    let columns = 3 + T::Key::COLUMNS + T::Says::COLUMNS;
    let mut add = db.prepare_cached(&format!("INSERT INTO main.{} VALUES({})", T::MOVES, places(columns)))?;
    let mut set = db.prepare_cached(&format!(
        "INSERT INTO main.{} VALUES({}) ON CONFLICT({}) DO UPDATE SET {by} = excluded.{by}",
        T::IN_FORCE,
        places(T::Key::COLUMNS + 1),
        T::KEY[..T::ID_COLUMNS].join(", "),
        by = T::BY,
    ))?;
    let mut take_off = db.prepare_cached(&format!("DELETE FROM main.{} WHERE {}", T::IN_FORCE, is_it::<T>()))?;
    for step in moves {
        let mut key: Vec<&dyn ToSql> = Vec::with_capacity(T::Key::COLUMNS + 1);
        step.of.bind(&mut key);
        let mut row: Vec<&dyn ToSql> = Vec::with_capacity(columns);
        row.push(&seq);
        row.extend(&key);
        row.push(&step.before);
        row.push(&step.after);
        step.says.bind(&mut row);
        add.execute(row.as_slice())?;
        match &step.after {
            Some(by) => {
                key.push(by);
                set.execute(key.as_slice())?
            }
            None => take_off.execute(&key[..T::ID_COLUMNS])?,
        };
    }
    Ok(())
}

/// Gives the condition by which the table in force has one thing.
fn is_it<T: Moving>() -> String {
    let columns = T::KEY[..T::ID_COLUMNS].iter().zip(1..);
    columns.map(|(column, place)| format!("{column} = ?{place}")).collect::<Vec<_>>().join(" AND ")
}

fn places(count: usize) -> String {
    (1..=count).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ")
}

/// What a replay of the operations leads to, of one kind of things.
pub(crate) struct Played<T: Moving> {
    rows: i64,
    in_force: BTreeMap<T::Key, i64>,
}

impl<T: Moving> Default for Played<T> {
    fn default() -> Self {
        Self { rows: 0, in_force: BTreeMap::new() }
    }
}

impl<T: Moving> Played<T> {
    /// Plays a move; tells whether the thing stood where it begins.
    pub fn play(&mut self, step: Move<T>) -> bool {
        self.rows += 1;
        let in_turn = self.in_force.get(&step.of).copied() == step.before;
        match step.after {
            Some(by) => self.in_force.insert(step.of, by),
            None => self.in_force.remove(&step.of),
        };
        in_turn
    }

    /// Gives the table of moves with the number of rows that it ought to have.
    pub fn counted(&self) -> (&'static str, i64) {
        (T::MOVES, self.rows)
    }

    /// Tells whether the table in force has what the moves led to.
    pub fn is_in_force(&self, db: &Connection) -> Result<bool> {
        let sql = format!("SELECT {}, {} FROM main.{}", T::KEY.join(", "), T::BY, T::IN_FORCE);
        let mut all = db.prepare(&sql)?;
        let mut rows = all.query([])?;
        let mut found = 0;
        while let Some(row) = rows.next()? {
            found += 1;
            let by: i64 = row.get(T::Key::COLUMNS)?;
            if self.in_force.get(&T::Key::read(row, 0)?) != Some(&by) {
                return Ok(false);
            }
        }
        Ok(found == self.in_force.len())
    }
}

/// Holds what stands in columns beside each other.
pub(crate) trait Fields: Sized {
    /// How many columns they are.
    const COLUMNS: usize;
    /// Adds them to the values of a statement, in their order.
    fn bind<'a>(&'a self, to: &mut Vec<&'a dyn ToSql>);
    /// Reads them from a row, from this column on.
    fn read(row: &Row<'_>, from: usize) -> rusqlite::Result<Self>;
    /// Adds them to a digest.
    fn add_to(&self, canon: &mut Canon);
}

impl Fields for () {
    const COLUMNS: usize = 0;

    fn bind<'a>(&'a self, _: &mut Vec<&'a dyn ToSql>) {}

    fn read(_: &Row<'_>, _: usize) -> rusqlite::Result<Self> {
        Ok(())
    }

    fn add_to(&self, _: &mut Canon) {}
}

/// Makes a type the field of one column; `$add` adds it to a digest.
macro_rules! one_column {
    ($type:ty, $field:ident, $canon:ident => $add:expr) => {
        impl Fields for $type {
            const COLUMNS: usize = 1;

            fn bind<'a>(&'a self, to: &mut Vec<&'a dyn ToSql>) {
                to.push(self);
            }

            fn read(row: &Row<'_>, from: usize) -> rusqlite::Result<Self> {
                row.get(from)
            }

            fn add_to(&self, $canon: &mut Canon) {
                let $field = self;
                $add;
            }
        }
    };
}

one_column!(i64, number, canon => canon.number(*number));
one_column!(String, text, canon => canon.bytes(text.as_bytes()));
one_column!(Option<i64>, number, canon => canon.maybe_number(*number));
one_column!(Option<String>, text, canon => canon.maybe_bytes(text.as_deref().map(str::as_bytes)));

impl<A: Fields, B: Fields> Fields for (A, B) {
    const COLUMNS: usize = A::COLUMNS + B::COLUMNS;

    fn bind<'a>(&'a self, to: &mut Vec<&'a dyn ToSql>) {
        self.0.bind(to);
        self.1.bind(to);
    }

    fn read(row: &Row<'_>, from: usize) -> rusqlite::Result<Self> {
        Ok((A::read(row, from)?, B::read(row, from + A::COLUMNS)?))
    }

    fn add_to(&self, canon: &mut Canon) {
        self.0.add_to(canon);
        self.1.add_to(canon);
    }
}
