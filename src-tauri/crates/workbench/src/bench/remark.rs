//! Gives what the rooms below say the code and the figures by which the window says it in the language of whoever reads it.
//!
//! Nothing is recognised by its words here: a room says by a type what it says. Only text that an older version kept, or that
//! came with a case or a package, is `other` and keeps its English: it is never left out, and never guessed at.

use std::fmt::Display;

use domain::{CategoryCode, EntryRefusal, SchemeStatus};
use formats::case::{CaseNote, CaseRemark, PathRefusal, SetAside};
use hashset::{Does, WaitReason};

use crate::desk::Why;
use crate::import::Opening;
use crate::view::ProblemView;
use crate::view::remark::{Figure, Remark, RemarkCode};

/// Tells how far a scheme is signed off.
pub(super) fn status(status: &SchemeStatus) -> Remark {
    let code = match status {
        SchemeStatus::Illustration => RemarkCode::SchemeIllustration,
        SchemeStatus::Other(_) => RemarkCode::Other,
    };
    remark(code, Vec::new(), status)
}

/// Tells why an update waits, as it was kept.
pub(super) fn kept_wait(why: &Why) -> Remark {
    match why {
        Why::Reason(reason) => wait(reason),
        Why::Sentence(words) => remark(RemarkCode::Other, Vec::new(), words),
    }
}

/// Tells why an update waits.
pub(super) fn wait(why: &WaitReason) -> Remark {
    let (code, figures) = match why {
        WaitReason::Version { does, version, entries, allowed } => {
            let code = match does {
                Does::Upserts => RemarkCode::WaitVersionAdds,
                Does::Withdraws => RemarkCode::WaitVersionWithdraws,
            };
            (code, vec![Figure::Name(version.to_string()), Figure::Count(*entries), Figure::Count(*allowed)])
        }
        WaitReason::Together { does, entries, allowed, days } => {
            let code = match does {
                Does::Upserts => RemarkCode::WaitAdds,
                Does::Withdraws => RemarkCode::WaitWithdraws,
            };
            (code, [*entries, *allowed, *days].map(Figure::Count).to_vec())
        }
        WaitReason::Quarantined { entries, allowed } => {
            (RemarkCode::WaitQuarantined, [*entries, *allowed].map(Figure::Count).to_vec())
        }
        WaitReason::Meaning { by: _ } => (RemarkCode::WaitMeaning, Vec::new()),
    };
    remark(code, figures, why)
}

/// Tells why rows are refused.
pub(super) fn row(why: EntryRefusal) -> Remark {
    let code = match why {
        EntryRefusal::EmptyFile => RemarkCode::RowEmptyFile,
        EntryRefusal::NoDigest => RemarkCode::RowNoDigest,
        EntryRefusal::BadDigest => RemarkCode::RowBadDigest,
        EntryRefusal::Placeholder => RemarkCode::RowPlaceholder,
        EntryRefusal::DigestAsNumber => RemarkCode::RowDigestNumber,
        EntryRefusal::OtherDigest => RemarkCode::RowDigestKind,
        EntryRefusal::SeveralDigests => RemarkCode::RowSeveral,
        EntryRefusal::OtherColumns => RemarkCode::RowColumns,
        EntryRefusal::NoNumber => RemarkCode::RowNumber,
        EntryRefusal::NoCategory => RemarkCode::RowCategory,
        EntryRefusal::LongCategory { bytes_max } => {
            return remark(RemarkCode::RowCategoryLong, vec![Figure::Count(bytes_max as u64)], &why);
        }
        EntryRefusal::NoObject => RemarkCode::RowNoObject,
        EntryRefusal::FieldTwice => RemarkCode::RowTwice,
        EntryRefusal::Malicious => RemarkCode::RowMalicious,
        EntryRefusal::Special => RemarkCode::RowSpecial,
        EntryRefusal::ExcludedProduct => RemarkCode::RowProduct,
        EntryRefusal::MarkedOrdinary => RemarkCode::RowOrdinary,
        EntryRefusal::MarkedKnown => RemarkCode::RowAlert,
    };
    remark(code, Vec::new(), &why)
}

/// Tells what stands in the way of an import.
pub(super) fn open(opening: &Opening) -> Remark {
    let name = |code: &CategoryCode| Figure::Name(domain::escaped(code.0.as_bytes()));
    let (code, figures) = match opening {
        Opening::Nothing => (RemarkCode::OpenNothing, Vec::new()),
        Opening::Twice { .. } => (RemarkCode::OpenTwice, Vec::new()),
        Opening::TwoSets { .. } => (RemarkCode::OpenTwoSets, Vec::new()),
        Opening::NoProfile { .. } => (RemarkCode::OpenProfile, Vec::new()),
        Opening::NoMeaning { code, entries } => (RemarkCode::OpenMeaning, vec![name(code), Figure::Count(*entries)]),
        Opening::Judged { entries } => (RemarkCode::OpenJudged, vec![Figure::Count(*entries)]),
        Opening::IdleMeaning { code } => (RemarkCode::OpenIdle, vec![name(code)]),
    };
    remark(code, figures, opening)
}

/// Tells what is to be read of the file of another tool's case.
pub(super) fn case_note(note: &CaseNote) -> Remark {
    let code = match note {
        CaseNote::Continues => RemarkCode::CaseContinues,
        CaseNote::OtherContext => RemarkCode::CaseContext,
        CaseNote::OtherVersion => RemarkCode::CaseVersion,
        CaseNote::NoContext => RemarkCode::CaseNoContext,
        CaseNote::NoScheme => RemarkCode::CaseNoScheme,
        CaseNote::OtherProfile => RemarkCode::CaseOtherProfile,
        CaseNote::Declared { media, records } => {
            return remark(RemarkCode::CaseDeclared, [*media, *records].map(Figure::Count).to_vec(), note);
        }
        CaseNote::BothKinds => RemarkCode::CaseBoth,
    };
    remark(code, Vec::new(), note)
}

/// Tells what was set aside in the records of another tool's case, and how often.
pub(super) fn case_remark(found: &CaseRemark) -> Remark {
    let code = match found.what {
        SetAside::Miniature => RemarkCode::CaseMiniature,
        SetAside::LongText => RemarkCode::CaseLong,
        SetAside::NoPart => RemarkCode::CasePart,
        SetAside::CutField | SetAside::CutElement => RemarkCode::CaseCut,
        SetAside::NoCharacters => RemarkCode::CaseBytes,
        SetAside::Field { name: _ } | SetAside::Element { name: _ } => RemarkCode::CaseField,
        SetAside::EmptyDigest => RemarkCode::CaseEmptyDigest,
        SetAside::OtherMd5 => RemarkCode::CaseOtherMd5,
        SetAside::PerceptualName | SetAside::PerceptualForm => RemarkCode::CasePerceptual,
        SetAside::PerceptualTwo => RemarkCode::CasePerceptualTwo,
        SetAside::NoPlace => RemarkCode::CaseNoPlace,
        SetAside::Precategorized => RemarkCode::CasePrecategorized,
        SetAside::NoCase => RemarkCode::CaseNoCase,
        SetAside::NoRecord => RemarkCode::CaseNoRecord,
        SetAside::Ampersand => RemarkCode::CaseAmpersand,
        SetAside::NoMedia => RemarkCode::CaseElement,
        SetAside::Path(PathRefusal::Absolute) => RemarkCode::CasePathAbsolute,
        SetAside::Path(PathRefusal::Climbs) => RemarkCode::CasePathClimbs,
        SetAside::Path(PathRefusal::Zero) => RemarkCode::CasePathZero,
    };
    remark(code, vec![Figure::Count(found.count)], found)
}

/// Tells what is wrong with a case.
pub(super) fn problem(found: &ProblemView) -> Remark {
    remark(found.code, Vec::new(), &found.text)
}

fn remark(code: RemarkCode, figures: Vec<Figure>, text: &impl Display) -> Remark {
    Remark { code, figures, text: domain::escaped(text.to_string().as_bytes()) }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use domain::SetVersion;
    use hashset::Turn;
    use serde_json::Value;
    use ts_rs::TS;

    use super::*;

    /// Gives one remark for every variant of what the rooms say.
    fn all() -> Vec<Remark> {
        use EntryRefusal::*;
        let (version, entries, allowed, days) = (SetVersion(1843), 912_004, 1_200, 3);
        let waits = [Does::Upserts, Does::Withdraws].into_iter().flat_map(|does| {
            [
                WaitReason::Version { does, version, entries, allowed },
                WaitReason::Together { does, entries, allowed, days },
            ]
        });
        let more = [WaitReason::Quarantined { entries, allowed }, WaitReason::Meaning { by: vec![Turn::Basis] }];
        let rows = [
            EmptyFile,
            NoDigest,
            BadDigest,
            Placeholder,
            DigestAsNumber,
            OtherDigest,
            SeveralDigests,
            OtherColumns,
            NoNumber,
            NoCategory,
            LongCategory { bytes_max: 32 },
            NoObject,
            FieldTwice,
            Malicious,
            Special,
            ExcludedProduct,
            MarkedOrdinary,
            MarkedKnown,
        ];
        let file = || "list.csv".to_owned();
        let code = CategoryCode("5".to_owned());
        let openings = [
            Opening::Nothing,
            Opening::Twice { file: file() },
            Opening::TwoSets { one: file(), other: file() },
            Opening::NoProfile { file: file() },
            Opening::NoMeaning { code: code.clone(), entries },
            Opening::Judged { entries },
            Opening::IdleMeaning { code },
        ];
        let verifying = verify_codes().into_iter().map(|code| problem(&ProblemView { code, text: "it".to_owned() }));
        std::iter::once(status(&SchemeStatus::Illustration))
            .chain(waits.chain(more).map(|why| wait(&why)))
            .chain(rows.map(row))
            .chain(openings.iter().map(open))
            .chain(of_cases())
            .chain(verifying)
            .collect()
    }

    /// Gives one remark for every variant of what is to be read about the case of another tool.
    fn of_cases() -> Vec<Remark> {
        let notes = [
            CaseNote::Continues,
            CaseNote::OtherContext,
            CaseNote::OtherVersion,
            CaseNote::NoContext,
            CaseNote::NoScheme,
            CaseNote::OtherProfile,
            CaseNote::Declared { media: 3, records: 40 },
            CaseNote::BothKinds,
        ];
        let aside = [
            SetAside::Miniature,
            SetAside::LongText,
            SetAside::NoPart,
            SetAside::CutField,
            SetAside::CutElement,
            SetAside::NoCharacters,
            SetAside::Field { name: "MediaSize" },
            SetAside::Element { name: "fileSize" },
            SetAside::EmptyDigest,
            SetAside::OtherMd5,
            SetAside::PerceptualName,
            SetAside::PerceptualForm,
            SetAside::PerceptualTwo,
            SetAside::NoPlace,
            SetAside::Precategorized,
            SetAside::NoCase,
            SetAside::NoRecord,
            SetAside::Ampersand,
            SetAside::NoMedia,
            SetAside::Path(PathRefusal::Absolute),
            SetAside::Path(PathRefusal::Climbs),
            SetAside::Path(PathRefusal::Zero),
        ];
        let aside = aside.map(|what| case_remark(&CaseRemark { what, count: 12 }));
        notes.iter().map(case_note).chain(aside).collect()
    }

    fn verify_codes() -> Vec<RemarkCode> {
        use RemarkCode::*;
        vec![
            VerifyDamaged,
            VerifyChain,
            VerifyRows,
            VerifyReplay,
            VerifyReference,
            VerifyHide,
            VerifyKnownDecoded,
            VerifyDerived,
            VerifySums,
            VerifyKeys,
            VerifyPending,
            VerifyNotedHead,
            VerifyOtherVersion,
            VerifyNotInSet,
            VerifyCalledWrong,
        ]
    }

    fn word(code: RemarkCode) -> String {
        serde_json::to_value(code).unwrap().as_str().unwrap().to_owned()
    }

    /// Gives the messages of a language.
    #[expect(clippy::disallowed_methods, reason = "the words of the window are no case media")]
    fn messages(language: &str) -> BTreeMap<String, Value> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/messages").join(language);
        let of = |name: &str| -> BTreeMap<String, Value> {
            serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
        };
        ["pages.json", "foreign.json"].into_iter().flat_map(of).collect()
    }

    #[test]
    fn everything_that_rooms_say_has_words_in_both_languages_with_all_of_its_figures() {
        let all = all();
        let said: BTreeSet<String> = all.iter().map(|remark| word(remark.code)).collect();
        // The declaration that the window gets names every code that there is.
        let declared = RemarkCode::decl(&ts_rs::Config::default());
        let declared: BTreeSet<String> = declared.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        let other = BTreeSet::from(["other".to_owned()]);
        assert_eq!(declared.difference(&other).cloned().collect::<BTreeSet<_>>(), said);
        for language in ["en", "nl"] {
            let messages = messages(language);
            for remark in &all {
                let key = format!("remark_{}", word(remark.code).replace('-', "_"));
                let words = messages.get(&key).and_then(Value::as_str);
                let words = words.unwrap_or_else(|| panic!("{key} has no words in {language}"));
                for (place, letter) in ["{a}", "{b}", "{c}"].into_iter().enumerate() {
                    assert_eq!(words.contains(letter), place < remark.figures.len(), "{language}: {key}: {words}");
                }
            }
        }
    }

    #[test]
    fn a_remark_about_a_case_has_its_word_and_the_number_of_records() {
        let found = case_remark(&CaseRemark { what: SetAside::Path(PathRefusal::Climbs), count: 12 });
        let wanted = serde_json::json!({
            "code": "case-path-climbs", "figures": [12],
            "text": "12 × path of a stored file that climbs out with `..`, not followed",
        });
        assert_eq!(serde_json::to_value(found).unwrap(), wanted);
    }

    #[test]
    fn a_figure_is_a_number_or_a_name() {
        let why = WaitReason::Version { does: Does::Upserts, version: SetVersion(1843), entries: 9, allowed: 3 };
        let told = serde_json::to_value(wait(&why)).unwrap();
        let wanted = serde_json::json!({
            "code": "wait-version-adds", "figures": ["1843", 9, 3],
            "text": "version 1843 adds or changes 9 entries, and 3 are allowed",
        });
        assert_eq!(told, wanted);
    }

    #[test]
    fn what_was_kept_in_english_alone_keeps_its_words_inert() {
        let kept: Why = serde_json::from_str("\"something \u{202e}old\"").unwrap();
        let found = kept_wait(&kept);
        assert_eq!((found.code, found.figures.len()), (RemarkCode::Other, 0));
        assert!(found.text.starts_with("something ") && !found.text.contains('\u{202e}'));
        let reason = WaitReason::Quarantined { entries: 4, allowed: 3 };
        let kept: Why = serde_json::from_str(&serde_json::to_string(&Why::Reason(reason.clone())).unwrap()).unwrap();
        assert_eq!(kept, Why::Reason(reason));
        assert_eq!(kept_wait(&kept).code, RemarkCode::WaitQuarantined);
        assert_eq!(status(&SchemeStatus::Other("mine".to_owned())).code, RemarkCode::Other);
    }
}
