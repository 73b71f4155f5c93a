//! How things are printed: numbers, errors, lines of JSON, and the progress of long work.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde::Serialize;
use workbench::{Code, Error, Progress};

/// How often a second the progress is drawn at most.
const DRAWS_PER_SECOND: u8 = 10;

/// Prints an error on standard error, for a person or as JSON, and gives the exit code.
pub fn fail(error: &Error, json: bool) -> ExitCode {
    let text = if json {
        serde_json::json!({ "error": error }).to_string()
    } else {
        let hint = if error.hint.is_empty() { String::new() } else { format!("\n{}", error.hint) };
        let detail = if error.detail.is_empty() { String::new() } else { format!("\n({})", error.detail) };
        format!("{}{hint}{detail}", error.message)
    };
    // Standard error may lie on the disk that is full; the exit code still tells.
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::from(if error.code == Code::Stopped { 130 } else { 1 })
}

/// Prints one value as one line of JSON. A reader that has gone away is no error.
pub fn line(value: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string(value).map_err(|error| {
        Error::new(Code::Internal, "A result cannot be written as JSON.", "This is a defect: report it.")
            .with_detail(error)
    })?;
    text_line(&text)
}

/// Prints one line of text.
pub fn text_line(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::new(Code::DiskFull, "The output cannot be written.", "Free space, or write elsewhere.")
                .with_detail(error))
        }
        _ => Ok(()),
    }
}

/// Writes a number with points between groups of three: 40,212.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Writes a count with its noun: "1 item", "40,212 items".
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// Draws progress on a terminal: files, files a second, megabytes a second, time left.
pub struct Meter {
    bar: ProgressBar,
    bytes: std::sync::Arc<std::sync::atomic::AtomicU64>,
    stage: Mutex<&'static str>,
}

impl Meter {
    /// Makes a meter; without a terminal it draws nothing.
    pub fn new(is_terminal: bool) -> Self {
        let target = match is_terminal {
            true => ProgressDrawTarget::stderr_with_hz(DRAWS_PER_SECOND),
            false => ProgressDrawTarget::hidden(),
        };
        let bytes = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
        let read = std::sync::Arc::clone(&bytes);
        let far = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let bytes = read.load(std::sync::atomic::Ordering::Relaxed);
            let seconds = state.elapsed().as_secs_f64().max(0.001);
            let text = how_far(state.pos(), state.len(), bytes, seconds, state.eta());
            // Nothing can be done about a terminal that does not take text.
            let _ = out.write_str(&text);
        };
        let style = ProgressStyle::with_template("{msg} {far}")
            .expect("the template is a literal that a test of this file draws")
            .with_key("far", far);
        let bar = ProgressBar::with_draw_target(None, target).with_style(style);
        Self { bar, bytes, stage: Mutex::new("") }
    }

    /// Takes one report.
    pub fn show(&self, progress: &Progress) {
        let mut stage = self.stage.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if *stage != progress.stage {
            *stage = progress.stage;
            self.bar.set_message(match progress.stage {
                "sift" => "Sifting",
                "stacks" => "Stacking",
                "rematch" => "Judging",
                "verify" => "Checking",
                "verify-pages" => "Checking the files",
                "verify-ledger" => "Checking the chain",
                "verify-references" => "Checking references",
                "verify-hides" => "Checking hides",
                "verify-sums" => "Checking sums",
                "read" => "Reading",
                "index" => "Sorting",
                "fetch" => "Fetching",
                "draw" => "Drawing",
                "describe" => "Reading the case",
                "join" => "Joining",
                "write" => "Writing",
                other => other,
            });
            self.bar.unset_length();
            self.bar.reset();
            self.bar.enable_steady_tick(Duration::from_millis(250));
        }
        if let Some(total) = progress.total.filter(|total| *total >= progress.done) {
            self.bar.set_length(total);
        }
        self.bytes.store(progress.bytes, std::sync::atomic::Ordering::Relaxed);
        self.bar.set_position(progress.done);
    }

    /// Takes the meter off the screen.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Tells how far work is: what is done, of how much, how fast, and how long it will take, as far as each is known.
fn how_far(done: u64, total: Option<u64>, bytes: u64, seconds: f64, left: Duration) -> String {
    let mut text = grouped(done);
    if let Some(total) = total {
        text.push_str(&format!(" of {}", grouped(total)));
    }
    // In the first second a rate says nothing.
    if seconds < 1.0 {
        return text;
    }
    text.push_str(&format!(" · {}/s", grouped((done as f64 / seconds) as u64)));
    if bytes > 0 {
        text.push_str(&format!(" · {:.1} MB/s", bytes as f64 / 1e6 / seconds));
    }
    if total.is_some_and(|total| done > 0 && total > done) {
        let (minutes, seconds) = (left.as_secs() / 60, left.as_secs() % 60);
        text.push_str(&match minutes {
            0 => format!(" · {seconds} s left"),
            1..60 => format!(" · {minutes} min {seconds:02} s left"),
            _ => format!(" · {} h {:02} min left", minutes / 60, minutes % 60),
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_of_a_verification_has_its_own_name_and_total() {
        let meter = Meter::new(false);
        let show =
            |stage, done, total| meter.show(&Progress { stage, done, total: Some(total), ..Progress::default() });
        let seen = || (meter.bar.message(), meter.bar.position(), meter.bar.length());
        show("verify-ledger", 40_212, 40_212);
        assert_eq!(seen(), ("Checking the chain".to_owned(), 40_212, Some(40_212)));
        show("verify-references", 0, 1);
        assert_eq!(seen(), ("Checking references".to_owned(), 0, Some(1)));
        show("verify-hides", 4_096, 9_000);
        assert_eq!(seen(), ("Checking hides".to_owned(), 4_096, Some(9_000)));
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(40_212), "40,212");
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(counted(1, "item", "items"), "1 item");
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        let text = |done, total, bytes, left| how_far(done, total, bytes, 2.0, Duration::from_secs(left));
        assert_eq!(text(0, None, 0, 0), "0 · 0/s");
        assert_eq!(how_far(7, Some(9), 9, 0.9, Duration::from_secs(5)), "7 of 9");
        assert_eq!(text(3000, Some(9000), 5_000_000, 62), "3,000 of 9,000 · 1,500/s · 2.5 MB/s · 1 min 02 s left");
        assert_eq!(text(9000, Some(9000), 0, 0), "9,000 of 9,000 · 4,500/s");
        assert_eq!(text(1, Some(9), 0, 7260), "1 of 9 · 0/s · 2 h 01 min left");
    }

    #[test]
    fn the_meter_takes_every_stage() {
        let meter = Meter::new(false);
        for stage in ["sift", "stacks", "rematch", "verify", "read", "index"] {
            meter.show(&Progress { stage, done: 1, total: Some(2), bytes: 3, steps: None });
        }
        meter.finish();
    }
}
