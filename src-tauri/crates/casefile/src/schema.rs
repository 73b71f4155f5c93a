//! The tables of both files, and the steps from older versions.
//!
//! Ground tables are append-only, and triggers hold that. Some tables and two columns are bookkeeping that follows from
//! the rest and moves: `state`, `current`, `marked`, `lead_now`, `evidence_now`, `clock_now`, `history`, `person.removed`
//! and `occurrence.superseded`; `verify` replays the ledger against them. `seal` holds a digest of every row of the derived file that an operation wrote, so
//! that `verify` sees what changed there behind the ledger's back.
//!
//! `personal`, `seen` and `rest` are neither: they are a person's own, no operation tells of them, and nothing is verified
//! there but that they belong to somebody. See `personal`.

use rusqlite::Connection;

use crate::error::{CasePart, damaged};
use crate::{CasefileError, Result, view};

/// Version of `case.zeef` that this program writes.
const GROUND_VERSION: i64 = 4;
/// Version of `derived.zeef` that this program writes. It could be thrown away, but making it anew means to read every
/// source again, so it is brought up in steps too.
const DERIVED_VERSION: i64 = 5;

/// Tables of `case.zeef`.
const GROUND: &str = "
CREATE TABLE about(
  id INTEGER PRIMARY KEY CHECK(id = 1), case_id TEXT NOT NULL, number TEXT NOT NULL, unit TEXT NOT NULL,
  scheme TEXT NOT NULL, legal_scope TEXT NOT NULL, created INTEGER NOT NULL, created_by TEXT NOT NULL) STRICT;
CREATE TABLE state(
  id INTEGER PRIMARY KEY CHECK(id = 1), derived_seq INTEGER NOT NULL, keys_sha256 BLOB NOT NULL) STRICT;
CREATE TABLE ledger(
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL,
  previous BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX ledger_kind ON ledger(kind, seq);
CREATE TABLE person(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, added INTEGER NOT NULL, removed INTEGER) STRICT;
CREATE UNIQUE INDEX person_active ON person(name) WHERE removed IS NULL;
CREATE TABLE source(
  id INTEGER PRIMARY KEY, root BLOB NOT NULL, kind TEXT NOT NULL, added INTEGER NOT NULL, added_by TEXT NOT NULL,
  UNIQUE(root, kind)) STRICT;
CREATE TABLE load(
  seq INTEGER PRIMARY KEY REFERENCES ledger(seq), source INTEGER NOT NULL REFERENCES source(id), at INTEGER NOT NULL,
  summary TEXT NOT NULL) STRICT;
CREATE TABLE item(
  id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, md5 BLOB NOT NULL, sha1 BLOB NOT NULL, size INTEGER NOT NULL,
  mime TEXT NOT NULL, class TEXT NOT NULL, hidden_first INTEGER NOT NULL,
  seq INTEGER NOT NULL REFERENCES ledger(seq)) STRICT;
CREATE TABLE occurrence(
  id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES source(id), path BLOB NOT NULL, size INTEGER,
  modified INTEGER, created INTEGER, accessed INTEGER, time_raw TEXT, item INTEGER REFERENCES item(id),
  refusal TEXT, refusal_detail TEXT, extension_disagrees TEXT, seq INTEGER NOT NULL REFERENCES ledger(seq),
  superseded INTEGER NOT NULL DEFAULT 0,
  CHECK((item IS NULL) <> (refusal IS NULL))) STRICT;
CREATE INDEX occurrence_place ON occurrence(source, path, id);
CREATE INDEX occurrence_item ON occurrence(item, source, path) WHERE item IS NOT NULL;
CREATE INDEX occurrence_unread ON occurrence(source, path) WHERE item IS NULL AND superseded = 0;
CREATE TABLE healed(
  occurrence INTEGER PRIMARY KEY REFERENCES occurrence(id), seq INTEGER NOT NULL REFERENCES ledger(seq)) STRICT;
CREATE INDEX healed_seq ON healed(seq, occurrence);
CREATE TABLE hash_set(
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL REFERENCES ledger(seq), name TEXT NOT NULL, version INTEGER NOT NULL,
  stamp TEXT NOT NULL, entries INTEGER NOT NULL, imported INTEGER NOT NULL, source_sha256 TEXT NOT NULL) STRICT;
CREATE INDEX hash_set_name ON hash_set(name, version);
CREATE TABLE set_in_force(
  seq INTEGER NOT NULL REFERENCES ledger(seq), place INTEGER NOT NULL,
  hash_set INTEGER NOT NULL REFERENCES hash_set(id), PRIMARY KEY(seq, place)) STRICT, WITHOUT ROWID;
CREATE TABLE decision(
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL REFERENCES ledger(seq), item INTEGER NOT NULL REFERENCES item(id),
  category TEXT NOT NULL, note TEXT) STRICT;
CREATE TABLE change(
  seq INTEGER NOT NULL REFERENCES ledger(seq), item INTEGER NOT NULL REFERENCES item(id),
  before INTEGER REFERENCES decision(id), after INTEGER REFERENCES decision(id),
  PRIMARY KEY(seq, item)) STRICT, WITHOUT ROWID;
CREATE INDEX change_item ON change(item, seq);
CREATE TABLE current(
  item INTEGER PRIMARY KEY REFERENCES item(id), decision INTEGER NOT NULL REFERENCES decision(id)) STRICT;
CREATE TABLE history(
  seq INTEGER PRIMARY KEY REFERENCES ledger(seq), who TEXT NOT NULL, standing INTEGER NOT NULL) STRICT;
CREATE INDEX history_who ON history(who, standing, seq);
CREATE TABLE judgement(
  seq INTEGER NOT NULL REFERENCES ledger(seq), item INTEGER NOT NULL REFERENCES item(id), before TEXT,
  after TEXT NOT NULL, PRIMARY KEY(seq, item)) STRICT, WITHOUT ROWID;
CREATE INDEX judgement_item ON judgement(item, seq);
CREATE TABLE seal(
  item INTEGER NOT NULL REFERENCES item(id), seq INTEGER NOT NULL REFERENCES ledger(seq), hidden INTEGER NOT NULL,
  judged BLOB NOT NULL, decoded BLOB, PRIMARY KEY(item, seq)) STRICT, WITHOUT ROWID;
CREATE INDEX seal_seq ON seal(seq, item);
";

/// Tables that version 2 of `case.zeef` added: notices about new versions of sets, and vetoes.
const GROUND_2: &str = "
CREATE TABLE notice(
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL REFERENCES ledger(seq), item INTEGER NOT NULL REFERENCES item(id),
  kind TEXT NOT NULL, hash_set TEXT NOT NULL, entry INTEGER NOT NULL, from_version INTEGER NOT NULL,
  to_version INTEGER NOT NULL, was TEXT NOT NULL, now TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE INDEX notice_item ON notice(item, id);
CREATE INDEX notice_seq ON notice(seq, id);
CREATE TABLE notice_read(
  notice INTEGER PRIMARY KEY REFERENCES notice(id), seq INTEGER NOT NULL REFERENCES ledger(seq)) STRICT;
CREATE INDEX notice_read_seq ON notice_read(seq, notice);
CREATE TABLE veto(
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL REFERENCES ledger(seq), item INTEGER NOT NULL REFERENCES item(id),
  hash_set TEXT NOT NULL, version INTEGER NOT NULL, entry INTEGER NOT NULL, lasting INTEGER NOT NULL,
  reason TEXT NOT NULL) STRICT;
CREATE INDEX veto_item ON veto(item, id);
CREATE INDEX veto_seq ON veto(seq, id);
";

/// Tables of version 2 whose rows are only ever added.
const APPEND_ONLY_2: [&str; 3] = ["notice", "notice_read", "veto"];

/// What version 3 of `case.zeef` added: marks and notes of items, and what is a person's own. A row of `mark` moves one
/// item from the operation that had set the mark to another one, or to none; what a place was last changed at stands in
/// the index of places too, because the table of all items asks for it.
const GROUND_3: &str = "
CREATE TABLE mark(
  seq INTEGER NOT NULL REFERENCES ledger(seq), item INTEGER NOT NULL REFERENCES item(id), kind TEXT NOT NULL,
  before INTEGER REFERENCES ledger(seq), after INTEGER REFERENCES ledger(seq), text TEXT,
  PRIMARY KEY(seq, item)) STRICT, WITHOUT ROWID;
CREATE INDEX mark_item ON mark(item, seq);
CREATE TABLE marked(
  item INTEGER NOT NULL REFERENCES item(id), kind TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES ledger(seq),
  PRIMARY KEY(item, kind)) STRICT, WITHOUT ROWID;
CREATE TABLE personal(
  person INTEGER NOT NULL REFERENCES person(id), key TEXT NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(person, key)) STRICT, WITHOUT ROWID;
CREATE TABLE seen(
  id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES person(id), item INTEGER NOT NULL REFERENCES item(id),
  part INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX seen_item ON seen(person, item);
CREATE INDEX seen_time ON seen(person, at, part);
CREATE TABLE rest(
  id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES person(id), at INTEGER NOT NULL) STRICT;
CREATE INDEX rest_time ON rest(person, at);
DROP INDEX occurrence_item;
CREATE INDEX occurrence_item ON occurrence(item, source, path, modified) WHERE item IS NOT NULL;
";

/// Table of version 3 whose rows are only ever added.
const APPEND_ONLY_3: [&str; 1] = ["mark"];

/// What version 4 of `case.zeef` added: leads and their evidence, clocks of devices, opinions of other tools, exports. Rows
/// of `lead`, `evidence` and `clock` move something from the operation that had said what holds to another one, or to
/// none, as those of `mark` do; what an operation says anew stands in its own row. No evidence can stand without its lead:
/// `evidence_now` refers to `lead_now`. Nobody signs an export of their own, and a team lead signs: a trigger holds that
/// beside the code, and `verify` replays it.
const GROUND_4: &str = "
CREATE TABLE lead(
  seq INTEGER NOT NULL REFERENCES ledger(seq), lead INTEGER NOT NULL, before INTEGER REFERENCES ledger(seq),
  after INTEGER REFERENCES ledger(seq), content TEXT, PRIMARY KEY(seq, lead)) STRICT, WITHOUT ROWID;
CREATE INDEX lead_story ON lead(lead, seq);
CREATE TABLE lead_now(
  lead INTEGER PRIMARY KEY, seq INTEGER NOT NULL REFERENCES ledger(seq)) STRICT;
CREATE TABLE evidence(
  seq INTEGER NOT NULL REFERENCES ledger(seq), id INTEGER NOT NULL, lead INTEGER NOT NULL,
  item INTEGER NOT NULL REFERENCES item(id), before INTEGER REFERENCES ledger(seq), after INTEGER REFERENCES ledger(seq),
  part TEXT, caption TEXT, PRIMARY KEY(seq, id), CHECK((part IS NULL) = (caption IS NULL))) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_id ON evidence(id, seq);
CREATE INDEX evidence_lead ON evidence(lead, seq);
CREATE INDEX evidence_item ON evidence(item, seq);
CREATE TABLE evidence_now(
  id INTEGER PRIMARY KEY, lead INTEGER NOT NULL REFERENCES lead_now(lead), item INTEGER NOT NULL REFERENCES item(id),
  seq INTEGER NOT NULL REFERENCES ledger(seq)) STRICT;
CREATE INDEX evidence_now_lead ON evidence_now(lead, item, id, seq);
CREATE INDEX evidence_now_item ON evidence_now(item, lead);
CREATE TABLE clock(
  seq INTEGER PRIMARY KEY REFERENCES ledger(seq), device TEXT NOT NULL, before INTEGER REFERENCES ledger(seq),
  after INTEGER REFERENCES ledger(seq), ahead INTEGER, reason TEXT,
  CHECK((ahead IS NULL) = (reason IS NULL))) STRICT;
CREATE TABLE clock_now(
  device TEXT PRIMARY KEY, seq INTEGER NOT NULL REFERENCES clock(seq)) STRICT, WITHOUT ROWID;
CREATE TABLE opinion(
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL REFERENCES ledger(seq), source INTEGER NOT NULL REFERENCES source(id),
  item INTEGER NOT NULL REFERENCES item(id), said TEXT NOT NULL) STRICT;
CREATE INDEX opinion_item ON opinion(item, id);
CREATE INDEX opinion_seq ON opinion(seq, id);
CREATE TABLE export(
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL UNIQUE REFERENCES ledger(seq), asked TEXT NOT NULL) STRICT;
CREATE TABLE export_end(
  export INTEGER PRIMARY KEY REFERENCES export(id), seq INTEGER NOT NULL UNIQUE REFERENCES ledger(seq), package BLOB,
  items INTEGER, CHECK((package IS NULL) = (items IS NULL))) STRICT;
CREATE TRIGGER export_four_eyes BEFORE INSERT ON export_end WHEN NEW.package IS NOT NULL AND (
    (SELECT who FROM ledger WHERE seq = NEW.seq)
      IS (SELECT l.who FROM export e JOIN ledger l ON l.seq = e.seq WHERE e.id = NEW.export)
    OR NOT EXISTS (SELECT 1 FROM person p JOIN ledger l ON l.who = p.name
      WHERE l.seq = NEW.seq AND p.removed IS NULL AND p.role = 'team-lead'))
  BEGIN SELECT RAISE(ABORT, 'four eyes'); END;
";

/// Tables of version 4 whose rows are only ever added.
const APPEND_ONLY_4: [&str; 6] = ["lead", "evidence", "clock", "opinion", "export", "export_end"];

/// Tables of version 1 whose rows are only ever added.
const APPEND_ONLY: [&str; 12] = [
    "about",
    "ledger",
    "source",
    "load",
    "item",
    "healed",
    "hash_set",
    "set_in_force",
    "decision",
    "change",
    "judgement",
    "seal",
];

/// Columns of `occurrence` that never change.
const OCCURRENCE_FIXED: &str = "id, source, path, size, modified, created, accessed, time_raw, item, refusal, refusal_detail, extension_disagrees, seq";

/// Tables of `derived.zeef`. The ids of items are those of `case.zeef`; `sha256` stands here too, so that `verify` sees
/// when both files do not belong together. `lost` is set from the moment at which a lost file is made anew until the
/// ledger notes that.
const DERIVED: &str = "
CREATE TABLE derived.meta(
  id INTEGER PRIMARY KEY CHECK(id = 1), case_id TEXT NOT NULL, applied_seq INTEGER NOT NULL,
  stacks INTEGER NOT NULL, stacks_before INTEGER NOT NULL, lost INTEGER NOT NULL) STRICT;
CREATE TABLE derived.stamp(id INTEGER PRIMARY KEY, stamp TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE derived.view(
  id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL, state INTEGER NOT NULL, rank INTEGER NOT NULL, hide INTEGER,
  hide_set TEXT, refusal TEXT, findings INTEGER NOT NULL, class TEXT NOT NULL, suggested INTEGER NOT NULL,
  decoded INTEGER NOT NULL, visibility TEXT NOT NULL, hits TEXT NOT NULL, near TEXT NOT NULL) STRICT;
CREATE INDEX derived.view_tally ON view(state, hide, hide_set, refusal, findings, class, suggested, decoded);
CREATE INDEX derived.view_listing ON view(rank, sha256, state);
CREATE TABLE derived.facts(
  id INTEGER PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL, pdq BLOB, image_hash INTEGER NOT NULL,
  detail TEXT NOT NULL) STRICT;
CREATE TABLE derived.thumbnail(
  id INTEGER PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL, jpeg BLOB NOT NULL) STRICT;
CREATE TABLE derived.stack(
  generation INTEGER NOT NULL, item INTEGER NOT NULL, representative INTEGER NOT NULL,
  PRIMARY KEY(generation, item)) STRICT, WITHOUT ROWID;
CREATE TABLE derived.before(
  id INTEGER PRIMARY KEY, sha256 BLOB, state INTEGER, rank INTEGER, hide INTEGER, hide_set TEXT, refusal TEXT,
  findings INTEGER, class TEXT, suggested INTEGER, decoded INTEGER, visibility TEXT, hits TEXT, near TEXT) STRICT;
";

/// What version 3 of `derived.zeef` added. Each column repeats a part of `visibility` or `detail`, and each index holds
/// what a question needs of every item, so that a million rows are read without their JSON: `view_sheet`, `view_near` and
/// `facts_sheet` for the table of all items, `view_purge` for what each decision asks. `before` has the columns of `view`.
const DERIVED_3: &str = "
ALTER TABLE derived.view ADD COLUMN reason INTEGER NOT NULL DEFAULT 0;
ALTER TABLE derived.view ADD COLUMN reason_set TEXT;
ALTER TABLE derived.view ADD COLUMN category TEXT;
ALTER TABLE derived.before ADD COLUMN reason INTEGER;
ALTER TABLE derived.before ADD COLUMN reason_set TEXT;
ALTER TABLE derived.before ADD COLUMN category TEXT;
ALTER TABLE derived.facts ADD COLUMN taken TEXT;
ALTER TABLE derived.facts ADD COLUMN camera TEXT;
";
const DERIVED_3_INDEXES: &str = "
CREATE INDEX derived.view_sheet ON view(id, state, rank, reason, reason_set, category, decoded);
CREATE INDEX derived.view_near ON view(id, near) WHERE suggested = 1;
CREATE INDEX derived.view_purge ON view(id) WHERE state = 1 AND decoded = 1;
CREATE INDEX derived.facts_sheet ON facts(id, width, height, taken, camera);
";

/// What version 4 of `derived.zeef` added: what is kept of the table of all items. See `kept`.
const DERIVED_4: &str = "
CREATE TABLE derived.kept(
  id INTEGER PRIMARY KEY CHECK(id = 1), tag TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,
  parts INTEGER NOT NULL) STRICT;
CREATE TABLE derived.kept_part(part INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
";

/// What version 5 of `derived.zeef` added: what regions look like. `id` is that of the item. See `region`.
const DERIVED_5: &str = "
CREATE TABLE derived.region(
  id INTEGER NOT NULL, part BLOB NOT NULL, pdq BLOB, PRIMARY KEY(id, part)) STRICT, WITHOUT ROWID;
";

/// Makes the ground tables in an empty `case.zeef`.
pub(crate) fn make_ground(db: &Connection) -> Result<()> {
    db.execute_batch(GROUND)?;
    APPEND_ONLY.iter().try_for_each(|table| never_change(db, table))?;
    db.execute_batch(&format!(
        "CREATE TRIGGER occurrence_no_update BEFORE UPDATE OF {OCCURRENCE_FIXED} ON occurrence
           BEGIN SELECT RAISE(ABORT, 'append only'); END;
         CREATE TRIGGER occurrence_no_delete BEFORE DELETE ON occurrence
           BEGIN SELECT RAISE(ABORT, 'append only'); END;
         PRAGMA main.user_version = 1;"
    ))?;
    ground_to_2(db)?;
    ground_to_3(db)?;
    ground_to_4(db)
}

/// Lets nobody change or remove rows of a table of `case.zeef`.
fn never_change(db: &Connection, table: &str) -> Result<()> {
    db.execute_batch(&format!(
        "CREATE TRIGGER main.{table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'append only'); END;
         CREATE TRIGGER main.{table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'append only'); END;"
    ))?;
    Ok(())
}

fn ground_to_2(db: &Connection) -> Result<()> {
    db.execute_batch(GROUND_2)?;
    APPEND_ONLY_2.iter().try_for_each(|table| never_change(db, table))?;
    db.execute_batch("PRAGMA main.user_version = 2;")?;
    Ok(())
}

fn ground_to_3(db: &Connection) -> Result<()> {
    db.execute_batch(GROUND_3)?;
    APPEND_ONLY_3.iter().try_for_each(|table| never_change(db, table))?;
    db.execute_batch("PRAGMA main.user_version = 3;")?;
    Ok(())
}

fn ground_to_4(db: &Connection) -> Result<()> {
    db.execute_batch(GROUND_4)?;
    APPEND_ONLY_4.iter().try_for_each(|table| never_change(db, table))?;
    db.execute_batch("PRAGMA main.user_version = 4;")?;
    Ok(())
}

/// What came back stands before what is odd; in version 1 it stood behind it.
fn derived_to_2(db: &Connection) -> Result<()> {
    db.execute_batch(
        "UPDATE derived.view SET rank = 1 - rank WHERE rank < 2;
         UPDATE derived.before SET rank = 1 - rank WHERE rank < 2;
         PRAGMA derived.user_version = 2;",
    )?;
    Ok(())
}

/// Fills the new columns from the JSON that they repeat, before the indexes over them are made.
fn derived_to_3(db: &Connection) -> Result<()> {
    db.execute_batch(DERIVED_3)?;
    view::fill_columns(db)?;
    db.execute_batch(DERIVED_3_INDEXES)?;
    db.execute_batch("PRAGMA derived.user_version = 3;")?;
    Ok(())
}

fn derived_to_4(db: &Connection) -> Result<()> {
    db.execute_batch(DERIVED_4)?;
    db.execute_batch("PRAGMA derived.user_version = 4;")?;
    Ok(())
}

fn derived_to_5(db: &Connection) -> Result<()> {
    db.execute_batch(DERIVED_5)?;
    db.execute_batch("PRAGMA derived.user_version = 5;")?;
    Ok(())
}

/// Brings both files of an older case up, step by step, each step in one transaction. The caller may write.
pub(crate) fn bring_up(db: &mut Connection) -> Result<()> {
    type Step = fn(&Connection) -> Result<()>;
    let steps: [(&str, i64, Step); 7] = [
        ("main", 1, ground_to_2),
        ("main", 2, ground_to_3),
        ("main", 3, ground_to_4),
        ("derived", 1, derived_to_2),
        ("derived", 2, derived_to_3),
        ("derived", 3, derived_to_4),
        ("derived", 4, derived_to_5),
    ];
    for (schema, from, step) in steps {
        if version(db, schema)? == from {
            let tx = db.transaction()?;
            step(&tx)?;
            tx.commit()?;
        }
    }
    Ok(())
}

/// Tells whether a file is older than this program, so that it has to be brought up before it is read.
pub(crate) fn is_older(db: &Connection) -> Result<bool> {
    Ok(version(db, "main")? < GROUND_VERSION || version(db, "derived")? < DERIVED_VERSION)
}

fn version(db: &Connection, schema: &str) -> Result<i64> {
    Ok(db.query_row(&format!("PRAGMA {schema}.user_version"), [], |row| row.get(0))?)
}

/// Makes the tables in an empty, attached `derived.zeef`.
pub(crate) fn make_derived(db: &Connection, case_id: &str, applied_seq: i64, lost: bool) -> Result<()> {
    db.execute_batch(DERIVED)?;
    db.execute_batch(DERIVED_3)?;
    db.execute_batch(DERIVED_3_INDEXES)?;
    db.execute_batch(DERIVED_4)?;
    db.execute_batch(DERIVED_5)?;
    db.execute("INSERT INTO derived.meta VALUES(1, ?1, ?2, 0, 0, ?3)", (case_id, applied_seq, lost))?;
    db.execute_batch(&format!("PRAGMA derived.user_version = {DERIVED_VERSION};"))?;
    Ok(())
}

/// Checks that this program knows the versions of both files.
pub(crate) fn check_versions(db: &Connection) -> Result<()> {
    let checks = [("main", CasePart::Ground, GROUND_VERSION), ("derived", CasePart::Derived, DERIVED_VERSION)];
    for (schema, which, supported) in checks {
        let found = version(db, schema)?;
        if found > supported {
            return Err(CasefileError::VersionTooNew { which, found, supported });
        }
        // There is no version below 1: an unfinished file of a killed `create` has no keys and is never opened.
        if found < 1 {
            return Err(damaged(which));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIDDEN: &str = r#"{"state":"hidden","why":{"reason":"known","set":"national","version":1,"entry":1,"digest":"md5",
        "agreement":{"agreement":"confirmed"},"original":null,"scheme":null,
        "category":{"translation":"to","code":"2","outcome":"exact"}}}"#;
    const NEW: &str = r#"{"state":"shown","why":{"reason":"new"}}"#;
    const DETAIL: &str = r#"{"exif_orientation":1,"frames":null,"camera":{"make":null,"model":"a model","serial":null,
        "lens_serial":null,"software":null,"owner":null},"gps":null,"taken":{"local":"2026-01-02T03:04:05"},
        "metadata":[],"remarks":[]}"#;

    /// Makes the tables as version 1 had them, so that the steps are tried on what they were made for.
    fn version_1() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("ATTACH DATABASE ':memory:' AS derived").unwrap();
        db.execute_batch(GROUND).unwrap();
        db.execute_batch(DERIVED).unwrap();
        db.execute_batch("PRAGMA main.user_version = 1; PRAGMA derived.user_version = 1;").unwrap();
        db
    }

    #[test]
    fn an_older_case_is_brought_up_and_once_only() {
        let mut db = version_1();
        for (id, rank, visibility) in [(1, 0, NEW), (2, 1, NEW), (3, 2, NEW), (4, 3, HIDDEN)] {
            for table in ["view", "before"] {
                db.execute(
                    &format!(
                        "INSERT INTO derived.{table}
                         VALUES(?1, x'00', 0, ?2, NULL, NULL, NULL, 0, 'picture', 0, 0, ?3, '[]', '[]')"
                    ),
                    (id, rank, visibility),
                )
                .unwrap();
            }
        }
        db.execute("INSERT INTO derived.before(id) VALUES(5)", []).unwrap();
        db.execute("INSERT INTO derived.facts VALUES(1, 4, 3, NULL, 0, ?1)", [DETAIL]).unwrap();
        assert!(is_older(&db).unwrap());
        bring_up(&mut db).unwrap();
        bring_up(&mut db).unwrap();
        assert!(!is_older(&db).unwrap());
        check_versions(&db).unwrap();
        let texts = |sql: &str| -> Vec<String> {
            let mut all = db.prepare(sql).unwrap();
            all.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let columns = "rank || ' ' || reason || ' ' || ifnull(reason_set, '-') || ' ' || ifnull(category, '-')";
        for table in ["view", "before"] {
            let told = texts(&format!("SELECT {columns} FROM derived.{table} WHERE state IS NOT NULL ORDER BY id"));
            assert_eq!(told, ["1 0 - -", "0 0 - -", "2 0 - -", "3 12 national 2"], "{table}");
        }
        assert_eq!(texts("SELECT taken || camera FROM derived.facts"), ["2026-01-02T03:04:05a model"]);
        db.execute("INSERT INTO main.ledger VALUES(1, 0, '', '', '', x'', x'')", []).unwrap();
        db.execute("INSERT INTO main.item VALUES(1, x'', x'', x'', 0, '', '', 0, 1)", []).unwrap();
        db.execute("INSERT INTO main.veto VALUES(1, 1, 1, 'a', 1, 1, 1, 'why')", []).unwrap();
        assert!(db.execute("DELETE FROM main.veto", []).is_err(), "vetoes are only added");
        db.execute("INSERT INTO main.mark VALUES(1, 1, 'bookmark', NULL, 1, NULL)", []).unwrap();
        assert!(db.execute("UPDATE main.mark SET kind = 'handover'", []).is_err(), "marks are only added");
        db.execute("INSERT INTO main.lead VALUES(1, 1, NULL, 1, '{}')", []).unwrap();
        assert!(db.execute("DELETE FROM main.lead", []).is_err(), "leads are only added");
    }

    /// A new case has the same columns and indexes as one that was brought up.
    #[test]
    fn a_new_case_has_the_form_of_an_old_one_that_was_brought_up() {
        let mut old = version_1();
        APPEND_ONLY.iter().try_for_each(|table| never_change(&old, table)).unwrap();
        bring_up(&mut old).unwrap();
        let new = Connection::open_in_memory().unwrap();
        new.execute_batch("ATTACH DATABASE ':memory:' AS derived").unwrap();
        make_derived(&new, "case", 0, false).unwrap();
        make_ground(&new).unwrap();
        check_versions(&new).unwrap();
        let form = |db: &Connection, schema: &str| -> Vec<(String, Option<String>)> {
            let sql = format!(
                "SELECT name, sql FROM {schema}.sqlite_master WHERE name NOT LIKE 'occurrence_no_%' ORDER BY name"
            );
            let mut all = db.prepare(&sql).unwrap();
            all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
        };
        for schema in ["main", "derived"] {
            assert_eq!(form(&old, schema), form(&new, schema));
        }
    }

    /// Takes a whole case back to the form of version 3.
    const BACK_TO_3: &str = "
        DROP TABLE evidence_now; DROP TABLE lead_now; DROP TABLE evidence; DROP TABLE lead; DROP TABLE clock_now;
        DROP TABLE clock; DROP TABLE opinion; DROP TABLE export_end; DROP TABLE export;
        PRAGMA main.user_version = 3;";
    /// Takes a whole case back to the form of version 2, so that opening it is what an older case goes through.
    const BACK_TO_2: &str = "
        DROP TABLE marked; DROP TABLE mark; DROP TABLE personal; DROP TABLE seen; DROP TABLE rest;
        DROP INDEX occurrence_item;
        CREATE INDEX occurrence_item ON occurrence(item, source, path) WHERE item IS NOT NULL;
        PRAGMA main.user_version = 2;
        DROP INDEX derived.view_sheet; DROP INDEX derived.view_near; DROP INDEX derived.view_purge;
        DROP INDEX derived.facts_sheet;
        ALTER TABLE derived.view DROP COLUMN reason; ALTER TABLE derived.view DROP COLUMN reason_set;
        ALTER TABLE derived.view DROP COLUMN category;
        ALTER TABLE derived.before DROP COLUMN reason; ALTER TABLE derived.before DROP COLUMN reason_set;
        ALTER TABLE derived.before DROP COLUMN category;
        DROP TABLE derived.region; DROP TABLE derived.kept; DROP TABLE derived.kept_part;
        ALTER TABLE derived.facts DROP COLUMN taken; ALTER TABLE derived.facts DROP COLUMN camera;
        PRAGMA derived.user_version = 2;";

    #[test]
    fn a_case_of_an_older_version_opens_sound_and_goes_on() {
        use domain::{Evidence, EvidencePart, LeadContent, LeadKind, Sha256};

        use crate::{CaseFile, MarkKind, Passphrase};
        for back in [vec![BACK_TO_3], vec![BACK_TO_3, BACK_TO_2]] {
            let dir = tempfile::tempdir().unwrap();
            let case = crate::verify::tests::without_marks(dir.path());
            let sheet = |case: &CaseFile| {
                let mut told = Vec::new();
                case.sheet(&mut |row| {
                    told.push(format!("{row:?}"));
                    std::ops::ControlFlow::Continue(())
                })
                .unwrap();
                told
            };
            let before = sheet(&case);
            case.write_whatever_the_role(|writer| Ok(writer.db().execute_batch(&back.concat())?)).unwrap();
            drop(case);
            let (anna, passphrase, now) = ("Anna".parse().unwrap(), Passphrase::new("long enough"), domain::UtcTime(2));
            let reading = CaseFile::open_reading(dir.path(), &anna, &passphrase, now).unwrap();
            assert_eq!(sheet(&reading), before, "whoever opens it first brings it up");
            drop(reading);
            let case = CaseFile::open(dir.path(), &anna, &passphrase, now).unwrap();
            case.mark(&[1], MarkKind::Bookmark, true, now).unwrap().unwrap();
            case.undo(&|standing, _| standing.visibility.clone(), now).unwrap().unwrap();
            let whole = Evidence { item: Sha256([1; 32]), part: EvidencePart::Whole, caption: String::new() };
            case.lead_new(&LeadContent::new(LeadKind::Victim, "Willow"), &[whole], now).unwrap();
            assert_eq!(case.verify(&mut |_, _, _| {}).unwrap().problems, []);
            assert_eq!(sheet(&case), before);
        }
    }
}
