//! The log of a lead: each change of it, in the words of the window.

use casefile::{LeadChange, OperationKind};
use domain::LeadContent;

use super::words::risk_words;
use crate::view::leads::LeadStep;

/// Tells a lead's log, the newest first. A change of several things is told by several steps.
pub(super) fn log_of(changes: &[LeadChange]) -> Vec<LeadStep> {
    changes.iter().rev().flat_map(steps).collect()
}

fn steps(change: &LeadChange) -> Vec<LeadStep> {
    let step = |what: &str, value: Option<String>| LeadStep {
        what: what.to_owned(),
        value,
        by: change.by.to_string(),
        at: change.at,
    };
    match change.kind {
        OperationKind::Undone => return vec![step("undone", None)],
        OperationKind::Redone => return vec![step("redone", None)],
        // Its region or its caption: no piece came or went, and nothing else is said of the lead.
        OperationKind::EvidenceChanged => return vec![step("evidence-changed", None)],
        _ => {}
    }
    let mut steps = match (&change.before, &change.after) {
        (None, Some(_)) => vec![step("made", None)],
        (Some(before), Some(after)) => {
            differences(before, after).into_iter().map(|(what, value)| step(what, value)).collect()
        }
        _ => Vec::new(),
    };
    let counted = |count: u32| (count > 0).then(|| count.to_string());
    steps.extend(counted(change.evidence_added).map(|count| step("evidence-added", Some(count))));
    steps.extend(counted(change.evidence_removed).map(|count| step("evidence-removed", Some(count))));
    steps
}

/// Names what differs, with the new value where a word says it.
fn differences(before: &LeadContent, after: &LeadContent) -> Vec<(&'static str, Option<String>)> {
    let mut told = Vec::new();
    let mut tell = |differs: bool, what, value| {
        if differs {
            told.push((what, value));
        }
    };
    tell(before.risk != after.risk, "risk", Some(risk_words(&after.risk).0.to_owned()));
    tell(before.state != after.state, "state", Some(after.state.to_string()));
    tell(before.name != after.name || before.kind != after.kind, "name", Some(after.name.clone()));
    tell(before.labels != after.labels, "labels", Some(after.labels.len().to_string()));
    tell(before.text != after.text, "text", None);
    tell(before.series != after.series, "series", after.series.clone());
    tell(before.place != after.place, "place", None);
    tell(before.related != after.related, "related", None);
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use casefile::OperationId;
    use domain::{LeadKind, LeadState, Risk, UtcTime};

    #[test]
    fn a_change_of_several_things_is_told_by_several_steps() {
        let before = LeadContent::new(LeadKind::Victim, "Willow");
        let mut after = before.clone();
        after.state = LeadState::Followed;
        after.risk = Risk::Now;
        let change = |kind, before: Option<&LeadContent>, after: Option<&LeadContent>, added| LeadChange {
            operation: OperationId(7),
            kind,
            at: UtcTime(0),
            by: "anna".parse().unwrap(),
            before: before.cloned(),
            after: after.cloned(),
            evidence_added: added,
            evidence_removed: 0,
        };
        let changes = [
            change(OperationKind::LeadMade, None, Some(&before), 2),
            change(OperationKind::LeadChanged, Some(&before), Some(&after), 0),
            change(OperationKind::EvidenceChanged, None, None, 0),
            change(OperationKind::Undone, Some(&after), Some(&before), 0),
        ];
        let told: Vec<(String, Option<String>)> =
            log_of(&changes).into_iter().map(|step| (step.what, step.value)).collect();
        let told: Vec<(&str, Option<&str>)> =
            told.iter().map(|(what, value)| (what.as_str(), value.as_deref())).collect();
        let wanted = [
            ("undone", None),
            ("evidence-changed", None),
            ("risk", Some("now")),
            ("state", Some("followed")),
            ("made", None),
            ("evidence-added", Some("2")),
        ];
        assert_eq!(told, wanted);
    }
}
