//! What is found of rows that were changed behind the back of this crate.

use domain::{
    CategoryCode, Digests, Md5, MediaClass, MediaType, Refusal, RefusalCode, Scheme, SchemeId, SetVersion, Sha1,
    ShowReason, SourcePath, UtcTime, Visibility,
};

use super::*;
use crate::{
    Entropy, KdfCost, NewCase, Passphrase, Record, RecordContent, RecordItem, RecordTimes, Rejudged, UserRole,
};

struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| {
            self.0 = self.0.wrapping_mul(5).wrapping_add(3);
            *byte = self.0;
        });
    }
}

fn item(number: u8) -> RecordItem {
    RecordItem {
        digests: Digests {
            md5: Md5([number; 16]),
            sha1: Sha1([number; 20]),
            sha256: Sha256([number; 32]),
            size_bytes: 5,
        },
        media: MediaType { mime: "image/png".to_owned(), class: MediaClass::Picture },
        extension_disagrees: None,
        visibility: Visibility::Shown { why: ShowReason::New },
        hits: Vec::new(),
        near: Vec::new(),
        decoded: None,
    }
}

fn made(dir: &std::path::Path) -> CaseFile {
    let case = without_marks(dir);
    let now = UtcTime(1);
    case.mark(&[1, 2], crate::MarkKind::Bookmark, true, now).unwrap();
    case.write_note(1, "seen before", now).unwrap();
    case.write_note(2, "taken back", now).unwrap();
    case.undo(&|standing, _| standing.visibility.clone(), now).unwrap();
    with_leads(&case);
    case
}

/// Adds a bit of all that version 4 brought: operations on leads, a clock, opinions, and exports of Bob's.
fn with_leads(case: &CaseFile) {
    use domain::{Evidence, EvidencePart, LeadContent, LeadKind, Opinion};

    let now = UtcTime(1);
    let piece =
        |number: u8| Evidence { item: Sha256([number; 32]), part: EvidencePart::Whole, caption: "a fence".to_owned() };
    let lead = case.lead_new(&LeadContent::new(LeadKind::Victim, "Willow"), &[piece(1)], now).unwrap();
    case.lead_change(lead, &LeadContent::new(LeadKind::Victim, "Elm"), now).unwrap();
    case.evidence_add(lead, &[piece(2), piece(4)], now).unwrap();
    case.clock_set("cam", 5, "a receipt", now).unwrap();
    case.clock_set("cam", 6, "another", now).unwrap();
    case.undo(&|standing, _| standing.visibility.clone(), now).unwrap();
    let opinion = Opinion {
        tool: "Tool 7".to_owned(),
        profile: None,
        code: None,
        meaning: None,
        flags: domain::Flags::default(),
        series: String::new(),
        tags: String::new(),
        comments: String::new(),
        updated_raw: None,
        extra: Default::default(),
    };
    let source = case.sources().unwrap()[0].id;
    case.opinions_add(source, Sha256([9; 32]), &[(Sha256([1; 32]), opinion)], now).unwrap();
    let recipients = vec![("Custodian".to_owned(), "age1".to_owned())];
    let what = crate::ExportWhat::All;
    let request = crate::ExportRequest { what, recipients, media: false, reason: "why".to_owned() };
    case.export_request(&request, now).unwrap();
    case.export_request(&request, now).unwrap();
    case.export_withdraw(2, now).unwrap();
    case.qualification_state(&[("possession".to_owned(), Some(12))], now).unwrap();
    case.qualification_state(&[("production".to_owned(), Some(3))], now).unwrap();
    case.undo(&|standing, _| standing.visibility.clone(), now).unwrap();
}

/// Makes a case with a bit of all that version 2 had.
pub(crate) fn without_marks(dir: &std::path::Path) -> CaseFile {
    let category = domain::Category {
        code: CategoryCode("1".to_owned()),
        en: String::new(),
        nl: String::new(),
        number: None,
        unclassified: false,
        ambiguous: false,
        ordinary: false,
    };
    let scheme = Scheme {
        id: SchemeId("nl".to_owned()),
        version: 1,
        title: String::new(),
        title_nl: None,
        status: domain::SchemeStatus::Illustration,
        categories: vec![category],
    };
    let new = NewCase { number: "1".to_owned(), unit: "u".to_owned(), scheme, legal_scope: String::new() };
    let (user, passphrase) = ("Anna".parse().unwrap(), Passphrase::new("long enough"));
    let cheap = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };
    let now = UtcTime(1);
    let case = CaseFile::create_with_cost(dir, &new, &user, &passphrase, now, &mut Counting(1), cheap).unwrap();
    case.add_user(&"Bob".parse().unwrap(), UserRole::Auditor, &passphrase, now, &mut Counting(2)).unwrap();
    let source = case.add_source(std::path::Path::new("/s"), "folder", now).unwrap();
    let record = |path: &str, content| Record {
        source,
        path: SourcePath(path.into()),
        size_bytes: Some(5),
        times: RecordTimes::default(),
        content,
    };
    let unread = RecordContent::Unread(Refusal::new(RefusalCode::Link, "a link"));
    let batch = [
        record("a", RecordContent::Item(Box::new(item(1)))),
        record("b", RecordContent::Item(Box::new(item(2)))),
        record("c", unread),
    ];
    case.record(&batch, now).unwrap();
    case.source_loaded(source, serde_json::json!({ "files": 3 }), now).unwrap();
    case.decide(&[Sha256([1; 32])], Some(CategoryCode("1".to_owned())), Some("note"), now).unwrap();
    case.decide(&[Sha256([2; 32])], Some(CategoryCode("1".to_owned())), None, now).unwrap();
    case.undo(&|standing, _| standing.visibility.clone(), now).unwrap();
    let odd = Visibility::Shown { why: ShowReason::Odd { findings: Vec::new() } };
    let change = Rejudged { sha256: Sha256([2; 32]), visibility: odd, hits: Vec::new(), near: None, decoded: None };
    case.rejudge(&[change], now).unwrap();
    let set = crate::SetStampRow {
        stamp: domain::SetStamp {
            name: "national".parse().unwrap(),
            role: domain::Role::Known,
            version: SetVersion(1),
            profile: None,
            published: None,
            basis: domain::VerdictBasis::Membership,
            meanings: domain::Meanings::new(),
            allowed: None,
        },
        entries: 7,
        imported: now,
        source_sha256: Vec::new(),
    };
    case.put_sets(&[set], now).unwrap();
    case.matched("rules 1", now).unwrap();
    case.record(&[record("d", RecordContent::Item(Box::new(decoded_item(4))))], now).unwrap();
    case.heal(source, &[SourcePath("c".into())], now).unwrap();
    let [one, two] = [1, 2].map(|number| Sha256([number; 32]));
    case.put_stacks(&[crate::Stack { representative: one, members: vec![one, two] }], now).unwrap();
    case
}

fn decoded_item(number: u8) -> RecordItem {
    let facts = domain::Facts {
        width: 4,
        height: 3,
        exif_orientation: 1,
        frames: None,
        pdq: None,
        image_hash: domain::ImageHash(1),
        camera: domain::Camera::default(),
        gps: None,
        taken: None,
        metadata: Vec::new(),
        remarks: Vec::new(),
    };
    let thumbnail = domain::Thumbnail { width: 4, height: 3, jpeg: vec![1, 2, 3] };
    RecordItem { decoded: Some(domain::Decoded { facts, thumbnail }), ..item(number) }
}

fn problems(case: &CaseFile) -> Vec<ProblemKind> {
    case.verify(&mut |_, _, _| {}).unwrap().problems.into_iter().map(|problem| problem.kind).collect()
}

/// Changes rows behind the back of this crate, as somebody with the key and another program could.
fn tamper(case: &CaseFile, sql: &str) {
    case.write_whatever_the_role(|writer| {
        let triggers: Vec<String> = {
            let mut all = writer.db().prepare("SELECT name FROM main.sqlite_master WHERE type = 'trigger'")?;
            all.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        writer.db().execute_batch("PRAGMA foreign_keys = OFF")?;
        for name in triggers {
            writer.db().execute_batch(&format!("DROP TRIGGER {name}"))?;
        }
        Ok(writer.db().execute_batch(sql)?)
    })
    .unwrap();
}

#[test]
fn every_change_behind_the_back_is_found() {
    use ProblemKind::*;
    let cases = [
        ("UPDATE ledger SET detail = replace(detail, 'folder', 'zip') WHERE kind = 'source-added'", Chain),
        ("UPDATE ledger SET at = at + 1 WHERE seq = 2", Chain),
        ("UPDATE ledger SET who = 'Bob' WHERE kind = 'decided'", Chain),
        ("DELETE FROM ledger WHERE seq = 3", Chain),
        (
            "UPDATE ledger SET detail = replace(detail, 'possession', 'abuse') WHERE kind = 'qualification-stated'",
            Chain,
        ),
        ("UPDATE ledger SET detail = replace(detail, '12', '13') WHERE kind = 'qualification-stated'", Rows),
        (
            "UPDATE history SET standing = 1 - standing
          WHERE seq IN (SELECT seq FROM ledger WHERE kind = 'qualification-stated')",
            Replay,
        ),
        ("UPDATE ledger SET hash = zeroblob(32) WHERE seq = (SELECT max(seq) FROM ledger)", Chain),
        ("UPDATE about SET legal_scope = 'everything'", Rows),
        ("UPDATE item SET md5 = zeroblob(16) WHERE id = 1", Rows),
        ("UPDATE item SET hidden_first = 1 WHERE id = 1", Rows),
        ("UPDATE occurrence SET path = CAST('z' AS BLOB) WHERE id = 1", Rows),
        ("UPDATE occurrence SET modified = 5 WHERE id = 2", Rows),
        ("DELETE FROM occurrence WHERE id = 3", Rows),
        (
            "INSERT INTO occurrence SELECT 9, source, CAST('new' AS BLOB), size, modified, created, accessed, time_raw,
          item, refusal, refusal_detail, NULL, seq, 0 FROM occurrence WHERE id = 1",
            Rows,
        ),
        ("UPDATE source SET root = CAST('/t' AS BLOB)", Rows),
        ("UPDATE load SET summary = '{}'", Rows),
        ("UPDATE decision SET category = '2' WHERE id = 1", Rows),
        ("UPDATE decision SET note = 'another' WHERE id = 1", Rows),
        ("DELETE FROM change WHERE item = 1", Rows),
        ("UPDATE judgement SET before = NULL", Rows),
        ("INSERT INTO current VALUES(2, 2)", Replay),
        ("DELETE FROM current", Replay),
        ("UPDATE history SET standing = 0", Replay),
        ("UPDATE person SET role = 'team-lead' WHERE name = 'Bob'", Replay),
        ("UPDATE person SET removed = 4 WHERE name = 'Bob'", Replay),
        ("UPDATE occurrence SET superseded = 1 WHERE id = 2", Replay),
        ("UPDATE occurrence SET superseded = 0 WHERE id = 3", Replay),
        ("UPDATE about SET created = 77", Rows),
        ("UPDATE item SET seq = 1 WHERE id = 1", Rows),
        ("UPDATE occurrence SET seq = 1 WHERE id = 1", Rows),
        ("UPDATE occurrence SET extension_disagrees = 'png' WHERE id = 1", Rows),
        ("DELETE FROM healed", Rows),
        ("UPDATE healed SET occurrence = 2", Rows),
        ("UPDATE seal SET judged = zeroblob(32) WHERE item = 1", Rows),
        ("DELETE FROM seal WHERE item = 1", Rows),
        ("UPDATE history SET who = 'Bob' WHERE seq = (SELECT min(seq) FROM history)", Replay),
        ("UPDATE hash_set SET version = 9", Rows),
        ("UPDATE hash_set SET entries = 9", Rows),
        ("INSERT INTO hash_set SELECT 9, seq, 'other', 1, stamp, entries, imported, source_sha256 FROM hash_set", Rows),
        ("DELETE FROM set_in_force", Rows),
        ("DELETE FROM load", Rows),
        ("DELETE FROM judgement", Rows),
        ("DELETE FROM person WHERE name = 'Bob'", Replay),
        ("DELETE FROM history", Replay),
        ("UPDATE state SET keys_sha256 = zeroblob(32)", Replay),
        ("DELETE FROM source", Reference),
        ("UPDATE mark SET kind = 'handover' WHERE item = 1", Rows),
        ("UPDATE mark SET text = 'never seen' WHERE text = 'seen before'", Rows),
        ("UPDATE mark SET after = NULL WHERE item = 2", Rows),
        ("DELETE FROM mark WHERE text = 'taken back'", Rows),
        ("INSERT INTO mark SELECT 1, item, kind, before, after, text FROM mark WHERE text = 'seen before'", Rows),
        ("DELETE FROM marked WHERE kind = 'note'", Replay),
        ("UPDATE marked SET item = 3 WHERE item = 2", Replay),
        ("INSERT INTO marked VALUES(3, 'not-alike', 1)", Replay),
        ("UPDATE lead SET content = replace(content, 'Willow', 'Oak')", Rows),
        ("UPDATE lead SET content = NULL WHERE before IS NOT NULL", Rows),
        ("DELETE FROM lead WHERE before IS NOT NULL", Rows),
        ("INSERT INTO lead SELECT 1, 9, NULL, 1, content FROM lead WHERE before IS NULL", Rows),
        ("UPDATE lead_now SET seq = (SELECT min(seq) FROM lead)", Replay),
        ("DELETE FROM lead_now", Reference),
        ("UPDATE evidence SET caption = 'a door' WHERE id = 1", Rows),
        ("UPDATE evidence SET part = '{}' WHERE id = 2", Rows),
        ("UPDATE evidence SET lead = 2 WHERE id = 3", Rows),
        ("UPDATE evidence SET item = 1 WHERE id = 3", Rows),
        ("DELETE FROM evidence WHERE id = 3", Rows),
        ("DELETE FROM evidence_now WHERE id = 3", Replay),
        ("UPDATE evidence_now SET item = 1 WHERE id = 3", Replay),
        ("UPDATE evidence_now SET lead = 2 WHERE id = 3", Reference),
        ("UPDATE clock SET ahead = 7 WHERE ahead = 5", Rows),
        ("UPDATE clock SET reason = 'none' WHERE ahead = 5", Rows),
        ("DELETE FROM clock WHERE ahead IS NULL", Rows),
        ("UPDATE clock_now SET seq = (SELECT max(seq) FROM clock)", Replay),
        ("UPDATE opinion SET said = '{}'", Rows),
        ("UPDATE opinion SET item = 2", Rows),
        ("DELETE FROM opinion", Rows),
        ("UPDATE export SET asked = replace(asked, 'Custodian', 'Friend') WHERE id = 1", Rows),
        ("DELETE FROM export WHERE id = 1", Rows),
        ("DELETE FROM export_end", Rows),
        ("UPDATE export_end SET export = 1", Rows),
        ("UPDATE export_end SET package = zeroblob(32), items = 1", Rows),
        ("INSERT INTO export_end SELECT 1, 1, NULL, NULL FROM export_end", Rows),
        ("UPDATE derived.view SET reason = 4 WHERE id = 1", Derived),
        ("UPDATE derived.view SET reason_set = 'national' WHERE id = 3", Derived),
        ("UPDATE derived.view SET category = '1' WHERE id = 3", Derived),
        ("UPDATE derived.facts SET taken = '2020-01-01T00:00:00'", Derived),
        ("UPDATE derived.facts SET camera = 'another'", Derived),
        ("UPDATE derived.view SET state = 1 WHERE id = 1", Derived),
        ("UPDATE derived.view SET sha256 = zeroblob(32) WHERE id = 1", Derived),
        ("UPDATE derived.view SET decoded = 1 WHERE id = 1", Derived),
        ("INSERT INTO derived.facts VALUES(1, 1, 1, NULL, 0, '{}', NULL, NULL)", Derived),
        ("UPDATE derived.view SET rank = 0 WHERE id = 3", Derived),
        ("UPDATE derived.view SET suggested = 1 WHERE id = 3", Derived),
        ("UPDATE derived.view SET class = 'video' WHERE id = 3", Derived),
        (
            "UPDATE derived.view SET visibility = '{\"state\":\"shown\",\"why\":{\"reason\":\"decided\"}}'
          WHERE id = 3",
            Derived,
        ),
        ("DELETE FROM derived.view WHERE id = 2", Derived),
        ("DELETE FROM derived.view WHERE id = 3; DELETE FROM derived.facts; DELETE FROM derived.thumbnail", Derived),
        (
            "UPDATE derived.view SET decoded = 0 WHERE id = 3; DELETE FROM derived.facts;
          DELETE FROM derived.thumbnail",
            Derived,
        ),
        ("UPDATE derived.facts SET width = 5", Derived),
        ("INSERT INTO derived.region VALUES(9, CAST('{}' AS BLOB), NULL)", Derived),
        ("UPDATE derived.facts SET pdq = x'00'", Derived),
        ("UPDATE derived.thumbnail SET jpeg = x'00'", Derived),
        ("UPDATE derived.stack SET representative = 2", Derived),
        ("DELETE FROM derived.stack", Derived),
    ];
    for (sql, expected) in cases {
        let dir = tempfile::tempdir().unwrap();
        let case = made(dir.path());
        assert_eq!(problems(&case), []);
        tamper(&case, sql);
        assert!(problems(&case).contains(&expected), "{sql}: {:?}", problems(&case));
    }
}

/// What is a person's own is no part of what is verified: nobody is judged by it.
#[test]
fn what_is_personal_is_not_verified() {
    let dir = tempfile::tempdir().unwrap();
    let case = made(dir.path());
    case.put_personal("views", Some("[]"), UtcTime(1)).unwrap();
    case.seen_add(1, false, UtcTime(1)).unwrap();
    case.break_add(UtcTime(1)).unwrap();
    let head = case.head().unwrap();
    tamper(&case, "UPDATE personal SET value = 'other'; UPDATE seen SET part = 1; DELETE FROM rest");
    assert_eq!(problems(&case), []);
    assert_eq!(case.head().unwrap(), head);
}

#[test]
fn a_hide_without_its_reason_is_found() {
    let why = r#"{"state":"hidden","why":{"reason":"ordinary","set":"s","version":1,"entry":1,"digest":"md5",
        "agreement":{"agreement":"confirmed"}}}"#;
    let dir = tempfile::tempdir().unwrap();
    let case = made(dir.path());
    tamper(
        &case,
        &format!("UPDATE derived.view SET visibility = '{why}', state = 1, hide = 2, hide_set = 's' WHERE id = 2"),
    );
    let found = problems(&case);
    assert_eq!(found.iter().filter(|kind| **kind == ProblemKind::Hide).count(), 2, "neither set nor hit: {found:?}");
    tamper(
        &case,
        "UPDATE derived.view SET decoded = 1 WHERE id = 2; INSERT INTO derived.facts VALUES(2, 1, 1, NULL, 0, '{}', NULL, NULL);
         INSERT INTO derived.thumbnail VALUES(2, 1, 1, x'00')",
    );
    assert!(problems(&case).contains(&ProblemKind::KnownDecoded));
}

/// The limit of a chain without a witness: rows cut off the end, with what they added, leave a sound case. Only the
/// head that somebody noted elsewhere tells.
#[test]
fn a_ledger_that_was_cut_off_differs_only_in_its_head() {
    let dir = tempfile::tempdir().unwrap();
    let case = made(dir.path());
    let before = case.head().unwrap();
    case.matched("rules 2", UtcTime(2)).unwrap();
    let noted = case.head().unwrap();
    assert!(case.has_operation(&noted.1).unwrap() && case.has_operation(&before.1).unwrap());
    tamper(&case, "DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)");
    assert_eq!(problems(&case), []);
    assert!(!case.has_operation(&noted.1).unwrap(), "whoever noted the head knows");
    assert!(case.has_operation(&before.1).unwrap());
}

/// Somebody with the key and another program signs an export of their own: the rows are those of the operation, and the
/// ledger's own story tells that it may not be.
#[test]
fn a_signature_without_four_eyes_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let case = made(dir.path());
    tamper(&case, "SELECT 1");
    let end = "INSERT INTO export_end VALUES(1, (SELECT max(seq) FROM ledger), zeroblob(32), 7)";
    let mut canon = Canon::new("zeef export end 1");
    canon.number(1).maybe_bytes(Some(&[0; 32])).maybe_number(Some(7));
    let detail = serde_json::json!({
        "request": 1, "package_sha256": Sha256([0; 32]), "items": 7, "sha256": canon.finish(),
    });
    case.write_whatever_the_role(|writer| {
        writer.ground(|db| case.append(db, OperationKind::ExportSigned, &detail, UtcTime(2)))
    })
    .unwrap();
    tamper(&case, end);
    assert_eq!(problems(&case), [ProblemKind::Rows]);
}

#[test]
fn ground_rows_cannot_be_changed_by_mistake() {
    let dir = tempfile::tempdir().unwrap();
    let case = made(dir.path());
    for sql in [
        "UPDATE ledger SET at = 0",
        "DELETE FROM ledger",
        "DELETE FROM item",
        "UPDATE occurrence SET path = x'00'",
        "DELETE FROM occurrence",
        "UPDATE decision SET category = '1'",
        "UPDATE mark SET text = 'x'",
        "DELETE FROM mark",
        "UPDATE lead SET content = '{}'",
        "DELETE FROM evidence",
        "UPDATE clock SET ahead = 0",
        "DELETE FROM opinion",
        "UPDATE export SET asked = '{}'",
        "DELETE FROM export_end",
        // What nobody may sign, the database refuses too: Anna asked for it.
        "INSERT INTO export_end SELECT 1, max(seq), zeroblob(32), 0 FROM ledger",
    ] {
        let result = case.write_whatever_the_role(|writer| Ok(writer.db().execute_batch(sql)?));
        assert!(result.is_err(), "{sql}");
    }
    assert_eq!(problems(&case), []);
}
