//! Reasons as sentences that the window says in its own language: a code, and what stands in it. Text of files and of sets
//! is escaped here, so that nothing that crosses can mislead.

use domain::{
    Agreement, CategoryCode, Finding, HideReason, Refusal, RefusalCode, ReturnCause, SetName, ShowReason, Translated,
    Visibility, escaped,
};
use serde::Serialize;

use crate::view::detail::{Sentence, SentenceCode};

/// Makes a sentence.
pub(super) fn sentence<const N: usize>(code: SentenceCode, with: [(&str, String); N]) -> Sentence {
    Sentence { code, with: with.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() }
}

/// Tells what the rule says, the main reason first. `sets` is the number of sets that were looked in.
pub(super) fn rule_sentences(visibility: &Visibility, sets: usize) -> Vec<Sentence> {
    let said = match visibility {
        Visibility::Shown { why: ShowReason::New } => vec![sentence(SentenceCode::New, [("sets", sets.to_string())])],
        Visibility::Shown { why: ShowReason::Decided } => Vec::new(),
        Visibility::Shown { why: ShowReason::Returned { was, why } } => vec![returned(was, why)],
        Visibility::Shown { why: ShowReason::Odd { findings } } => findings.iter().map(finding).collect(),
        Visibility::Hidden { why } => vec![hidden(why)],
        Visibility::Refused { why } => vec![refused(why)],
    };
    debug_assert!(said.iter().all(Sentence::is_known), "{said:?}");
    said
}

fn returned(was: &HideReason, why: &ReturnCause) -> Sentence {
    let (set, version, entry, _) = was.origin();
    let code = match why {
        ReturnCause::Gone => SentenceCode::ReturnedGone,
        ReturnCause::Withdrawn { .. } => SentenceCode::ReturnedWithdrawn,
        ReturnCause::Vetoed { .. } => SentenceCode::ReturnedVetoed,
    };
    let mut said =
        sentence(code, [("set", set.to_string()), ("version", version.to_string()), ("entry", entry.to_string())]);
    let mut add = |name: &str, value: String| said.with.insert(name.to_owned(), value);
    match why {
        ReturnCause::Gone => {}
        ReturnCause::Withdrawn { reason } => {
            add("reason", safe(reason));
        }
        ReturnCause::Vetoed { by, reason } => {
            add("by", by.to_string());
            add("reason", safe(reason));
        }
    }
    said
}

fn finding(finding: &Finding) -> Sentence {
    let of = |code, set: &SetName, entry: &domain::EntryId| {
        sentence(code, [("set", set.to_string()), ("entry", entry.to_string())])
    };
    let about = |code, set: &SetName, entry: &domain::EntryId, said: &CategoryCode| {
        let mut about = of(code, set, entry);
        about.with.insert("code".to_owned(), safe(&said.0));
        about
    };
    match finding {
        Finding::Conflict { opinions, .. } => {
            let opinions: Vec<String> = opinions.iter().map(|opinion| safe(opinion)).collect();
            sentence(SentenceCode::Conflict, [("opinions", opinions.join("; "))])
        }
        Finding::Quarantined { set, entry } => of(SentenceCode::Quarantined, set, entry),
        Finding::Contradiction { set, entry, digest, by } => {
            let mut said = of(SentenceCode::Contradiction, set, entry);
            said.with.insert("digest".to_owned(), word(digest));
            said.with.insert("what".to_owned(), safe(by));
            said
        }
        Finding::MeaningUnanswered { set, entry, code } => about(SentenceCode::MeaningUnanswered, set, entry, code),
        Finding::CodeUnknown { set, entry, code } => about(SentenceCode::CodeUnknown, set, entry, code),
        Finding::NotAllowed { set, entry, code } => about(SentenceCode::NotAllowed, set, entry, code),
        Finding::NoPicture { why } => sentence(SentenceCode::NoPicture, [("detail", safe(&why.detail))]),
        Finding::KnownUnclassified { set, entry } => of(SentenceCode::KnownUnclassified, set, entry),
    }
}

/// Tells why an item is hidden.
pub(super) fn hidden(why: &HideReason) -> Sentence {
    let (set, version, entry, digest) = why.origin();
    let (code, agreement) = match why {
        HideReason::Known { agreement, .. } => (SentenceCode::HiddenKnown, agreement),
        HideReason::Ordinary { agreement, .. } => (SentenceCode::HiddenOrdinary, agreement),
    };
    let mut said = sentence(
        code,
        [
            ("set", set.to_string()),
            ("version", version.to_string()),
            ("entry", entry.to_string()),
            ("digest", word(&digest)),
            ("agreement", agreement_word(agreement).to_owned()),
        ],
    );
    let mut add = |name: &str, value: Option<String>| value.map(|value| said.with.insert(name.to_owned(), value));
    add("freshness", why.freshness().map(|freshness| word(&freshness)));
    if let HideReason::Known { original, scheme, category, .. } = why {
        add("category", translated(category));
        add("original", original.as_ref().map(|code| safe(&code.0)));
        add("scheme", scheme.as_ref().map(|scheme| scheme.0.clone()));
    }
    said
}

/// Tells why an item or a place was refused.
pub(super) fn refused(why: &Refusal) -> Sentence {
    let code = match why.code {
        RefusalCode::Unreadable => SentenceCode::Unreadable,
        RefusalCode::Link => SentenceCode::Link,
        RefusalCode::Special => SentenceCode::Special,
        RefusalCode::Vanished => SentenceCode::Vanished,
        RefusalCode::Changed => SentenceCode::Changed,
        RefusalCode::Empty => SentenceCode::Empty,
        RefusalCode::Archive => SentenceCode::Archive,
        RefusalCode::Undecodable => SentenceCode::Undecodable,
        RefusalCode::Limit => SentenceCode::Limit,
        RefusalCode::Crashed => SentenceCode::Crashed,
        RefusalCode::NoSandbox => SentenceCode::NoSandbox,
    };
    sentence(code, [("detail", safe(&why.detail))])
}

/// Gives the code in the case's scheme, if there is one.
pub(super) fn translated(category: &Translated) -> Option<String> {
    match category {
        Translated::To { code, .. } => Some(code.0.clone()),
        Translated::NeedsHuman => None,
    }
}

/// Gives the word for how well an entry's other facts agree.
pub(super) fn agreement_word(agreement: &Agreement) -> &'static str {
    match agreement {
        Agreement::Confirmed => "confirmed",
        Agreement::Unconfirmed => "alone",
        Agreement::Contradicted { .. } => "contradicted",
    }
}

/// Gives the word that JSON has for a variant without fields.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Gives text that came with evidence or with a set in a form that is safe to show.
pub(crate) fn safe(text: &str) -> String {
    escaped(text.as_bytes())
}
