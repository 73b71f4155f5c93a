//! An item's whole story as a person reads it: what it is, where it stands and why, where it was found, what sets say,
//! and what was done, in the order in which it was.

use workbench::vics_source::PLACES;
use workbench::view::{OccurrenceView, OperationView, OtherCase, StoryView};
use workbench::{
    Agreement, CodeMeaning, Facts, Finding, HideReason, Hit, Opinion, ReturnCause, ShowReason, Translated, Visibility,
    escaped,
};

use crate::output::grouped;

/// Most characters of a value of the metadata that are told: a maker's notes are long, and tell a person nothing.
const METADATA_CHARS_MAX: usize = 100;
/// Most characters of a field of another tool that are printed.
const FIELD_CHARS_MAX: usize = 300;

/// Tells the story line by line. Whatever came with evidence or a list is escaped.
pub fn lines(story: &StoryView) -> Vec<String> {
    let mut out = Vec::new();
    identity(story, &mut out);
    out.push(String::new());
    entry(&mut out, "State", &state(&story.visibility));
    if let Visibility::Shown { why: ShowReason::Odd { findings } } = &story.visibility {
        out.extend(findings.iter().map(|finding| format!("            - {}", self::finding(finding))));
    }
    if let Some(decision) = story.decisions.last()
        && let Some(category) = &decision.after
    {
        entry(&mut out, "Decided", &format!("{category} by {} at {}", decision.by, decision.at));
    }
    story.hits.iter().for_each(|hit| entry(&mut out, "Met", &self::hit(hit)));
    story.opinions.iter().for_each(|opinion| entry(&mut out, "Verdict", &escaped(opinion.as_bytes())));
    for near in &story.near {
        let text = format!(
            "entry {} of {}, version {}: {} of 256 bits differ. It suggests, and hides nothing",
            near.entry, near.set.name, near.set.version, near.distance
        );
        entry(&mut out, "Looks like", &text);
    }
    for veto in &story.vetoes {
        let text = format!(
            "entry {} of {}, version {}, is wrong, says {} at {}: {}",
            veto.entry,
            veto.set,
            veto.version,
            veto.by,
            veto.at,
            escaped(veto.reason.as_bytes())
        );
        entry(&mut out, "Veto", &text);
    }
    story.notices.iter().for_each(|row| entry(&mut out, "Notice", &crate::vetoes::notice_text(row)));
    for row in &story.other_tools {
        entry(&mut out, "Other tool", &opinion(&row.opinion));
        // Where the tool found it stands below, place by place.
        fields(row.opinion.extra.iter().filter(|(name, _)| name.as_str() != PLACES), &mut out);
    }
    if !story.tools_conflict.is_empty() {
        let text = format!("other tools do not agree: {}. It decides nothing", story.tools_conflict.join("; "));
        entry(&mut out, "Conflict", &text);
    }
    story.other_cases.iter().for_each(|case| other_case(case, &mut out));
    for (lead, name) in &story.leads {
        entry(&mut out, "Lead", &format!("{lead}, {}", escaped(name.as_bytes())));
    }
    out.push(String::new());
    story.occurrences.iter().for_each(|row| entry(&mut out, "Found at", &occurrence(row)));
    if let Some(extension) = &story.item.extension_disagrees {
        entry(&mut out, "Note", &format!("its name ends in .{}, which is not its type", escaped(extension.as_bytes())));
    }
    out.push(String::new());
    match &story.facts {
        None => entry(&mut out, "Picture", no_picture(story)),
        Some(facts) => picture(facts, &mut out),
    }
    out.push(String::new());
    history(story, &mut out);
    out
}

/// Tells what the heads of the cases of another tool say.
fn other_case(case: &OtherCase, out: &mut Vec<String>) {
    entry(out, "Its case", &case.source);
    for head in case.cases.as_array().into_iter().flatten().chain([&case.fields]) {
        fields(head.as_object().into_iter().flatten(), out);
    }
}

/// Tells what a file says field by field, and where there is more of it.
fn fields<'f>(all: impl IntoIterator<Item = (&'f String, &'f serde_json::Value)>, out: &mut Vec<String>) {
    for (name, value) in all {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut shown: String = text.chars().take(FIELD_CHARS_MAX).collect();
        if shown.len() < text.len() {
            shown.push_str(" ... (whole with --json)");
        }
        out.push(format!("            - {}: {}", escaped(name.as_bytes()), escaped(shown.as_bytes())));
    }
}

/// Tells what another tool said, and that it decides nothing.
fn opinion(opinion: &Opinion) -> String {
    let said = |text: &str| escaped(text.as_bytes());
    let code = opinion.code.as_ref().map_or_else(|| "no code".to_owned(), |code| format!("code {}", said(&code.0)));
    let mut text =
        format!("{}: {code}", if opinion.tool.is_empty() { "unnamed".to_owned() } else { said(&opinion.tool) });
    text.push_str(match opinion.meaning {
        Some(CodeMeaning::NonPertinent) => " (non-pertinent, as a person says)",
        Some(CodeMeaning::Uncategorized) => " (uncategorized, as a person says)",
        None => "",
    });
    if let Some(profile) = &opinion.profile {
        text.push_str(&format!(" of {}", said(&profile.0.0)));
    }
    for (name, on) in opinion.flags.said() {
        text.push_str(&format!("; {}: {}", name.replace('_', " "), if on { "yes" } else { "no" }));
    }
    if let Some(updated) = &opinion.updated_raw {
        text.push_str(&format!("; changed, as the file states: {}", said(updated)));
    }
    for (name, value) in [("series", &opinion.series), ("tags", &opinion.tags), ("comments", &opinion.comments)] {
        if !value.is_empty() {
            text.push_str(&format!("; {name} {}", said(value)));
        }
    }
    text.push_str(". It decides nothing");
    text
}

fn entry(out: &mut Vec<String>, title: &str, text: &str) {
    out.push(format!("{title:<12}{text}"));
}

fn identity(story: &StoryView, out: &mut Vec<String>) {
    let item = &story.item;
    let digests = [
        ("SHA-256", item.sha256.map(|digest| digest.to_string())),
        ("SHA-1", item.sha1.map(|digest| digest.to_string())),
        ("MD5", item.md5.map(|digest| digest.to_string())),
    ];
    for (title, digest) in digests {
        digest.iter().for_each(|digest| entry(out, title, digest));
    }
    let mut what = item.media_type.clone().unwrap_or_default();
    if let Some(size) = item.size_bytes {
        what.push_str(&format!(", {} bytes", grouped(size)));
    }
    entry(out, "Type", &what);
}

fn state(visibility: &Visibility) -> String {
    match visibility {
        Visibility::Hidden { why } => format!("hidden, {}", hide(why)),
        Visibility::Refused { why } => format!("refused: {}", escaped(why.detail.as_bytes())),
        Visibility::Shown { why: ShowReason::New } => "shown: no set knows it".to_owned(),
        Visibility::Shown { why: ShowReason::Decided } => "shown: a person has decided about it".to_owned(),
        Visibility::Shown { why: ShowReason::Returned { was, why } } => {
            let cause = match why {
                ReturnCause::Gone => "what hid it is gone".to_owned(),
                ReturnCause::Withdrawn { reason } => {
                    format!("entry withdrawn by its publisher ({})", escaped(reason.as_bytes()))
                }
                ReturnCause::Vetoed { by, reason } => {
                    format!("{by} says that the entry is wrong ({})", escaped(reason.as_bytes()))
                }
            };
            format!("shown: returned: {cause}. It was hidden, {}", hide(was))
        }
        Visibility::Shown { why: ShowReason::Odd { .. } } => "shown first, because something is odd:".to_owned(),
    }
}

fn hide(why: &HideReason) -> String {
    let (set, version, entry, digest) = why.origin();
    let fresh = why.freshness().map(|freshness| format!(" ({freshness} then)")).unwrap_or_default();
    let met = format!("entry {entry} of {set}, version {version}{fresh}, has its {digest}");
    match why {
        HideReason::Ordinary { agreement, .. } => format!("an ordinary file: {met}{}", agreed(agreement)),
        HideReason::Known { agreement, original, scheme, category, .. } => {
            let mut text = format!("known material: {met}{}", agreed(agreement));
            if let (Some(code), Some(scheme)) = (original, scheme) {
                text.push_str(&format!("; category {} of {scheme}", escaped(code.0.as_bytes())));
            }
            match category {
                Translated::To { code, .. } => text.push_str(&format!("; in this case's scheme {code}")),
                Translated::NeedsHuman => text.push_str("; its category in this case's scheme needs a human"),
            }
            text
        }
    }
}

fn agreed(agreement: &Agreement) -> String {
    match agreement {
        Agreement::Confirmed => ", and all else that the entry has agrees".to_owned(),
        Agreement::Unconfirmed => ", and the entry has nothing else to compare".to_owned(),
        Agreement::Contradicted { by } => format!(", but its {by} is another"),
    }
}

fn finding(finding: &Finding) -> String {
    match finding {
        Finding::Conflict { opinions, .. } => {
            format!("sets do not agree: {}", escaped(opinions.join("; ").as_bytes()))
        }
        Finding::Quarantined { set, entry } => {
            format!("entry {entry} of {set} is quarantined: a set of ordinary files has it too")
        }
        Finding::Contradiction { set, entry, digest, by } => {
            format!("entry {entry} of {set} has its {digest}, but another {by}")
        }
        Finding::MeaningUnanswered { set, entry, code } => format!(
            "entry {entry} of {set} has the code {}, and nobody has said what that means in its file",
            escaped(code.0.as_bytes())
        ),
        Finding::CodeUnknown { set, entry, code } => {
            format!(
                "entry {entry} of {set} has the code {}, which its scheme does not have",
                escaped(code.0.as_bytes())
            )
        }
        Finding::NotAllowed { set, entry, code } => format!(
            "entry {entry} of {set} has the code {}, by which that set is not allowed to hide anything here",
            escaped(code.0.as_bytes())
        ),
        Finding::NoPicture { why } => format!("it has no picture: {}", escaped(why.detail.as_bytes())),
        Finding::KnownUnclassified { set, entry } => {
            format!("entry {entry} of {set} knows it without a verdict: nobody has judged it there, or not alike")
        }
    }
}

fn hit(hit: &Hit) -> String {
    let mut text = format!(
        "entry {} of {} ({}), version {}, by {}{}",
        hit.entry,
        hit.set.name,
        hit.set.role,
        hit.set.version,
        hit.kind,
        agreed(&hit.agreement)
    );
    if !hit.series.is_empty() {
        text.push_str(&format!("; series {}", escaped(hit.series.as_bytes())));
    }
    if let Some(standing) = hit.standing {
        text.push_str(&format!("; {standing}"));
    }
    if hit.quarantined {
        text.push_str("; quarantined");
    }
    text
}

fn occurrence(row: &OccurrenceView) -> String {
    // Both are escaped already.
    let mut text = format!("{}: {}", row.source, row.path);
    match (&row.modified, &row.time_raw) {
        (Some(modified), _) => text.push_str(&format!(", modified {modified}")),
        (None, Some(raw)) => text.push_str(&format!(", as the file states: {}", escaped(raw.as_bytes()))),
        (None, None) => {}
    }
    text
}

/// Says why there is no picture. What was shown once may have been decoded and seen, and the story must not deny that.
fn no_picture(story: &StoryView) -> &'static str {
    let was_open = |visibility: &Visibility| matches!(visibility, Visibility::Shown { .. });
    let shown_before = story.judgements.iter().any(|change| change.before.as_ref().is_some_and(was_open));
    match &story.visibility {
        Visibility::Hidden { .. } if shown_before => "none is kept: it was removed when a set hid what had been shown",
        _ if shown_before => "none",
        _ => "never decoded",
    }
}

fn picture(facts: &Facts, out: &mut Vec<String>) {
    let mut text = format!("{} × {} pixels", facts.width, facts.height);
    if let Some(frames) = facts.frames.filter(|frames| *frames > 1) {
        text.push_str(&format!(", {} frames", grouped(u64::from(frames))));
    }
    entry(out, "Picture", &text);
    let camera = &facts.camera;
    let parts = [
        ("Camera", &camera.make),
        ("Model", &camera.model),
        ("Serial", &camera.serial),
        ("Lens", &camera.lens_serial),
        ("Software", &camera.software),
        ("Owner", &camera.owner),
    ];
    for (title, part) in parts {
        part.iter().for_each(|text| entry(out, title, &escaped(text.as_bytes())));
    }
    if let Some(gps) = &facts.gps {
        entry(out, "Place", &format!("{:.6}, {:.6} (WGS 84)", gps.latitude, gps.longitude));
    }
    if let Some(taken) = &facts.taken {
        let zone = taken.offset.as_deref().unwrap_or(" (no zone stated)");
        entry(out, "Taken", &escaped(format!("{}{zone}", taken.local).as_bytes()));
    }
    facts.remarks.iter().for_each(|remark| entry(out, "Note", &escaped(remark.as_bytes())));
    metadata(facts, out);
}

/// Tells every value of the metadata by group and name, as `--metadata` of `zeef lead` wants them.
fn metadata(facts: &Facts, out: &mut Vec<String>) {
    for value in &facts.metadata {
        let raw: String = value.raw.chars().take(METADATA_CHARS_MAX).collect();
        let more = if raw.len() < value.raw.len() { " ... (the whole of it: --json)" } else { "" };
        let [group, name, raw] = [&value.group, &value.name, &raw].map(|text| escaped(text.as_bytes()));
        entry(out, "Metadata", &format!("{group}:{name} = {raw}{more}"));
    }
}

/// Tells what was done, oldest first.
fn history(story: &StoryView, out: &mut Vec<String>) {
    for operation in &story.operations {
        let text = format!(
            "{}  {}  operation {}: {}",
            operation.at,
            operation.who,
            operation.seq,
            what_was_done(story, operation)
        );
        entry(out, "History", &text);
    }
}

fn what_was_done(story: &StoryView, operation: &OperationView) -> String {
    let seq = operation.seq;
    if let Some(change) = story.decisions.iter().find(|change| change.operation == seq) {
        let category = |code: &Option<workbench::CategoryCode>| {
            code.as_ref().map_or("none".to_owned(), |code| escaped(code.0.as_bytes()))
        };
        let note = change.note.as_ref().map(|note| format!(" ({})", escaped(note.as_bytes()))).unwrap_or_default();
        return format!(
            "{}, category {} → {}{note}",
            operation.kind,
            category(&change.before),
            category(&change.after)
        );
    }
    if let Some(change) = story.judgements.iter().find(|change| change.operation == seq) {
        return format!("{}, now {}", operation.kind, state(&change.after));
    }
    operation.kind.clone()
}
