//! The rules as a table, and what must hold for any hits.

use std::sync::Arc;

use domain::{DigestKind, EntryId, Flags, Meanings, Outcome, Profile, Refusal, RefusalCode, SetStamp, SetVersion};
use proptest::prelude::*;

use super::*;

/// Describes a hit in a few words: `set role profile code kind`, then any of `contradicted`, `quarantined`, `size`.
fn hit(text: &str) -> Hit {
    let words: Vec<&str> = text.split_whitespace().collect();
    let code = words[3];
    let mut meanings = Meanings::new();
    for word in &words {
        if let Some((code, meaning)) = word.split_once('=') {
            meanings.insert(CategoryCode(code.to_owned()), meaning.parse().unwrap());
        }
    }
    let membership = code == "member";
    Hit {
        set: Arc::new(SetStamp {
            name: words[0].parse().unwrap(),
            role: words[1].parse().unwrap(),
            version: SetVersion(3),
            profile: Profile::parse(words[2]).ok(),
            published: None,
            basis: if membership { VerdictBasis::Membership } else { VerdictBasis::Category },
            meanings,
            allowed: None,
        }),
        entry: EntryId(7),
        kind: match words[4] {
            "md5" => DigestKind::Md5,
            "sha1" => DigestKind::Sha1,
            _ => DigestKind::Sha256,
        },
        agreement: match words.contains(&"contradicted") {
            true => Agreement::Contradicted { by: "SHA-1".to_owned() },
            false => Agreement::Confirmed,
        },
        quarantined: words.contains(&"quarantined"),
        verdict: match code {
            "member" => Verdict::Member,
            "none" => Verdict::Unclassified,
            code => Verdict::Category(CategoryCode(code.to_owned())),
        },
        flags: Flags { baseline: words.contains(&"baseline").then_some(true), ..Flags::default() },
        series: String::new(),
        standing: None,
    }
}

fn judged(hits: &[&str], scheme: &str) -> Visibility {
    let hits: Vec<Hit> = hits.iter().map(|text| hit(text)).collect();
    judge(&hits, &Schemes::shipped(), &SchemeId(scheme.to_owned()))
}

/// Judges again where nothing is known but the hits.
fn again(before: &Visibility, hits: &[Hit]) -> Visibility {
    rejudge_by(before, hits, &[], &[], &[])
}

fn rejudge_by(
    before: &Visibility,
    hits: &[Hit],
    vetoes: &[Veto],
    fresh: &[(&str, Freshness)],
    withdrawn: &[(&str, u64, &str)],
) -> Visibility {
    let around = Circumstances {
        schemes: &Schemes::shipped(),
        case_scheme: &SchemeId("project-vic-us".to_owned()),
        freshness: &fresh.iter().map(|(set, how)| (set.parse().unwrap(), *how)).collect(),
        withdrawn: &withdrawn
            .iter()
            .map(|(set, entry, why)| ((set.parse().unwrap(), EntryId(*entry)), (*why).to_owned()))
            .collect(),
    };
    rejudge(before, hits, vetoes, &around)
}

/// Says a verdict in a few words, so that the table can be read.
fn check(hits: &[&str], scheme: &str, expected: &str) {
    let text = match judged(hits, scheme) {
        Visibility::Hidden { why: HideReason::Known { set, digest, category, .. } } => match category {
            Translated::To { code, outcome: Outcome::Exact } => format!("hidden {set} {digest} {code}"),
            Translated::To { code, outcome } => format!("hidden {set} {digest} {code} {outcome:?}"),
            Translated::NeedsHuman => format!("hidden {set} {digest} needs-human"),
        },
        Visibility::Hidden { why: HideReason::Ordinary { set, digest, .. } } => format!("ordinary {set} {digest}"),
        Visibility::Shown { why: ShowReason::Odd { findings } } => {
            let name = |finding: &Finding| {
                let json = serde_json::to_value(finding).unwrap();
                json["finding"].as_str().unwrap().to_owned()
            };
            format!("shown {}", findings.iter().map(name).collect::<Vec<_>>().join("+"))
        }
        other => format!("{other:?}"),
    };
    assert_eq!(text, expected, "{hits:?}");
}

#[test]
fn rules() {
    let us = "project-vic-us";
    check(&["nat known US 1 md5"], us, "hidden nat MD5 1");
    check(&["nat known US 1 md5", "icse known INTERPOL member sha1"], us, "hidden nat MD5 1");
    check(&["nat known UK 1 sha1"], us, "hidden nat SHA-1 1 Broader");
    check(&["nat known UK C sha1"], us, "hidden nat SHA-1 needs-human");
    check(&["list known US member md5"], us, "hidden list MD5 needs-human");
    check(&["icse known INTERPOL member md5 baseline"], us, "hidden icse MD5 1 Broader");
    check(&["soft good - member sha256"], us, "ordinary soft SHA-256");
    check(&["soft good - none sha256"], us, "ordinary soft SHA-256");
    check(&["a known US 1 md5", "b known US 1 sha256"], us, "hidden b SHA-256 1");
}

#[test]
fn what_is_odd_is_shown() {
    let us = "project-vic-us";
    check(&["a known US 1 md5", "b known US 2 md5"], us, "shown conflict");
    check(&["a known US 1 md5", "a known US 4 md5"], us, "shown conflict");
    check(&["a known US 1 md5", "b known UK A md5"], us, "hidden a MD5 1");
    check(&["a known US 2 md5", "b known UK A md5"], us, "shown conflict");
    check(&["a known US 2 md5", "b known UK C md5"], us, "hidden a MD5 2");
    // Without a translation only this can be told: one says that it is such material, the other that it is not.
    let (answered, member) = ("b known UK 0 md5 0=non-pertinent", "c known US member md5");
    for scheme in ["project-vic-us", "uk", "interpol-baseline", "nl"] {
        check(&["a known US 1 md5", answered], scheme, "shown conflict");
    }
    check(&["a known US 0 md5 0=non-pertinent", answered], "uk", "hidden a MD5 0");
    check(&["a known US 1 md5", member], us, "hidden a MD5 1");
    check(&["a known US 1 md5 contradicted"], us, "shown contradiction");
    check(&["a known US 1 md5 contradicted", "b known US 1 sha256"], us, "shown contradiction");
    check(&["a known US 1 md5 quarantined"], us, "shown quarantined");
    check(&["a known US 1 md5", "soft good - member sha256"], us, "shown quarantined");
    check(&["soft good - member md5 contradicted"], us, "shown contradiction");
    check(&["a known US none md5"], us, "shown known-unclassified");
    check(&["a known US 7 md5"], us, "shown code-unknown");
    check(&["a known - 1 md5"], us, "shown code-unknown");
    check(&["a known US none md5", "b known US 2 md5"], us, "hidden b MD5 2");
}

#[test]
fn zero_and_five_say_nothing_until_a_person_has_answered() {
    let us = "project-vic-us";
    check(&["a known US 0 sha256"], us, "shown meaning-unanswered");
    check(&["a known US 5 sha256"], us, "shown meaning-unanswered");
    check(&["a known UK 0 sha256"], us, "shown meaning-unanswered");
    check(&["a known US 1 md5", "a known US 0 md5"], us, "shown meaning-unanswered");
    check(&["a known US 0 md5 0=non-pertinent", "b known UK 5 md5"], us, "hidden a MD5 0");
    check(&["a known US 0 sha256 5=uncategorized"], us, "shown meaning-unanswered");
    check(&["a known US 0 sha256 0=non-pertinent"], us, "hidden a SHA-256 0");
    check(&["a known US 0 sha256 0=uncategorized"], us, "shown known-unclassified");
    check(&["a known US 5 sha256 5=non-pertinent"], us, "hidden a SHA-256 0");
    check(&["a known US 0 md5 0=non-pertinent", "b known US 5 md5 5=non-pertinent"], us, "hidden a MD5 0");
    check(&["a known US 0 md5 0=non-pertinent", "b known US 1 md5"], us, "shown conflict");
    check(&["a known US 0 md5", "b known US 1 md5"], us, "hidden b MD5 1");
}

#[test]
fn an_item_comes_back_when_its_entry_is_gone() {
    let hidden = judged(&["nat known US 1 md5"], "project-vic-us");
    let returned = again(&hidden, &[]);
    assert!(matches!(returned, Visibility::Shown { why: ShowReason::Returned { .. } }));
    assert_eq!(again(&returned, &[]), returned);
    assert_eq!(again(&returned, &[hit("nat known US 1 md5")]), hidden);
    let refused = Visibility::Refused { why: Refusal::new(RefusalCode::Undecodable, "no picture") };
    assert_eq!(again(&refused, &[]), refused);
    assert_eq!(again(&refused, &[hit("nat known US 1 md5")]), hidden);
    let odd = again(&refused, &[hit("a known US 0 sha256")]);
    let Visibility::Shown { why: ShowReason::Odd { findings } } = &odd else { panic!("{odd:?}") };
    assert!(matches!(findings[..], [Finding::MeaningUnanswered { .. }, Finding::NoPicture { .. }]));
    assert_eq!(again(&odd, &[hit("a known US 0 sha256")]), odd, "the same sets again");
    assert_eq!(again(&odd, &[]), refused, "the finding goes, the refusal stays");
}

#[test]
fn what_comes_back_says_why() {
    let hidden = judged(&["nat known US 1 md5"], "project-vic-us");
    let cause = |visibility: Visibility| match visibility {
        Visibility::Shown { why: ShowReason::Returned { why, .. } } => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(cause(again(&hidden, &[])), ReturnCause::Gone);
    let withdrawn = rejudge_by(&hidden, &[], &[], &[], &[("nat", 7, "a mistake"), ("nat", 8, "another")]);
    assert_eq!(cause(withdrawn), ReturnCause::Withdrawn { reason: "a mistake".to_owned() });
}

#[test]
fn a_hide_keeps_the_freshness_that_its_set_had_first() {
    let hits = [hit("nat known US 1 md5")];
    let new = Visibility::Shown { why: ShowReason::New };
    let by = |before: &Visibility, how| rejudge_by(before, &hits, &[], &[("nat", how)], &[]);
    let fresh = by(&new, Freshness::Fresh);
    let Visibility::Hidden { why } = &fresh else { panic!("{fresh:?}") };
    assert_eq!(why.freshness(), Some(Freshness::Fresh));
    assert_eq!(by(&fresh, Freshness::Beyond), fresh, "the same reason again");
    let other = [hit("nat known US 2 md5")];
    let changed = rejudge_by(&fresh, &other, &[], &[("nat", Freshness::InGrace)], &[]);
    let Visibility::Hidden { why } = &changed else { panic!("{changed:?}") };
    assert_eq!(why.freshness(), Some(Freshness::InGrace), "another reason");
}

fn veto(set: &str, entry: u64, version: u32, lasting: bool) -> Veto {
    Veto {
        set: set.parse().unwrap(),
        version: SetVersion(version),
        entry: EntryId(entry),
        lasting,
        by: "anna".parse().unwrap(),
        at: domain::UtcTime(0),
        reason: "no such picture".to_owned(),
    }
}

#[test]
fn what_a_person_calls_wrong_hides_nothing_and_the_rest_still_may() {
    let hits = [hit("nat known US 1 md5")];
    let hidden = judged(&["nat known US 1 md5"], "project-vic-us");
    let shown = rejudge_by(&hidden, &hits, &[veto("nat", 7, 3, true)], &[], &[]);
    let Visibility::Shown { why: ShowReason::Returned { was, why } } = &shown else { panic!("{shown:?}") };
    assert_eq!(Visibility::Hidden { why: was.clone() }, hidden);
    assert!(matches!(why, ReturnCause::Vetoed { reason, .. } if reason == "no such picture"));
    assert_eq!(rejudge_by(&shown, &hits, &[veto("nat", 7, 3, true)], &[], &[]), shown, "the same again");
    assert_eq!(rejudge_by(&shown, &hits, &[], &[], &[]), hidden, "without the veto");
    assert_eq!(rejudge_by(&hidden, &hits, &[veto("nat", 8, 3, true)], &[], &[]), hidden, "another entry");
    assert_eq!(rejudge_by(&hidden, &hits, &[veto("nat", 8, 3, false)], &[], &[]), hidden, "another row");
    let moved = rejudge_by(&hidden, &hits, &[veto("nat", 8, 2, false)], &[], &[]);
    assert!(matches!(moved, Visibility::Shown { .. }), "rows move between versions of a list");
    let both = [hit("nat known US 1 md5"), hit("b known US 1 md5")];
    let left = rejudge_by(&hidden, &both, &[veto("nat", 7, 3, true)], &[], &[]);
    assert!(matches!(&left, Visibility::Hidden { why } if why.origin().0.as_str() == "b"));
}

#[test]
fn a_set_hides_only_by_what_it_is_allowed_to() {
    let limited = |text: &str, codes: &[&str]| {
        let mut hit = hit(text);
        let allowed = codes.iter().map(|code| CategoryCode((*code).to_owned())).collect();
        hit.set = Arc::new(SetStamp { allowed: Some(allowed), ..(*hit.set).clone() });
        hit
    };
    let verdict = |hits: &[Hit]| judge(hits, &Schemes::shipped(), &SchemeId("project-vic-us".to_owned()));
    assert!(matches!(verdict(&[limited("nat known US 1 md5", &["1"])]), Visibility::Hidden { .. }));
    assert!(matches!(verdict(&[limited("nat known US member md5", &["member"])]), Visibility::Hidden { .. }));
    let refused = ["nat known US 1 md5", "nat known US member md5", "nat good - member md5"];
    for text in refused {
        let shown = verdict(&[limited(text, &["2"])]);
        let Visibility::Shown { why: ShowReason::Odd { findings } } = &shown else { panic!("{text}: {shown:?}") };
        assert!(matches!(findings[..], [Finding::NotAllowed { .. }]), "{findings:?}");
    }
    // What another set knows stays hidden.
    let both = [limited("nat known US 3 md5", &["2"]), hit("b known US 1 md5")];
    assert!(matches!(verdict(&both), Visibility::Hidden { .. }));
}

#[test]
fn a_disputed_entry_hides_nothing() {
    let disputed = Hit { standing: Some(Standing::Disputed), ..hit("nat known US 1 md5") };
    let shown = judge(&[disputed], &Schemes::shipped(), &SchemeId("nl".to_owned()));
    assert!(matches!(shown, Visibility::Shown { why: ShowReason::Odd { .. } }), "{shown:?}");
}

#[test]
fn rows_of_one_number_give_one_reason_in_either_order() {
    let rows = ["a known US 2 md5", "a known UK 1 md5"];
    assert_eq!(judged(&rows, "nl"), judged(&[rows[1], rows[0]], "nl"));
}

fn any_hit() -> impl Strategy<Value = String> {
    let set = prop::sample::select(vec!["a", "b", "c"]);
    let role = prop::sample::select(vec!["known", "known", "known", "good"]);
    let profile = prop::sample::select(vec!["US", "UK", "INTERPOL", "NL", "-"]);
    let code = prop::sample::select(vec!["0", "1", "2", "3", "5", "9", "A", "none", "member"]);
    let kind = prop::sample::select(vec!["md5", "sha1", "sha256"]);
    let more = prop::sample::select(vec!["", "", "", "contradicted", "quarantined", "0=non-pertinent"]);
    (set, role, profile, code, kind, more).prop_map(|(a, b, c, d, e, f)| format!("{a} {b} {c} {d} {e} {f}"))
}

proptest! {
    #[test]
    fn the_order_of_hits_does_not_matter(hits in prop::collection::vec(any_hit(), 0..6), turn in 0usize..6) {
        let straight: Vec<&str> = hits.iter().map(String::as_str).collect();
        let mut turned = straight.clone();
        if !turned.is_empty() {
            let by = turn % turned.len();
            turned.rotate_left(by);
        }
        prop_assert_eq!(judged(&straight, "nl"), judged(&turned, "nl"));
    }

    #[test]
    fn nothing_odd_is_ever_hidden(hits in prop::collection::vec(any_hit(), 1..6)) {
        let texts: Vec<&str> = hits.iter().map(String::as_str).collect();
        let all: Vec<Hit> = texts.iter().map(|text| hit(text)).collect();
        let known = all.iter().any(|hit| hit.set.role == Role::Known);
        let good = all.iter().any(|hit| hit.set.role == Role::Good);
        let odd = all.iter().any(|hit| matches!(hit.agreement, Agreement::Contradicted { .. }))
            || (known && good)
            || all.iter().any(|hit| hit.set.role == Role::Known && hit.quarantined);
        if odd {
            let is_shown = matches!(judged(&texts, "nl"), Visibility::Shown { .. });
            prop_assert!(is_shown);
        }
    }

    #[test]
    fn every_hide_names_an_entry_that_was_met(hits in prop::collection::vec(any_hit(), 0..6)) {
        let texts: Vec<&str> = hits.iter().map(String::as_str).collect();
        if let Visibility::Hidden { why } = judged(&texts, "project-vic-us") {
            let (set, version, entry, kind) = why.origin();
            let met = texts.iter().map(|text| hit(text)).any(|hit| {
                hit.set.name == *set && hit.set.version == version && hit.entry == entry && hit.kind == kind
            });
            prop_assert!(met);
        }
    }
}
