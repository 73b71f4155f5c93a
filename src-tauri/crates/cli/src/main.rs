//! `zeef`: everything that the workbench does, in a terminal.
//!
//! What it does: reads arguments, passphrases and the clock, calls one function of the workbench, prints what it gave.
//!
//! What it never does: decide anything about evidence. It keeps no state.
//!
//! Who may call it: a person or a script. `--json` and the exit codes are a contract: 0 done, 1 refused or failed,
//! 2 wrong arguments, 3 problems were found, 4 a release waits for a person or was refused, 130 stopped.

mod arguments;
mod case_commands;
mod confinement;
mod foreign_commands;
mod lead_commands;
mod leaving_commands;
mod output;
mod set_commands;
mod story;
mod surroundings;
mod sync_commands;
mod vetoes;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::surroundings::Surroundings;

fn main() -> std::process::ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| refused(&error));
    let surroundings = match Surroundings::new() {
        Ok(surroundings) => surroundings,
        Err(error) => return output::fail(&error, false),
    };
    let json = arguments.wants_json();
    let outcome = match arguments.command {
        Command::Demo(demo) => set_commands::demo(&demo, &surroundings),
        Command::Set { command } => set_commands::run(command, &surroundings),
        Command::Sync { command } => sync_commands::run(command, &surroundings),
        Command::ApplyRelease(sets) => sync_commands::apply_release(&sets, &surroundings),
        Command::Case { command } => case_commands::run(command, &surroundings),
        Command::Lead { command } => lead_commands::run(command, &surroundings),
        Command::Links(links) => lead_commands::list_links(&links, &surroundings),
        Command::Index { command } => lead_commands::index(&command, &surroundings),
        Command::Export { command } => leaving_commands::export(command, &surroundings),
        Command::Package { command } => leaving_commands::package(command, &surroundings),
        Command::Report(report) => leaving_commands::report(&report, &surroundings),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => output::fail(&error, json),
    }
}

/// Tells what is wrong with the arguments. A secret key among them is not repeated: a terminal and a log keep what they
/// were told.
fn refused(error: &clap::Error) -> ! {
    let text = error.to_string();
    match workbench::without_secret_keys(&text) {
        std::borrow::Cow::Borrowed(_) => error.exit(),
        std::borrow::Cow::Owned(told) => {
            eprint!("{told}");
            std::process::exit(error.exit_code())
        }
    }
}
