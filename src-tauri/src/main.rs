//! `zeef-window`: the front door with a window. The only code that names Tauri.
//!
//! What it does: gives up what it does not need, opens one window, passes what the page asks for on to the workbench, and
//! what the workbench tells on to the page.
//!
//! What it never does: decide anything about evidence, or use the network. It keeps no state of a case.
//!
//! Who may call it: a person, from the desktop or with `make run`.

mod commands;
mod courier;
mod events;
mod guard;
mod media;
mod network;
mod surroundings;
mod window;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tauri::RunEvent;
use workbench::view::window::{Event, SecurityStanding};
use workbench::{Bench, Here, Starter, SystemEntropy};

use crate::courier::Courier;
use crate::events::Listener;
use crate::network::Door;
use crate::surroundings::Surroundings;
use crate::window::Dragged;

/// How often the workbench is told that time passes.
const TICK: Duration = Duration::from_secs(1);
/// Files in work at once, at most.
const THREADS_MAX: usize = 16;
/// Opens the demonstration case at once; it is made where it is not there.
const DEMONSTRATION: &str = "--demonstration";

fn main() -> ExitCode {
    guard::keep_no_cores();
    guard::prepare_environment();
    if !surroundings::has_screen() {
        return fail("There is no screen to open a window on. `zeef` does the same in a terminal.");
    }
    let Some(here) = Surroundings::ask() else { return fail("There is no home folder to keep settings in.") };
    let post_room = here.beside("zeef-sync");
    let is_inside = std::env::args_os().nth(1).is_some_and(|first| first == courier::INSIDE);
    if !guard::is_driven() && !is_inside {
        return match courier::run_window(&post_room, Door::find()) {
            Ok(status) => {
                status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
            }
            Err(error) => fail(&format!("The window cannot be started: {error}.")),
        };
    }
    guard::end_with_parent();
    guard::close_memory();
    // A WebDriver speaks to its window over the network of this machine, so that one has no courier and needs none.
    let starter: Arc<dyn Starter> = if guard::is_driven() {
        Arc::new(Here)
    } else {
        match Courier::of_standard_input(post_room) {
            Ok(courier) => Arc::new(courier),
            Err(error) => return fail(&format!("The window cannot reach what started it: {error}.")),
        }
    };
    match run(&here, starter) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("The window cannot be opened: {error}.")),
    }
}

fn fail(what: &str) -> ExitCode {
    eprintln!("zeef-window: {what}");
    ExitCode::FAILURE
}

fn run(here: &Surroundings, starter: Arc<dyn Starter>) -> Result<(), Box<dyn std::error::Error>> {
    let listener = Arc::new(Listener::default());
    let bench = Bench::new(around(here, starter, Arc::clone(&listener)));
    if std::env::args_os().any(|argument| argument == DEMONSTRATION) {
        println!("The demonstration case is being made ready.");
        bench.demo_open().map_err(|error| error.message)?;
    }
    let scratch = if guard::is_driven() { Some(tempfile::tempdir()?) } else { None };
    let folder = scratch.as_ref().map(|scratch| scratch.path().to_owned());
    let served = bench.clone();
    let builder = media::register(tauri::Builder::default(), move |path, reply| served.fetch(path, reply));
    let (dropped, told) = (bench.clone(), Arc::clone(&listener));
    let app = builder
        .manage(bench.clone())
        .manage(listener)
        .invoke_handler(commands::handler())
        .setup(move |app| {
            window::open(app, folder, move |dragged| match dragged {
                Dragged::Over => told.tell(Event::Dragging { over: true }),
                Dragged::Gone => told.tell(Event::Dragging { over: false }),
                Dragged::Dropped(paths) => {
                    told.tell(Event::Dragging { over: false });
                    dropped.dropped(&paths);
                }
            })?;
            Ok(())
        })
        .build(tauri::generate_context!())?;
    let ticking = bench.clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(TICK);
            ticking.tick();
        }
    });
    app.run(move |_, event| {
        if let RunEvent::Exit = event {
            bench.end();
        }
    });
    drop(scratch);
    Ok(())
}

/// Tells the workbench what only a front door knows.
fn around(here: &Surroundings, starter: Arc<dyn Starter>, listener: Arc<Listener>) -> workbench::Surroundings {
    let network = if network::is_none() {
        (SecurityStanding::Fine, "network namespace".to_owned())
    } else {
        (
            SecurityStanding::Caution,
            "this kernel gives no network namespace, or the screen is not reached from within".to_owned(),
        )
    };
    let webview = if guard::is_driven() {
        (SecurityStanding::Absent, "a test drives this window".to_owned())
    } else {
        (SecurityStanding::Fine, String::new())
    };
    workbench::Surroundings {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_dir: here.config_dir.clone(),
        data_dir: here.data_dir.clone(),
        sets_dir: here.data_dir.join("sets"),
        cases_dir: here.cases_dir.clone(),
        decoder: here.beside("zeef-decode"),
        sync: here.beside("zeef-sync"),
        zeef: here.beside("zeef"),
        starter,
        now: Arc::new(surroundings::now),
        entropy: Box::new(SystemEntropy),
        threads: std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX),
        tell: Arc::new(move |event| listener.tell(event)),
        network,
        webview,
    }
}
