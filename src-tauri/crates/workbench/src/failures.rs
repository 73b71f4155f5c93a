//! Turns the errors of the rooms into the one that front doors know.

use casefile::CasefileError;
use demo::DemoError;
use dispatch::package::{Fault, KeyError, PackageError};
use dispatch::report::ReportError;
use evidence::EvidenceError;
use formats::FormatsError;
use hashset::HashsetError;

use crate::{Code, Error};

/// Advice where only the machine's keeper can help.
const ASK: &str = "Run it again. If this stays, tell whoever keeps this machine.";
const FULL: &str = "Free some space and run the same command again. What was there before is intact.";

impl From<CasefileError> for Error {
    fn from(error: CasefileError) -> Self {
        use CasefileError as E;
        let message = sentence(&error);
        match &error {
            E::AccessDenied => Self::new(
                Code::AccessDenied,
                "The user or the passphrase is wrong.",
                "Check both; names and passphrases tell upper from lower case.",
            ),
            E::AlreadyThere { .. } | E::NotEmpty { .. } => {
                Self::new(Code::AlreadyThere, message, "Choose a folder of its own for the new case.")
            }
            E::NotACase { .. } | E::HalfMade { .. } => {
                Self::new(Code::NotFound, message, "Check the path, or make a case with `zeef case new`.")
            }
            E::InUse { .. } => Self::new(Code::InUse, message, "Wait until the other has finished, then run it again."),
            E::ReadingOnly | E::NotAllowed { .. } | E::LastTeamLead { .. } => {
                Self::new(Code::NotAllowed, message, "Ask a team lead of this case.")
            }
            E::WeakPassphrase { .. } => {
                Self::new(Code::BadInput, message, "Take a longer one, e.g. five or six words.")
            }
            E::UserExists { .. } => Self::new(Code::AlreadyThere, message, "See `zeef case user CASE list`."),
            E::IndexThere { .. } => Self::new(Code::AlreadyThere, message, "Choose another name for the index."),
            E::NotAnIndex { .. } => Self::new(Code::BadInput, message, "Choose a file that `zeef index add` has made."),
            E::BadLead { .. } | E::OwnRelation { .. } | E::OtherItem { .. } => {
                Self::new(Code::BadInput, message, "Change it, and save it again.")
            }
            E::SameEvidence { .. } => {
                Self::new(Code::AlreadyThere, message, "Take another part of it, or change that piece of evidence.")
            }
            E::OwnExport { .. } => Self::new(Code::NotAllowed, message, "Ask another team lead of this case to sign."),
            E::ExportEnded { .. } => Self::new(Code::BadInput, message, "Ask for the export anew."),
            E::BadExport => Self::new(Code::BadInput, message, "Say for whom it is, and why."),
            E::NoSuchLead { .. } => Self::new(Code::NotFound, message, "See the list of leads: `zeef lead list`."),
            E::NoSuchEvidence { .. } => Self::new(Code::NotFound, message, "See its lead: `zeef lead show`."),
            E::NoSuchExport { .. } => {
                Self::new(Code::NotFound, message, "See the list of exports: `zeef export list`.")
            }
            E::NoAccess { .. } => Self::new(Code::Internal, message, "Nothing was noted. This is a defect: report it."),
            E::NoSuchUser { .. }
            | E::NoSuchItem { .. }
            | E::NoSuchNumber { .. }
            | E::NoSuchNotice { .. }
            | E::NoSuchSource { .. }
            | E::NoSuchCategory { .. } => Self::new(Code::NotFound, message, "Check what was named."),
            E::DiskFull => Self::new(Code::DiskFull, "The disk is full.", FULL),
            E::Damaged { .. } | E::VersionTooNew { .. } => {
                Self::new(Code::Damaged, message, "Leave the case as it is and take its newest backup.")
            }
            E::Limit { .. } => Self::new(Code::BadInput, message, "Do it in smaller steps."),
            _ => Self::new(Code::Internal, message, ASK),
        }
    }
}

impl From<HashsetError> for Error {
    fn from(error: HashsetError) -> Self {
        use HashsetError as E;
        let message = sentence(&error);
        match &error {
            E::NoSpace { .. } => Self::new(Code::DiskFull, "The disk is full.", FULL).with_detail(&error),
            E::Busy { .. } => Self::new(Code::InUse, message, "Wait until the other has finished, then run it again."),
            E::Damaged { .. } | E::Newer { .. } => Self::new(Code::Damaged, message, "Import the sets again."),
            E::UnknownSet { .. } => Self::new(Code::NotFound, message, "See `zeef set list`."),
            E::Published { .. } => Self::new(Code::AlreadyThere, message, "Nothing was stored."),
            E::ByHand { .. } | E::OtherPublisher { .. } => {
                Self::new(Code::AlreadyThere, message, "The installed set stays as it was.")
            }
            E::Contradicts { .. } | E::BadRelease { .. } => {
                Self::new(Code::BadInput, message, "The installed set stays as it was. Fetch the release again.")
            }
            E::NoProfile { .. } => Self::new(Code::ProfileNeeded, message, "Choose it with --profile."),
            E::Limit { .. } => Self::new(Code::BadInput, message, "Split the set."),
            _ => Self::new(Code::BadInput, message, "Check the folder of the sets, then run it again."),
        }
    }
}

impl From<FormatsError> for Error {
    fn from(error: FormatsError) -> Self {
        let hint = "Nothing was stored. What was imported before is as it was.";
        Self::new(Code::BadInput, sentence(&error), hint)
    }
}

impl From<EvidenceError> for Error {
    fn from(error: EvidenceError) -> Self {
        let message = sentence(&error);
        match &error {
            EvidenceError::NoSandbox { .. } | EvidenceError::DecoderStart { .. } => {
                Self::new(Code::NoSandbox, message, "Nothing is decoded without it. Ask whoever keeps this machine.")
            }
            EvidenceError::Open { .. } => Self::new(
                Code::NotFound,
                message,
                "Check the path and that the disk is connected, then run the same command again.",
            ),
            EvidenceError::NotASource { .. } => {
                Self::new(Code::BadInput, message, "Nothing was loaded from it. The other sources are.")
            }
            EvidenceError::Damaged { .. } => Self::new(Code::BadInput, message, "What could be read of it is kept."),
        }
    }
}

impl From<PackageError> for Error {
    fn from(error: PackageError) -> Self {
        let message = sentence(&error);
        match &error.fault {
            Fault::Exists => Self::new(Code::AlreadyThere, message, "Nothing was written."),
            Fault::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => Self::new(
                Code::DiskFull,
                "The disk is full.",
                "Free some space, and do it again. Nothing was left behind.",
            ),
            Fault::Library { .. } => Self::new(Code::Internal, message, ASK),
            // Each says in its own words what is wrong and what to do.
            _ => Self::new(Code::BadInput, message, "Nothing of it was taken."),
        }
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        let code = match &error {
            KeyError::WrongPassphrase => Code::AccessDenied,
            KeyError::Made { .. } => Code::Internal,
            _ => Code::BadInput,
        };
        Self::new(code, sentence(&error), "Nothing was written.")
    }
}

impl From<ReportError> for Error {
    fn from(error: ReportError) -> Self {
        Self::new(Code::Internal, sentence(&error), "Nothing was written. This is a defect: report it.")
    }
}

impl From<DemoError> for Error {
    fn from(error: DemoError) -> Self {
        let message = sentence(&error);
        match &error {
            DemoError::NotEmpty(_) => {
                Self::new(Code::AlreadyThere, message, "Choose a folder that does not exist yet.")
            }
            DemoError::Write { .. } => {
                Self::new(Code::DiskFull, message, "Choose a folder that can be written to and has 100 MB left.")
            }
            DemoError::Encode(_) => Self::new(Code::Internal, message, ASK),
        }
    }
}

/// Makes a sentence of an error's text.
fn sentence(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let end = if text.ends_with(['.', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{EvidenceId, LeadError, LeadId};

    #[test]
    fn what_a_person_can_mend_is_no_internal_error() {
        use CasefileError as E;
        let (lead, evidence, path) = (LeadId(7), EvidenceId(8), std::path::PathBuf::from("mine.zeef-index"));
        let cases = [
            (E::NoSuchLead { lead }, Code::NotFound, "zeef lead list"),
            (E::NoSuchEvidence { evidence }, Code::NotFound, "zeef lead show"),
            (E::NoSuchExport { request: 9 }, Code::NotFound, "zeef export list"),
            (E::BadLead { why: LeadError::Name }, Code::BadInput, "save it again"),
            (E::OwnRelation { lead }, Code::BadInput, "save it again"),
            (E::OtherItem { evidence }, Code::BadInput, "save it again"),
            (E::SameEvidence { evidence }, Code::AlreadyThere, "another part"),
            (E::ExportEnded { request: 9 }, Code::BadInput, "anew"),
            (E::OwnExport { request: 9, user: "anna".parse().unwrap() }, Code::NotAllowed, "Ask another team lead"),
            (E::BadExport, Code::BadInput, "for whom"),
            (E::IndexThere { path: path.clone() }, Code::AlreadyThere, "another name"),
            (E::NotAnIndex { path }, Code::BadInput, "zeef index add"),
            (E::NoAccess { kind: casefile::OperationKind::LeadMade }, Code::Internal, "defect"),
        ];
        for (error, code, hint) in cases {
            let told = Error::from(error);
            assert_eq!(told.code, code, "{told:?}");
            assert!(told.hint.contains(hint), "{told:?}");
            assert!(told.message.ends_with('.') && !told.message.starts_with(char::is_lowercase), "{told:?}");
        }
    }

    #[test]
    fn a_message_about_a_package_has_its_name_as_it_is() {
        let told = Error::from(PackageError { path: "case 1/p1.zeef".into(), fault: Fault::Exists });
        assert!(told.message.starts_with("`case 1/p1.zeef`: it is there already"), "{told:?}");
    }
}
