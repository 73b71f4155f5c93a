//! What a new version of a set says otherwise of an item: notices, and which matches say the same as before.

use std::collections::{BTreeMap, BTreeSet};

use domain::{EntryId, Flags, Hit, NearHit, Notice, NoticeKind, SetName, SetStamp, SetVersion, Standing, Verdict};

/// What two versions of the sets have between them.
#[derive(Debug, Clone, Default)]
pub struct Steps {
    /// Sets with another version than before: from, to.
    pub versions: BTreeMap<SetName, (SetVersion, SetVersion)>,
    /// Sets whose entries have numbers that never change.
    pub lasting: BTreeSet<SetName>,
    /// Entries that their publishers have withdrawn, with the reason.
    pub withdrawn: BTreeMap<(SetName, EntryId), String>,
}

/// Lists what the new version of each set says otherwise of an item, by its exact matches before and after.
///
/// Where numbers of entries do not last, the entries that met are compared in their order.
pub fn notices(before: &[Hit], after: &[Hit], steps: &Steps) -> Vec<Notice> {
    let mut out = Vec::new();
    for (set, versions) in &steps.versions {
        let of = |hits: &[Hit]| -> Vec<Said> { hits.iter().filter(|hit| hit.set.name == *set).map(Said::of).collect() };
        let (mut old, mut new) = (of(before), of(after));
        if !steps.lasting.contains(set) {
            for (old, new) in old.iter().zip(&new) {
                compare(set, *versions, old, new, &mut out);
            }
            old.drain(..new.len().min(old.len()));
            // The digests still stand in the set as long as one of its entries is met.
            if new.is_empty() {
                old.iter().for_each(|gone| out.push(withdrawal(set, *versions, gone, steps)));
            }
            continue;
        }
        for old in &old {
            match new.iter().position(|new| new.entry == old.entry) {
                Some(place) => compare(set, *versions, old, &new.swap_remove(place), &mut out),
                None => out.push(withdrawal(set, *versions, old, steps)),
            }
        }
    }
    out
}

/// Lists what the new version of each set says otherwise of entries that a picture looks like, before and after.
///
/// An entry that is no longer among the nearest is no news, so nothing is said of it.
pub fn near_notices(before: &[NearHit], after: &[NearHit], steps: &Steps) -> Vec<Notice> {
    let mut out = Vec::new();
    for old in before.iter().filter(|old| steps.lasting.contains(&old.set.name)) {
        let Some(versions) = steps.versions.get(&old.set.name) else { continue };
        let same = |new: &&NearHit| new.set.name == old.set.name && new.entry == old.entry;
        if let Some(new) = after.iter().find(same) {
            compare(&old.set.name, *versions, &Said::near(old), &Said::near(new), &mut out);
        }
    }
    out
}

/// Gives each match that says what one before it said the stamp of that one: a version is kept with what it said first, so
/// that a new version which says nothing new about an item changes nothing about it.
pub fn keep_stamps(hits: &mut [Hit], before: &[Hit]) {
    for hit in hits {
        let same = |old: &&Hit| {
            old.entry == hit.entry && is_earlier(&old.set, &hit.set) && {
                let new = Hit { set: old.set.clone(), ..hit.clone() };
                **old == new
            }
        };
        if let Some(old) = before.iter().find(same) {
            hit.set = old.set.clone();
        }
    }
}

/// Does the same for entries that a picture looks like.
pub fn keep_near_stamps(near: &mut [NearHit], before: &[NearHit]) {
    for hit in near {
        let same = |old: &&NearHit| {
            old.entry == hit.entry && is_earlier(&old.set, &hit.set) && {
                let new = NearHit { set: old.set.clone(), ..hit.clone() };
                **old == new
            }
        };
        if let Some(old) = before.iter().find(same) {
            hit.set = old.set.clone();
        }
    }
}

/// Tells whether a stamp is that of an earlier version, or of the same. A store that went back to an older version must not
/// leave the newer one's name on anything.
fn is_earlier(old: &SetStamp, new: &SetStamp) -> bool {
    old.version <= new.version && is_same_set(old, new)
}

/// Tells whether two stamps are those of one set that means the same by what it says.
pub fn is_same_set(one: &SetStamp, other: &SetStamp) -> bool {
    let SetStamp { name, role, version: _, profile, published: _, basis, meanings, allowed } = one;
    (name, role, profile, basis, meanings, allowed)
        == (&other.name, &other.role, &other.profile, &other.basis, &other.meanings, &other.allowed)
}

/// What an entry says, however it was met.
struct Said {
    entry: EntryId,
    verdict: Verdict,
    flags: Flags,
    series: String,
    disputed: bool,
}

impl Said {
    fn of(hit: &Hit) -> Self {
        Self {
            entry: hit.entry,
            verdict: hit.verdict.clone(),
            flags: hit.flags,
            series: hit.series.clone(),
            disputed: hit.standing == Some(Standing::Disputed),
        }
    }

    fn near(hit: &NearHit) -> Self {
        let (verdict, series) = (hit.verdict.clone(), hit.series.clone());
        Self { entry: hit.entry, verdict, flags: hit.flags, series, disputed: false }
    }

    fn category(&self) -> String {
        match &self.verdict {
            Verdict::Category(code) => code.0.clone(),
            Verdict::Member => "member".to_owned(),
            Verdict::Unclassified => String::new(),
        }
    }

    fn summary(&self) -> String {
        let parts = [self.category(), self.series.clone()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; series ")
    }
}

fn withdrawal(set: &SetName, versions: (SetVersion, SetVersion), gone: &Said, steps: &Steps) -> Notice {
    let reason = steps.withdrawn.get(&(set.clone(), gone.entry)).cloned().unwrap_or_default();
    let (from, to) = versions;
    let kind = NoticeKind::Withdrawn;
    Notice { kind, set: set.clone(), entry: gone.entry, from, to, was: gone.summary(), now: String::new(), reason }
}

fn compare(set: &SetName, (from, to): (SetVersion, SetVersion), old: &Said, new: &Said, out: &mut Vec<Notice>) {
    let mut say = |kind, was: String, now: String| {
        out.push(Notice { kind, set: set.clone(), entry: new.entry, from, to, was, now, reason: String::new() });
    };
    if old.disputed != new.disputed {
        let text = |said: &Said| if said.disputed { "disputed".to_owned() } else { said.category() };
        say(NoticeKind::VerdictDisputed, text(old), text(new));
    } else if old.verdict != new.verdict {
        say(NoticeKind::CategoryChanged, old.category(), new.category());
    }
    if old.series != new.series {
        say(NoticeKind::SeriesChanged, old.series.clone(), new.series.clone());
    }
    let (a, b) = (&old.flags, &new.flags);
    let identified = [
        (NoticeKind::VictimIdentified, a.victim_identified, b.victim_identified, "victim identified"),
        (NoticeKind::OffenderIdentified, a.offender_identified, b.offender_identified, "offender identified"),
    ];
    let others = [
        (a.distributed, b.distributed, "distributed"),
        (a.suspected, b.suspected, "suspected"),
        (a.self_generated, b.self_generated, "self-generated"),
        (a.baseline, b.baseline, "baseline"),
    ];
    let mut changed = Vec::new();
    for (kind, was, now, name) in identified {
        match (was == now, now) {
            (true, _) => {}
            (false, Some(true)) => say(kind, flag(was).to_owned(), flag(now).to_owned()),
            (false, _) => changed.push((was, now, name)),
        }
    }
    changed.extend(others.into_iter().filter(|(was, now, _)| was != now));
    if !changed.is_empty() {
        let told = |value, name: &str| format!("{name}: {}", flag(value));
        let old: Vec<String> = changed.iter().map(|(was, _, name)| told(*was, name)).collect();
        let new: Vec<String> = changed.iter().map(|(_, now, name)| told(*now, name)).collect();
        say(NoticeKind::FlagsChanged, old.join("; "), new.join("; "));
    }
}

fn flag(value: Option<bool>) -> &'static str {
    match value {
        None => "not stated",
        Some(true) => "yes",
        Some(false) => "no",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::{Agreement, CategoryCode, DigestKind, Meanings, Role, VerdictBasis};

    use super::*;

    fn hit(version: u32, entry: u64, code: &str) -> Hit {
        Hit {
            set: Arc::new(SetStamp {
                name: "national".parse().unwrap(),
                role: Role::Known,
                version: SetVersion(version),
                profile: None,
                published: None,
                basis: VerdictBasis::Category,
                meanings: Meanings::new(),
                allowed: None,
            }),
            entry: EntryId(entry),
            kind: DigestKind::Sha256,
            agreement: Agreement::Confirmed,
            quarantined: false,
            verdict: Verdict::Category(CategoryCode(code.to_owned())),
            flags: Flags::default(),
            series: String::new(),
            standing: None,
        }
    }

    fn steps(lasting: bool) -> Steps {
        let name: SetName = "national".parse().unwrap();
        Steps {
            versions: BTreeMap::from([(name.clone(), (SetVersion(1), SetVersion(2)))]),
            lasting: if lasting { BTreeSet::from([name.clone()]) } else { BTreeSet::new() },
            withdrawn: BTreeMap::from([((name, EntryId(7)), "a mistake".to_owned())]),
        }
    }

    fn check(before: &[Hit], after: &[Hit], lasting: bool, expected: &[&str]) {
        let said: Vec<String> = notices(before, after, &steps(lasting))
            .iter()
            .map(|notice| {
                format!("{} {} `{}` `{}` {}", notice.kind, notice.entry, notice.was, notice.now, notice.reason)
            })
            .collect();
        let said: Vec<&str> = said.iter().map(|text| text.trim_end()).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn each_change_of_an_entry_is_one_notice() {
        let old = hit(1, 7, "1");
        let mut new = hit(2, 7, "2");
        new.flags.victim_identified = Some(true);
        new.flags.distributed = Some(false);
        new.series = "garden".to_owned();
        check(
            std::slice::from_ref(&old),
            std::slice::from_ref(&new),
            true,
            &[
                "category-changed 7 `1` `2`",
                "series-changed 7 `` `garden`",
                "victim-identified 7 `not stated` `yes`",
                "flags-changed 7 `distributed: not stated` `distributed: no`",
            ],
        );
        check(&[new.clone()], &[new], true, &[]);
        let disputed = Hit { standing: Some(Standing::Disputed), verdict: Verdict::Unclassified, ..hit(2, 7, "1") };
        check(&[old], &[disputed], true, &["verdict-disputed 7 `1` `disputed`"]);
    }

    #[test]
    fn a_withdrawn_entry_is_a_notice_with_the_publishers_reason() {
        check(&[hit(1, 7, "1")], &[], true, &["withdrawn 7 `1` `` a mistake"]);
        check(&[hit(1, 7, "1")], &[hit(2, 8, "1")], true, &["withdrawn 7 `1` `` a mistake"]);
    }

    #[test]
    fn rows_of_a_list_that_moved_are_no_news() {
        check(&[hit(1, 7, "1")], &[hit(2, 8, "1")], false, &[]);
        check(&[hit(1, 7, "1"), hit(1, 8, "1")], &[hit(2, 9, "1")], false, &[]);
        check(&[hit(1, 7, "1")], &[hit(2, 8, "3")], false, &["category-changed 8 `1` `3`"]);
    }

    #[test]
    fn what_says_the_same_keeps_its_stamp() {
        let before = [hit(1, 7, "1"), hit(1, 8, "1")];
        let mut after = [hit(2, 7, "1"), hit(2, 8, "2")];
        keep_stamps(&mut after, &before);
        assert_eq!(after[0], before[0]);
        assert_eq!(after[1], hit(2, 8, "2"));
        let mut older = [hit(1, 7, "1")];
        keep_stamps(&mut older, &[hit(2, 7, "1")]);
        assert_eq!(older[0], hit(1, 7, "1"), "an older version never gets the name of a newer one");
        let other = Arc::new(SetStamp { role: Role::Good, ..(*hit(3, 7, "1").set).clone() });
        let mut changed = [Hit { set: other.clone(), ..hit(3, 7, "1") }];
        keep_stamps(&mut changed, &before);
        assert_eq!(changed[0].set, other, "a set that means something else says something else");
    }
}
