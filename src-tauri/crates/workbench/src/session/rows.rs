//! From a row of the case to a row of the table.

use std::collections::HashMap;

use casefile::{MarkKind, ReasonCode, SetCategory, SheetRow, SheetState, ToolsSaid};
use domain::{CategoryCode, NearHit, SchemeId, Translated, UtcTime, Verdict};
use review::Schemes;
use review::table::{Decided, Likeness, Marked, NEEDS_HUMAN, Row, State, Table, TableError, Urgency};

use crate::view::detail::SentenceCode;

const MICROS: i64 = 1_000_000;
/// Most answers of crosswalks that are kept: entries say few different things.
const TRANSLATED_MAX: usize = 4_096;

/// Turns rows of a case into rows of the table.
pub(super) struct Rows<'a> {
    schemes: &'a Schemes,
    scheme: &'a SchemeId,
    /// What entries of a set say in the case's scheme, by set, version and verdict.
    translated: HashMap<(String, u32, Verdict, Option<bool>), String>,
}

impl<'a> Rows<'a> {
    pub fn new(schemes: &'a Schemes, scheme: &'a SchemeId) -> Self {
        Self { schemes, scheme, translated: HashMap::new() }
    }

    /// Puts a row into the table. Tells whether the item is there: one whose derived state is lost is taken out.
    pub fn put(&mut self, row: &SheetRow<'_>, seen: bool, table: &mut Table) -> Result<bool, TableError> {
        let rule = match row.state {
            SheetState::Shown => State::Shown,
            SheetState::Hidden => State::Hidden,
            SheetState::Refused => State::Refused,
            SheetState::Waiting => {
                table.take(row.number);
                return Ok(false);
            }
        };
        let urgency = match row.rank {
            0 => Urgency::Returned,
            1 => Urgency::Odd,
            _ => Urgency::Plain,
        };
        let near = row.near.map(|hit| (self.suggested(hit), hit.distance));
        let known = row.category.map(|category| match category {
            SetCategory::Code(code) => code,
            SetCategory::NeedsHuman => NEEDS_HUMAN,
        });
        let decision = row.decision.as_ref();
        table.put(&Row {
            number: row.number,
            sha256: row.sha256,
            rule,
            urgency,
            reason: reason_word(row.reason),
            set: row.reason_set,
            known,
            likeness: near.as_ref().map(|(category, distance)| Likeness {
                category,
                distance: u8::try_from(*distance).unwrap_or(u8::MAX),
            }),
            class: row.class,
            media_type: row.mime,
            size_bytes: row.size_bytes,
            sources: row.sources,
            first: row.first,
            more_paths: row.more_paths,
            date: row.taken.and_then(wall_clock).or(row.modified.map(|time| time.0.div_euclid(MICROS))),
            camera: row.camera,
            pixels: row.width.zip(row.height),
            has_picture: row.decoded,
            decision: decision.map(|one| Decided { category: one.category, by: one.by, own_before: one.own_before }),
            stack: row.stack,
            marks: Marked {
                bookmark: row.marks.has(MarkKind::Bookmark),
                handover: row.marks.has(MarkKind::Handover),
                not_alike: row.marks.has(MarkKind::NotAlike),
                out_of_stack: row.marks.has(MarkKind::OutOfStack),
                other_tools: row.tools != ToolsSaid::Nothing,
                tools_conflict: row.tools == ToolsSaid::Contradicting,
            },
            note: row.note.unwrap_or_default(),
            seen,
        })?;
        Ok(true)
    }

    fn suggested(&mut self, hit: &NearHit) -> String {
        let key = (hit.set.name.to_string(), hit.set.version.0, hit.verdict.clone(), hit.flags.baseline);
        if let Some(known) = self.translated.get(&key) {
            return known.clone();
        }
        let category = match review::suggested_category(hit, self.schemes, self.scheme) {
            Translated::To { code: CategoryCode(code), .. } => code,
            Translated::NeedsHuman => NEEDS_HUMAN.to_owned(),
        };
        if self.translated.len() < TRANSLATED_MAX {
            self.translated.insert(key, category.clone());
        }
        category
    }
}

/// Reads `2026-01-02T03:04:05` as seconds since 1970 of that wall clock; `None` for what no calendar has.
pub(super) fn wall_clock(text: &str) -> Option<i64> {
    // As if it were UTC: only clocks without a zone are compared.
    let time = UtcTime::parse(&format!("{}Z", text.get(..19)?))?;
    Some(time.0.div_euclid(MICROS))
}

/// Names the sentence that a reason is told by.
pub(super) fn sentence_code(reason: ReasonCode) -> SentenceCode {
    use ReasonCode as R;
    use SentenceCode as S;
    match reason {
        R::New => S::New,
        R::ReturnedGone => S::ReturnedGone,
        R::ReturnedWithdrawn => S::ReturnedWithdrawn,
        R::ReturnedVetoed => S::ReturnedVetoed,
        R::Conflict => S::Conflict,
        R::Quarantined => S::Quarantined,
        R::Contradiction => S::Contradiction,
        R::MeaningUnanswered => S::MeaningUnanswered,
        R::CodeUnknown => S::CodeUnknown,
        R::NotAllowed => S::NotAllowed,
        R::NoPicture => S::NoPicture,
        R::KnownUnclassified => S::KnownUnclassified,
        R::Known => S::HiddenKnown,
        R::Ordinary => S::HiddenOrdinary,
        // What waits is in no list of items; were it, it could not be read.
        R::Unreadable | R::Waiting => S::Unreadable,
        R::Link => S::Link,
        R::Special => S::Special,
        R::Vanished => S::Vanished,
        R::Changed => S::Changed,
        R::Empty => S::Empty,
        R::Archive => S::Archive,
        R::Undecodable => S::Undecodable,
        R::Limit => S::Limit,
        R::Crashed => S::Crashed,
        R::NoSandbox => S::NoSandbox,
    }
}

/// Gives the word of that sentence, as it crosses to the window; a test holds that both agree.
pub(super) fn reason_word(reason: ReasonCode) -> &'static str {
    use ReasonCode as R;
    match reason {
        R::New => "new",
        R::ReturnedGone => "returned-gone",
        R::ReturnedWithdrawn => "returned-withdrawn",
        R::ReturnedVetoed => "returned-vetoed",
        R::Conflict => "conflict",
        R::Quarantined => "quarantined",
        R::Contradiction => "contradiction",
        R::MeaningUnanswered => "meaning-unanswered",
        R::CodeUnknown => "code-unknown",
        R::NotAllowed => "not-allowed",
        R::NoPicture => "no-picture",
        R::KnownUnclassified => "known-unclassified",
        R::Known => "hidden-known",
        R::Ordinary => "hidden-ordinary",
        R::Unreadable | R::Waiting => "unreadable",
        R::Link => "link",
        R::Special => "special",
        R::Vanished => "vanished",
        R::Changed => "changed",
        R::Empty => "empty",
        R::Archive => "archive",
        R::Undecodable => "undecodable",
        R::Limit => "limit",
        R::Crashed => "crashed",
        R::NoSandbox => "no-sandbox",
    }
}

/// Finds the sentence of a word that the table gives.
pub(super) fn sentence_of(word: &str) -> SentenceCode {
    let reason = ReasonCode::ALL.into_iter().find(|reason| reason_word(*reason) == word);
    reason.map_or(SentenceCode::Decided, sentence_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_reasons_are_those_of_their_sentences() {
        for reason in ReasonCode::ALL {
            assert_eq!(serde_json::json!(sentence_code(reason)), reason_word(reason));
            assert_eq!(sentence_of(reason_word(reason)), sentence_code(reason));
        }
    }

    #[test]
    fn a_wall_clock_is_read_and_nonsense_is_not() {
        assert_eq!(wall_clock("1970-01-02T00:00:01"), Some(86_401));
        assert_eq!(wall_clock("2026-01-02T03:04:05.678"), wall_clock("2026-01-02T03:04:05"));
        for odd in ["", "0000-00-00T00:00:00", "2026-13-01T00:00:00", "2026:01:02 03:04:05", "2026-01-02T03:04:0é"] {
            assert_eq!(wall_clock(odd), None, "{odd}");
        }
    }
}
