//! The one rule that decides whether an item is shown: a new picture must never be hidden, a known one should be.

use std::collections::BTreeMap;

use domain::{
    Agreement, CategoryCode, CodeMeaning, DigestKind, EntryId, Finding, Freshness, HideReason, Hit, NearHit, Refusal,
    ReturnCause, Role, SchemeId, SetName, ShowReason, Standing, Translated, Verdict, VerdictBasis, Veto, Visibility,
};

use crate::Schemes;

/// Version of the rules in this file. A change that can judge any item otherwise raises it, so that open cases are judged
/// again.
pub(crate) const RULES_VERSION: u32 = 2;

/// The word by which a restricted set may be allowed to hide what it has no category for.
const MEMBER_WORD: &str = "member";

/// What an entry of a known set says once the profile and a person's answers are applied.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    /// A category of a scheme, by its own code.
    Category { scheme: SchemeId, code: CategoryCode },
    /// Known, in a list that has no categories.
    Member,
    /// Nothing that may hide, and why.
    Nothing(Finding),
}

/// Judges an item by all its hits. The order of `hits` does not matter.
///
/// Rules, first match wins: any contradiction, quarantine or conflict, or what may be one once somebody answers → shown,
/// with every finding; a known entry that says something → hidden as known; a known entry that says nothing → shown with that finding; a good entry → hidden as
/// ordinary; nothing → new.
pub fn judge(hits: &[Hit], schemes: &Schemes, case_scheme: &SchemeId) -> Visibility {
    let mut hits: Vec<&Hit> = hits.iter().collect();
    // Strongest digest first, then a fixed order, so that the reason named does not depend on how hits were found.
    hits.sort_by(|a, b| {
        let key = |hit: &Hit| (hit.set.role, hit.set.name.clone(), hit.entry, hit.set.version);
        // Lists can number several rows alike: then what they say decides, in whatever order, as long as it is one.
        let said = |hit: &Hit| format!("{:?}", (&hit.set, &hit.verdict, &hit.flags, &hit.agreement, hit.quarantined));
        b.kind.cmp(&a.kind).then_with(|| key(a).cmp(&key(b))).then_with(|| said(a).cmp(&said(b)))
    });
    let known: Vec<&Hit> = hits.iter().copied().filter(|hit| hit.set.role == Role::Known).collect();
    let good: Vec<&Hit> = hits.iter().copied().filter(|hit| hit.set.role == Role::Good).collect();

    let mut findings = contradictions(&hits);
    findings.extend(quarantines(&known, !good.is_empty()));
    let said: Vec<(&Hit, Said)> = known.iter().map(|hit| (*hit, say(hit, schemes))).collect();
    findings.extend(conflict(&said, schemes, case_scheme));
    findings.extend(open_conflicts(&said, schemes));
    if !findings.is_empty() {
        return Visibility::Shown { why: ShowReason::Odd { findings } };
    }
    // A category tells more than membership, so it is the one to name.
    let strongest = said
        .iter()
        .find(|(_, said)| matches!(said, Said::Category { .. }))
        .or_else(|| said.iter().find(|(_, said)| *said == Said::Member));
    if let Some((hit, said)) = strongest {
        return Visibility::Hidden { why: known_reason(hit, said, schemes, case_scheme) };
    }
    let findings: Vec<Finding> = said
        .into_iter()
        .filter_map(|(_, said)| match said {
            Said::Nothing(finding) => Some(finding),
            _ => None,
        })
        .collect();
    if !findings.is_empty() {
        return Visibility::Shown { why: ShowReason::Odd { findings } };
    }
    if let Some(hit) = good.iter().find(|hit| not_allowed(hit, None).is_none()) {
        return Visibility::Hidden {
            why: HideReason::Ordinary {
                set: hit.set.name.clone(),
                version: hit.set.version,
                entry: hit.entry,
                digest: hit.kind,
                agreement: hit.agreement.clone(),
                freshness: None,
            },
        };
    }
    let findings: Vec<Finding> = good.iter().filter_map(|hit| not_allowed(hit, None)).collect();
    if findings.is_empty() {
        return Visibility::Shown { why: ShowReason::New };
    }
    Visibility::Shown { why: ShowReason::Odd { findings } }
}

/// Judges an item where people have called entries wrong about it: what they named hides nothing and speaks against
/// nothing. What would else be new is marked as returned, so that it is looked at first.
pub fn judge_with(hits: &[Hit], vetoes: &[Veto], schemes: &Schemes, case_scheme: &SchemeId) -> Visibility {
    let (vetoed, left): (Vec<Hit>, Vec<Hit>) =
        hits.iter().cloned().partition(|hit| vetoes.iter().any(|veto| veto.covers(hit)));
    if vetoed.is_empty() {
        return judge(hits, schemes, case_scheme);
    }
    let now = judge(&left, schemes, case_scheme);
    let veto = vetoes.iter().find(|veto| vetoed.iter().any(|hit| veto.covers(hit)));
    match (&now, judge(&vetoed, schemes, case_scheme), veto) {
        (Visibility::Shown { why: ShowReason::New }, Visibility::Hidden { why: was }, Some(veto)) => {
            let why = ReturnCause::Vetoed { by: veto.by.clone(), reason: veto.reason.clone() };
            Visibility::Shown { why: ShowReason::Returned { was, why } }
        }
        _ => now,
    }
}

/// What a judging rests on beside the hits.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Schemes and crosswalks.
    pub schemes: &'a Schemes,
    /// Scheme of the case.
    pub case_scheme: &'a SchemeId,
    /// How fresh each published set is at this moment.
    pub freshness: &'a BTreeMap<SetName, Freshness>,
    /// Entries that their publishers have withdrawn, with the reason.
    pub withdrawn: &'a BTreeMap<(SetName, EntryId), String>,
}

/// Notes with a hide how fresh the set is that hides.
pub fn with_freshness(visibility: Visibility, freshness: &BTreeMap<SetName, Freshness>) -> Visibility {
    match visibility {
        Visibility::Hidden { why } => {
            let now = freshness.get(why.origin().0).copied();
            Visibility::Hidden { why: why.with_freshness(now) }
        }
        other => other,
    }
}

/// Judges an item again after sets have changed, and remembers that it comes back if its entry is gone. A reason that is
/// the same keeps the freshness with which it hid the item first.
pub fn rejudge(before: &Visibility, hits: &[Hit], vetoes: &[Veto], around: &Circumstances<'_>) -> Visibility {
    let now = judge_with(hits, vetoes, around.schemes, around.case_scheme);
    match (before, &now) {
        (Visibility::Hidden { why: was }, Visibility::Hidden { why }) => {
            let same = was.clone().with_freshness(None) == *why;
            if same { before.clone() } else { with_freshness(now, around.freshness) }
        }
        (Visibility::Shown { why: ShowReason::Returned { was, .. } }, Visibility::Hidden { why })
            if was.clone().with_freshness(None) == *why =>
        {
            Visibility::Hidden { why: was.clone() }
        }
        (Visibility::Hidden { why: was }, Visibility::Shown { why: ShowReason::New }) => {
            let (set, _, entry, _) = was.origin();
            let reason = around.withdrawn.get(&(set.clone(), entry)).cloned();
            let why = reason.map_or(ReturnCause::Gone, |reason| ReturnCause::Withdrawn { reason });
            Visibility::Shown { why: ShowReason::Returned { was: was.clone(), why } }
        }
        (Visibility::Hidden { why: was }, Visibility::Shown { why: ShowReason::Returned { why, .. } }) => {
            Visibility::Shown { why: ShowReason::Returned { was: was.clone(), why: why.clone() } }
        }
        // It stays first in the list until a person has decided, however often sets change.
        (
            Visibility::Shown { why: ShowReason::Returned { .. } },
            Visibility::Shown { why: ShowReason::New | ShowReason::Returned { .. } },
        ) => before.clone(),
        // What could not be read does not become readable by a change of sets, be it refused or shown for a finding.
        (_, Visibility::Shown { why: ShowReason::New | ShowReason::Returned { .. } }) => {
            match without_picture(before) {
                Some(why) => Visibility::Refused { why: why.clone() },
                None => now,
            }
        }
        (_, Visibility::Shown { why: ShowReason::Odd { findings } }) => {
            let mut findings = findings.clone();
            findings.extend(without_picture(before).map(|why| Finding::NoPicture { why: why.clone() }));
            Visibility::Shown { why: ShowReason::Odd { findings } }
        }
        _ => with_freshness(now, around.freshness),
    }
}

/// Tells why an item has no picture, if it could not be decoded.
fn without_picture(before: &Visibility) -> Option<&Refusal> {
    match before {
        Visibility::Refused { why } => Some(why),
        Visibility::Shown { why: ShowReason::Odd { findings } } => findings.iter().find_map(|finding| match finding {
            Finding::NoPicture { why } => Some(why),
            _ => None,
        }),
        _ => None,
    }
}

/// Lists what each known entry says of an item, as `set: code (scheme)`, in a fixed order.
pub fn opinions(hits: &[Hit], schemes: &Schemes) -> Vec<String> {
    let mut all: Vec<String> = hits
        .iter()
        .filter(|hit| hit.set.role == Role::Known)
        .map(|hit| match say(hit, schemes) {
            Said::Category { scheme, code } => format!("{}: {code} ({scheme})", hit.set.name),
            Said::Member => format!("{}: known", hit.set.name),
            Said::Nothing(_) => format!("{}: no verdict", hit.set.name),
        })
        .collect();
    all.sort();
    all.dedup();
    all
}

/// Tells what an entry's category is in the case's scheme, once profile and answers are applied; an entry that says
/// nothing, or only that it is known, needs a human.
pub fn category_of(hit: &Hit, schemes: &Schemes, case_scheme: &SchemeId) -> Translated {
    match say_unrestricted(hit, schemes) {
        Said::Category { scheme, code } => schemes.translate(&scheme, &code, case_scheme),
        Said::Member | Said::Nothing(_) => Translated::NeedsHuman,
    }
}

/// Tells the same of an entry that an item looks like.
pub fn suggested_category(near: &NearHit, schemes: &Schemes, case_scheme: &SchemeId) -> Translated {
    let as_hit = Hit {
        set: near.set.clone(),
        entry: near.entry,
        // What an entry says does not depend on how it was met.
        kind: DigestKind::Sha256,
        agreement: Agreement::Unconfirmed,
        quarantined: near.quarantined,
        verdict: near.verdict.clone(),
        flags: near.flags,
        series: near.series.clone(),
        standing: None,
    };
    category_of(&as_hit, schemes, case_scheme)
}

fn contradictions(hits: &[&Hit]) -> Vec<Finding> {
    hits.iter()
        .filter_map(|hit| match &hit.agreement {
            Agreement::Contradicted { by } => Some(Finding::Contradiction {
                set: hit.set.name.clone(),
                entry: hit.entry,
                digest: hit.kind,
                by: by.clone(),
            }),
            Agreement::Confirmed | Agreement::Unconfirmed => None,
        })
        .collect()
}

fn quarantines(known: &[&Hit], stands_in_good: bool) -> Vec<Finding> {
    known
        .iter()
        .filter(|hit| hit.quarantined || stands_in_good)
        .map(|hit| Finding::Quarantined { set: hit.set.name.clone(), entry: hit.entry })
        .collect()
}

/// Finds that a set is not allowed to hide by what its entry says. `own` is the scheme's own code for it.
fn not_allowed(hit: &Hit, own: Option<&CategoryCode>) -> Option<Finding> {
    let allowed = hit.set.allowed.as_ref()?;
    let said = match &hit.verdict {
        Verdict::Category(code) => code.clone(),
        Verdict::Member | Verdict::Unclassified => own.cloned().unwrap_or_else(|| CategoryCode(MEMBER_WORD.to_owned())),
    };
    let is_allowed = allowed.contains(&said) || own.is_some_and(|code| allowed.contains(code));
    (!is_allowed).then(|| Finding::NotAllowed { set: hit.set.name.clone(), entry: hit.entry, code: said })
}

/// Applies profile, answers and what a set may say to what an entry says.
fn say(hit: &Hit, schemes: &Schemes) -> Said {
    // A publisher gives a disputed entry no verdict; whoever does all the same is not believed.
    if hit.standing == Some(Standing::Disputed) {
        return Said::Nothing(Finding::KnownUnclassified { set: hit.set.name.clone(), entry: hit.entry });
    }
    let said = say_unrestricted(hit, schemes);
    let own = match &said {
        Said::Category { code, .. } => Some(code),
        Said::Member => None,
        Said::Nothing(_) => return said,
    };
    not_allowed(hit, own).map_or(said.clone(), Said::Nothing)
}

fn say_unrestricted(hit: &Hit, schemes: &Schemes) -> Said {
    let unclassified = || Said::Nothing(Finding::KnownUnclassified { set: hit.set.name.clone(), entry: hit.entry });
    let code = match &hit.verdict {
        Verdict::Unclassified => return unclassified(),
        Verdict::Member => return say_member(hit),
        Verdict::Category(code) => code,
    };
    let unknown =
        || Said::Nothing(Finding::CodeUnknown { set: hit.set.name.clone(), entry: hit.entry, code: code.clone() });
    let Some(scheme) = hit.set.profile.as_ref().and_then(|profile| schemes.scheme(&profile.0)) else {
        return unknown();
    };
    if hit.set.basis == VerdictBasis::Category && scheme.is_ambiguous(code) {
        return match hit.set.meanings.get(code) {
            None => Said::Nothing(Finding::MeaningUnanswered {
                set: hit.set.name.clone(),
                entry: hit.entry,
                code: code.clone(),
            }),
            Some(CodeMeaning::Uncategorized) => unclassified(),
            // Whatever number the producer used, in the scheme itself non-pertinent is the ambiguous code that is one.
            Some(CodeMeaning::NonPertinent) => {
                match scheme.categories.iter().find(|c| c.ambiguous && !c.unclassified) {
                    Some(category) => Said::Category { scheme: scheme.id.clone(), code: category.code.clone() },
                    None => unknown(),
                }
            }
        };
    }
    match scheme.category(code) {
        None => unknown(),
        Some(category) if category.unclassified => unclassified(),
        Some(category) => Said::Category { scheme: scheme.id.clone(), code: category.code.clone() },
    }
}

/// A list without categories says "known"; INTERPOL's also says whether the baseline is met.
fn say_member(hit: &Hit) -> Said {
    let Some(profile) = hit.set.profile.as_ref().filter(|profile| profile.0.0 == "interpol-baseline") else {
        return Said::Member;
    };
    match hit.flags.baseline {
        Some(true) => Said::Category { scheme: profile.0.clone(), code: CategoryCode("baseline".to_owned()) },
        Some(false) => Said::Category { scheme: profile.0.clone(), code: CategoryCode("other".to_owned()) },
        None => Said::Member,
    }
}

/// Finds different verdicts: different codes of one scheme, or codes that translate to different ones of the case's.
fn conflict(said: &[(&Hit, Said)], schemes: &Schemes, case_scheme: &SchemeId) -> Option<Finding> {
    let verdicts: Vec<(&Hit, &SchemeId, &CategoryCode)> = said
        .iter()
        .filter_map(|(hit, said)| match said {
            Said::Category { scheme, code } => Some((*hit, scheme, code)),
            Said::Member | Said::Nothing(_) => None,
        })
        .collect();
    let differ = |a: &(&Hit, &SchemeId, &CategoryCode), b: &(&Hit, &SchemeId, &CategoryCode)| {
        if a.1 == b.1 {
            return a.2 != b.2;
        }
        let one = schemes.translate(a.1, a.2, case_scheme);
        let other = schemes.translate(b.1, b.2, case_scheme);
        match (one, other) {
            (Translated::To { code: one, .. }, Translated::To { code: other, .. }) => one != other,
            // What has no translation cannot be compared, except that one of them says: not this kind of material.
            _ => schemes.is_ordinary(a.1, a.2) != schemes.is_ordinary(b.1, b.2),
        }
    };
    let any = verdicts.iter().enumerate().any(|(index, a)| verdicts[index + 1..].iter().any(|b| differ(a, b)));
    any.then(|| {
        let mut opinions: Vec<String> =
            verdicts.iter().map(|(hit, scheme, code)| format!("{}: {code} ({scheme})", hit.set.name)).collect();
        opinions.sort();
        opinions.dedup();
        let mut sets: Vec<_> = verdicts.iter().map(|(hit, _, _)| hit.set.name.clone()).collect();
        sets.sort();
        sets.dedup();
        Finding::Conflict { opinions, sets }
    })
}

/// Finds codes without an answer beside a category of material in the same set: the answer may be that it is no such
/// material. Other sets' open codes close nothing, or one list of uncategorized files would bring back what all others know.
fn open_conflicts(said: &[(&Hit, Said)], schemes: &Schemes) -> Vec<Finding> {
    let is_material = |said: &Said| match said {
        Said::Category { scheme, code } => !schemes.is_ordinary(scheme, code),
        Said::Member | Said::Nothing(_) => false,
    };
    let beside = |open: &Hit| said.iter().any(|(hit, said)| hit.set.name == open.set.name && is_material(said));
    let open = said.iter().filter_map(|(hit, said)| match said {
        Said::Nothing(finding @ Finding::MeaningUnanswered { .. }) if beside(hit) => Some(finding.clone()),
        _ => None,
    });
    open.collect()
}

fn known_reason(hit: &Hit, said: &Said, schemes: &Schemes, case_scheme: &SchemeId) -> HideReason {
    let (scheme, category) = match said {
        Said::Category { scheme, code } => (Some(scheme.clone()), schemes.translate(scheme, code, case_scheme)),
        Said::Member | Said::Nothing(_) => {
            (hit.set.profile.as_ref().map(|profile| profile.0.clone()), Translated::NeedsHuman)
        }
    };
    let original = match &hit.verdict {
        Verdict::Category(code) => Some(code.clone()),
        Verdict::Member | Verdict::Unclassified => None,
    };
    HideReason::Known {
        set: hit.set.name.clone(),
        version: hit.set.version,
        entry: hit.entry,
        digest: hit.kind,
        agreement: hit.agreement.clone(),
        original,
        scheme,
        category,
        freshness: None,
    }
}

#[cfg(test)]
mod tests;
