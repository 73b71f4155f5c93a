//! What the window is told when something could not be done: the codes of the workbench, and those of the program's state.

use crate::view::window::WindowError;
use crate::{Code, Error};

impl From<Error> for WindowError {
    fn from(error: Error) -> Self {
        let Error { code, message, hint, detail } = error;
        Self { code: word(&code), message, hint, detail }
    }
}

impl From<casefile::CasefileError> for WindowError {
    fn from(error: casefile::CasefileError) -> Self {
        Error::from(error).into()
    }
}

/// Gives the word by which JSON names a value without fields.
pub(super) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// Makes an error with a code that only the program's state has.
pub(super) fn failure(code: &str, message: &str, hint: &str) -> WindowError {
    WindowError { code: code.to_owned(), message: message.to_owned(), hint: hint.to_owned(), detail: String::new() }
}

/// Says that something given cannot be used.
pub(super) fn bad_input(message: impl Into<String>, hint: &str) -> WindowError {
    Error::new(Code::BadInput, message, hint).into()
}

/// Says that the case is locked.
pub(super) fn locked() -> WindowError {
    failure("locked", "The case is locked.", "Unlock it with your passphrase.")
}

/// Says that no case is open.
pub(super) fn no_case() -> WindowError {
    failure("no-case", "No case is open.", "Open a case, or make one.")
}

/// Says that something else has to end first.
pub(super) fn busy(message: &str) -> WindowError {
    failure("busy", message, "Wait until it has finished, or stop it, then try again.")
}

/// Says that a job ended because the case was locked.
pub(super) fn stopped_by_lock() -> WindowError {
    failure("locked", "Stopped, because the case was locked. What was done is kept.", "Unlock the case, then go on.")
}

/// Says that a job ended by a panic. Its text is not told: it could name anything.
pub(super) fn ended_by_defect() -> WindowError {
    let message = "The work ended by a defect of this program. What was done is kept.";
    Error::new(Code::Internal, message, "Start it again. If this stays, tell whoever keeps this machine.").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_words_of_the_terminal() {
        let error: WindowError = Error::new(Code::CaseInsideSource, "M.", "H.").with_detail("d").into();
        assert_eq!((error.code.as_str(), error.detail.as_str()), ("case-inside-source", "d"));
    }
}
