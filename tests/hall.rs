//! The state of the program behind the window, without a window: a scripted clock, real programs, generated media.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use workbench::pictures::Served;
use workbench::view::foreign::ForeignForm;
use workbench::view::grid::{Order, Others, Shelf, Target, TileState, ViewQuery};
use workbench::view::window::{
    Event, ImportForm, JobKind, JobOutcome, JobState, JobView, NewCaseForm, RevealForm, SecurityStanding,
    SecurityTopic, Settings,
};
use workbench::{Bench, DEMONSTRATION_PASSPHRASE, Here, Surroundings, SystemEntropy, UtcTime};

mod house;

use house::{House, PASSPHRASE, program};

const USER: &str = "anna";
const MINUTE: i64 = 60_000_000;
/// Longest time that anything of a test takes, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the window would have heard.
#[derive(Default)]
struct Ear {
    events: Mutex<Vec<Event>>,
    came: Condvar,
}

impl Ear {
    fn hear(&self, event: Event) {
        self.events.lock().unwrap().push(event);
        self.came.notify_all();
    }

    /// Waits for the first event that is wanted.
    fn wait<T>(&self, what: &str, wanted: impl Fn(&Event) -> Option<T>) -> T {
        let mut events = self.events.lock().unwrap();
        loop {
            if let Some(found) = events.iter().find_map(&wanted) {
                return found;
            }
            let (again, waited) = self.came.wait_timeout(events, PATIENCE).unwrap();
            events = again;
            assert!(!waited.timed_out(), "{what} did not come: {:?}", events.last());
        }
    }

    fn count(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.events.lock().unwrap().iter().filter(|event| wanted(event)).count()
    }

    fn forget(&self) {
        self.events.lock().unwrap().clear();
    }
}

/// A bench with a clock that a test moves.
struct Hall {
    house: House,
    bench: Bench,
    ear: Arc<Ear>,
    ahead: Arc<AtomicI64>,
}

#[expect(clippy::disallowed_methods, reason = "the programs beside read the system's clock, and this one follows it")]
fn system_now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_micros()).unwrap()
}

impl Hall {
    fn new() -> Self {
        Self::of(House::new(), 2)
    }

    fn of(house: House, threads: usize) -> Self {
        let (ear, ahead) = (Arc::new(Ear::default()), Arc::new(AtomicI64::new(0)));
        let (heard, moved) = (Arc::clone(&ear), Arc::clone(&ahead));
        let around = Surroundings {
            version: "0".to_owned(),
            config_dir: house.path("config").into(),
            data_dir: house.path("data").into(),
            sets_dir: house.path("sets").into(),
            cases_dir: house.path("cases").into(),
            decoder: program("zeef-decode"),
            sync: program("zeef-sync"),
            zeef: program("zeef"),
            starter: Arc::new(Here),
            now: Arc::new(move || UtcTime(system_now() + moved.load(Ordering::Relaxed))),
            entropy: Box::new(SystemEntropy),
            threads,
            tell: Arc::new(move |event| heard.hear(event)),
            network: (SecurityStanding::Fine, "a namespace of its own".to_owned()),
            webview: (SecurityStanding::Fine, "incognito".to_owned()),
        };
        Self { bench: Bench::new(around), house, ear, ahead }
    }

    /// Lets minutes pass, and the shell say so once.
    fn pass(&self, minutes: i64) {
        self.ahead.fetch_add(minutes * MINUTE, Ordering::Relaxed);
        self.bench.tick();
    }

    /// Opens a case that costs next to nothing to open.
    fn open(&self) {
        if !Path::new(&self.house.path("case")).exists() {
            self.house.new_cheap_case();
        }
        self.bench.case_open(&self.house.path("case"), USER, PASSPHRASE.to_owned()).unwrap();
    }

    /// Waits for the end of a job.
    fn end_of(&self, number: u32) -> JobView {
        self.ear.wait("the end of the job", |event| match event {
            Event::Job { job } if job.job == number && is_over(job.state) => Some(job.clone()),
            _ => None,
        })
    }

    fn load(&self, source: &str) -> JobView {
        self.end_of(self.bench.sources_add(&[source.to_owned()]).unwrap())
    }

    /// Fetches a path of `media:`, as the window does, and waits for it.
    fn served(&self, path: &str) -> Served {
        let (tell, told) = std::sync::mpsc::channel();
        self.bench.fetch(path, Box::new(move |served| tell.send(served).unwrap()));
        told.recv().unwrap()
    }

    /// Counts shown, hidden, refused, and all.
    fn counts(&self) -> (u64, u64, u64, u64) {
        let counts = self.house.look_into_case().unwrap().counts().unwrap();
        (counts.shown, counts.hidden, counts.refused, counts.items)
    }
}

fn is_over(state: JobState) -> bool {
    matches!(state, JobState::Done | JobState::Stopped | JobState::Failed)
}

fn code(error: workbench::view::window::WindowError) -> String {
    error.code
}

fn model_media(house: &House) -> String {
    house.model().media.to_str().unwrap().to_owned()
}

fn query(shelf: Shelf) -> ViewQuery {
    ViewQuery { shelf, picks: Vec::new(), text: String::new(), order: Order::Number, descending: false, stacked: false }
}

#[test]
fn from_the_first_start_to_the_first_decision() {
    let hall = Hall::new();
    let small = hall.house.small_media();
    let startup = hall.bench.startup();
    assert!(startup.recent.is_empty() && startup.open.is_none() && !startup.schemes.is_empty());
    let form = ImportForm {
        files: vec![small.known.clone()],
        name: "national".to_owned(),
        role: "known".to_owned(),
        profile: "US".to_owned(),
        meanings: Vec::new(),
    };
    assert_eq!(hall.end_of(hall.bench.set_import(form).unwrap()).state, JobState::Done);
    hall.open();
    assert_eq!(hall.load(&small.media).state, JobState::Done);
    let strip = hall.bench.strip().unwrap();
    assert_eq!(strip.shown + strip.hidden + strip.refused + strip.waiting, strip.total);
    assert_eq!((strip.hidden, strip.decided, strip.sets_changed), (3, 0, false));
    hall.ear.wait("the counts", |event| match event {
        Event::Counts { strip: told } => (*told == strip).then_some(()),
        _ => None,
    });

    let view = hall.bench.view_open(query(Shelf::Undecided), None).unwrap();
    let tile = hall.bench.view_tiles(view.view, 0, 1).unwrap().remove(0);
    let target = Target::Items { numbers: vec![tile.number] };
    let done = hall.bench.decide(&target, Some("1"), Others::Keep, None).unwrap();
    assert_eq!((done.items, done.kept), (1, 0));
    assert_eq!(hall.bench.view_head(view.view).unwrap().settled, 1);
    assert_eq!(hall.bench.item(tile.number).unwrap().category.as_deref(), Some("1"));
    hall.bench.case_close().unwrap();
    hall.open();
    assert_eq!(hall.bench.strip().unwrap().decided, 1);
    assert_eq!(hall.bench.undo().unwrap().unwrap().what, "decided");
    assert_eq!(hall.bench.strip().unwrap().decided, 0);
    assert_eq!(hall.bench.redo().unwrap().unwrap().category.as_deref(), Some("1"));
    assert!(hall.bench.undo_state().unwrap().redo.is_none());
    assert_eq!(hall.bench.view_head(view.view).map_err(code), Err("not-found".to_owned()), "views end with the case");
}

#[test]
fn a_picture_is_served_veiled_until_it_is_asked_for_and_never_when_it_is_locked() {
    let hall = Hall::new();
    let small = hall.house.small_media();
    hall.house.import(&small.known, "national", "known", &["--profile", "US"]);
    hall.open();
    hall.load(&small.media);
    let epoch = hall.bench.startup().open.unwrap().epoch;
    let first = |shelf| {
        let view = hall.bench.view_open(query(shelf), None).unwrap();
        hall.bench.view_numbers(view.view, 0, 1).unwrap()[0]
    };
    let shown = (0..).find(|place| {
        let view = hall.bench.view_open(query(Shelf::Shown), None).unwrap();
        hall.bench.view_tiles(view.view, *place, 1).unwrap()[0].has_picture
    });
    let view = hall.bench.view_open(query(Shelf::Shown), None).unwrap();
    let shown = hall.bench.view_numbers(view.view, shown.unwrap(), 1).unwrap()[0];
    let tile = format!("/{epoch}/tile/{shown}?3-dark");
    assert_eq!(hall.served(&tile).status, 200);
    let hidden = first(Shelf::Hidden);
    assert_eq!(hall.served(&format!("/{epoch}/tile/{hidden}?3-dark")).status, 404);
    let form = |number| RevealForm { number, colour: false, longest_px: 256, part: None };
    assert!(hall.bench.reveal(form(hidden)).is_err(), "of what is hidden there is no picture");

    let ticket = hall.bench.reveal(form(shown)).unwrap();
    let path = if ticket.path.starts_with('/') { ticket.path.clone() } else { format!("/{}", ticket.path) };
    assert_eq!(hall.served(&path).status, 200);
    assert_ne!(hall.served(&path).status, 200, "once");
    hall.ear.wait("the clear look", |event| match event {
        Event::Counts { strip } => (strip.seen_today == 1).then_some(()),
        _ => None,
    });
    assert_eq!(hall.bench.day().unwrap().seen, 1);
    let ticket = hall.bench.reveal(form(shown)).unwrap();
    let path = format!("/{}", ticket.path.trim_start_matches('/'));
    hall.bench.lock();
    assert_eq!((hall.served(&path).status, hall.served(&tile).status), (404, 404));
    hall.bench.unlock(PASSPHRASE.to_owned()).unwrap();
    assert_eq!((hall.served(&path).status, hall.served(&tile).status), (404, 404), "it is another epoch");
}

#[test]
fn what_is_shown_again_stays_shown() {
    let hall = Hall::new();
    let small = hall.house.small_media();
    hall.house.import(&small.known, "national", "known", &["--profile", "US"]);
    hall.open();
    hall.load(&small.media);
    let view = hall.bench.view_open(query(Shelf::Hidden), None).unwrap();
    let line = hall.bench.hidden_lines(view.view, 0, 1).unwrap().remove(0);
    hall.bench.show_again(line.number, "a holiday picture").unwrap();
    let item = hall.bench.item(line.number).unwrap();
    assert_eq!(item.state, TileState::Shown);
    assert!(item.width.is_some(), "it was read and decoded");
    assert_eq!(hall.end_of(hall.bench.rematch_run().unwrap()).state, JobState::Done);
    assert_eq!(hall.bench.item(line.number).unwrap().state, TileState::Shown);
    let out = hall.house.path("feedback.json");
    assert_eq!(hall.bench.feedback_write(&out).unwrap(), 1);
    assert_eq!(hall.bench.undo().unwrap().unwrap().what, "vetoed");
    assert_eq!(hall.bench.item(line.number).unwrap().state, TileState::Hidden);
}

#[test]
fn it_goes_blank_after_five_minutes_and_locks_after_fifteen() {
    let hall = Hall::new();
    let blank = || hall.ear.count(|event| *event == Event::Blank);
    let locked = || hall.ear.count(|event| *event == Event::Locked);
    hall.pass(60);
    assert_eq!((blank(), locked()), (0, 0), "without a case there is nothing to be kept from anybody");
    hall.open();
    hall.pass(4);
    assert_eq!(blank(), 0);
    hall.pass(1);
    hall.pass(1);
    assert_eq!((blank(), locked()), (1, 0));
    hall.bench.activity();
    hall.pass(14);
    assert_eq!((blank(), locked()), (2, 0));
    hall.pass(1);
    assert_eq!(locked(), 1);
    assert!(hall.bench.startup().locked);
    assert_eq!(hall.bench.users().map_err(code), Err("locked".to_owned()));
    assert_eq!(hall.bench.unlock("not it".to_owned()).map_err(code), Err("access-denied".to_owned()));
    hall.pass(60);
    assert_eq!(locked(), 1, "it is locked already");
    let before = hall.bench.startup().open.unwrap();
    let after = hall.bench.unlock(PASSPHRASE.to_owned()).unwrap();
    assert_eq!((&before.user, &before.dir), (&after.user, &after.dir));
    assert_ne!(before.epoch, after.epoch, "what was served before is served no more");
    assert_eq!(hall.bench.users().unwrap().len(), 1);
    hall.pass(1);
    assert_eq!(locked(), 1, "to unlock it was a hand");
}

#[test]
fn a_locked_case_is_free_for_others_and_none_of_its_commands_work() {
    let hall = Hall::new();
    assert_eq!(hall.bench.users().map_err(code), Err("no-case".to_owned()));
    assert_eq!(hall.bench.unlock("x".to_owned()).map_err(code), Err("no-case".to_owned()));
    hall.open();
    hall.bench.lock();
    hall.bench.lock();
    assert_eq!(hall.ear.count(|event| *event == Event::Locked), 1);
    for refused in [hall.bench.sources_add(&["/".to_owned()]), hall.bench.rematch_run(), hall.bench.verify_run(None)] {
        assert_eq!(refused.map_err(code), Err("locked".to_owned()));
    }
    // Its key and its lock are gone from this process: another may work in it.
    hall.house.case("user", &["list"]);
}

#[test]
fn a_load_that_a_person_stopped_does_not_come_back_after_a_lock() {
    let hall = Hall::of(House::new(), 1);
    hall.open();
    let media = model_media(&hall.house);
    let first = hall.bench.sources_add(std::slice::from_ref(&media)).unwrap();
    hall.bench.job_pause(first).unwrap();
    let waiting = hall.bench.sources_add(&[hall.house.small_media().media]).unwrap();
    hall.bench.job_stop(waiting).unwrap();
    hall.bench.job_stop(first).unwrap();
    hall.bench.lock();
    hall.bench.unlock(PASSPHRASE.to_owned()).unwrap();
    assert_eq!(hall.bench.jobs().into_iter().filter(|job| job.job > waiting).count(), 0);
}

#[test]
fn a_note_that_is_being_written_waits_for_the_same_person() {
    let hall = Hall::new();
    hall.open();
    hall.bench.note_draft(3, Some("the same room as in".to_owned())).unwrap();
    hall.bench.note_draft(9, Some("=cmd <b>".to_owned())).unwrap();
    hall.bench.note_draft(3, Some("the same room as in 212".to_owned())).unwrap();
    hall.bench.user_add("bert", "investigator", "een andere zin van bert".to_owned()).unwrap();
    hall.bench.lock();
    assert_eq!(hall.bench.note_drafts().map_err(code), Err("locked".to_owned()));
    hall.bench.unlock(PASSPHRASE.to_owned()).unwrap();
    let kept = |bench: &Bench| -> Vec<(u32, String)> {
        bench.note_drafts().unwrap().into_iter().map(|draft| (draft.number, draft.text)).collect()
    };
    assert_eq!(kept(&hall.bench), [(9, "=cmd <b>".to_owned()), (3, "the same room as in 212".to_owned())]);
    hall.bench.note_draft(9, None).unwrap();
    assert_eq!(kept(&hall.bench).len(), 1);
    assert!(hall.bench.note_draft(3, Some("x".repeat(1 << 20))).is_err());
    hall.bench.case_open(&hall.house.path("case"), "bert", "een andere zin van bert".to_owned()).unwrap();
    assert_eq!(kept(&hall.bench), [], "nobody else is offered it");
}

#[test]
fn sets_that_are_gone_are_given_up_only_as_they_were_seen() {
    let hall = Hall::new();
    let small = hall.house.small_media();
    hall.house.import(&small.known, "national", "known", &["--profile", "US"]);
    hall.open();
    assert_eq!(hall.load(&small.media).state, JobState::Done);
    assert_eq!(hall.bench.sets_missing().unwrap(), []);
    let hidden = || hall.bench.strip().unwrap().hidden;
    let before = hidden();
    assert!(before > 0);
    std::fs::rename(hall.house.path("sets"), hall.house.path("elsewhere")).unwrap();
    let refused = hall.load(&small.media);
    assert_eq!(refused.error.map(code).as_deref(), Some("sets-missing"));
    let missing = hall.bench.sets_missing().unwrap();
    let line = (missing[0].name.as_str(), missing[0].version, missing[0].there, missing[0].hides);
    assert_eq!((missing.len(), line), (1, ("national", 1, None, before)));
    assert!(hall.bench.sets_give_up(&[("national".to_owned(), 2)]).is_err());
    assert!(hall.bench.sets_give_up(&[]).is_err());
    assert_eq!(hidden(), before, "nothing was done");
    let ended = hall.end_of(hall.bench.sets_give_up(&[("national".to_owned(), 1)]).unwrap());
    assert_eq!(ended.state, JobState::Done, "{:?}", ended.error);
    assert_eq!(hidden(), 0);
    assert_eq!(hall.load(&small.media).state, JobState::Done);
}

#[test]
fn a_load_goes_on_after_a_lock_and_nothing_is_lost() {
    let plain = Hall::new();
    let media = model_media(&plain.house);
    plain.open();
    assert_eq!(plain.load(&media).state, JobState::Done);
    plain.bench.case_close().unwrap();

    let hall = Hall::of(House::new(), 1);
    hall.house.take_over(&plain.house, "sets");
    hall.open();
    let queued = hall.house.small_media().media;
    let first = hall.bench.sources_add(std::slice::from_ref(&media)).unwrap();
    hall.ear.wait("something that is read", |event| match event {
        Event::Job { job } if job.job == first => {
            job.stages.iter().any(|stage| stage.stage == "read" && stage.done > 0).then_some(())
        }
        _ => None,
    });
    hall.bench.job_pause(first).unwrap();
    // The first has its turn by now; the second takes its place behind it by a thread of its own.
    let second = hall.bench.sources_add(std::slice::from_ref(&queued)).unwrap();
    hall.ear.wait("the second in its place", |event| match event {
        Event::Job { job } => (job.job == second && job.state == JobState::Waiting).then_some(()),
        _ => None,
    });
    hall.bench.lock();
    for job in [first, second] {
        let ended = hall.end_of(job);
        assert_eq!((ended.state, ended.error.map(code).as_deref()), (JobState::Stopped, Some("locked")));
    }
    let stopped = hall.bench.sources_add(std::slice::from_ref(&queued));
    assert_eq!(stopped.map_err(code), Err("locked".to_owned()));
    hall.bench.unlock(PASSPHRASE.to_owned()).unwrap();
    // Both go on by themselves; the first was held by a person, and still is.
    let again = |place: usize| {
        hall.ear.wait("a load that goes on", |event| match event {
            Event::Job { job } if job.resumed && job.job > second => Some(job.job),
            _ => None,
        });
        hall.bench.jobs().into_iter().filter(|job| job.kind == JobKind::Load && job.job > second).nth(place).unwrap()
    };
    let first = again(0);
    hall.ear.wait("the first, held", |event| match event {
        Event::Job { job } => (job.job == first.job && job.state == JobState::Paused && job.resumed).then_some(()),
        _ => None,
    });
    hall.bench.job_resume(first.job).unwrap();
    for job in [first.job, again(1).job] {
        let ended = hall.end_of(job);
        assert_eq!((ended.state, ended.resumed), (JobState::Done, true), "{:?}", ended.error);
    }
    // The small folder was waiting, and comes too; its files are those of no other.
    let alone = Hall::new();
    alone.house.take_over(&plain.house, "sets");
    alone.open();
    alone.load(&media);
    alone.load(&queued);
    alone.bench.case_close().unwrap();
    hall.bench.case_close().unwrap();
    assert_eq!(hall.counts(), alone.counts());
    assert!(hall.house.case("verify", &["--sets", &hall.house.path("sets")])[0]["sound"] == true);
}

#[test]
fn a_load_is_held_between_two_files_and_goes_on() {
    let hall = Hall::of(House::new(), 1);
    let media = model_media(&hall.house);
    hall.open();
    let job = hall.bench.sources_add(&[media]).unwrap();
    hall.ear.wait("something that is read", |event| match event {
        Event::Job { job } => job.stages.iter().any(|stage| stage.stage == "read" && stage.done > 0).then_some(()),
        _ => None,
    });
    hall.bench.job_pause(job).unwrap();
    let held = hall.bench.jobs().remove(0);
    assert_eq!((held.state, held.rate), (JobState::Paused, 0.0));
    // Everything that was read is recorded while it rests.
    hall.ear.wait("a rest with everything recorded", |event| match event {
        Event::Job { job } if job.state == JobState::Paused => {
            let done = |name: &str| job.stages.iter().find(|stage| stage.stage == name).map(|stage| stage.done);
            (done("record") == done("read")).then_some(())
        }
        _ => None,
    });
    let before = hall.bench.jobs().remove(0);
    hall.bench.job_resume(job).unwrap();
    let ended = hall.end_of(job);
    assert_eq!(ended.state, JobState::Done);
    let read = |job: &JobView| job.stages.iter().find(|stage| stage.stage == "read").unwrap().done;
    assert!(read(&before) < read(&ended), "it had not come to its end");
    for stage in ended.stages.iter().filter(|stage| stage.total.is_some()) {
        assert_eq!(Some(stage.done), stage.total, "{}", stage.stage);
    }
    assert_eq!(hall.bench.job_pause(job).map_err(code), Err("bad-input".to_owned()));
    assert_eq!(hall.bench.job_pause(99).map_err(code), Err("not-found".to_owned()));
}

#[test]
fn a_load_that_is_stopped_keeps_what_it_did() {
    let hall = Hall::of(House::new(), 1);
    let media = model_media(&hall.house);
    hall.open();
    let job = hall.bench.sources_add(std::slice::from_ref(&media)).unwrap();
    hall.ear.wait("something that is recorded", |event| match event {
        Event::Job { job } => job.stages.iter().any(|stage| stage.stage == "record" && stage.done > 0).then_some(()),
        _ => None,
    });
    hall.bench.job_stop(job).unwrap();
    let ended = hall.end_of(job);
    assert_eq!((ended.state, ended.error), (JobState::Stopped, None));
    assert!(matches!(ended.outcome, Some(JobOutcome::Load { new_items: 1.., .. })), "{:?}", ended.outcome);
    let Some(JobOutcome::Load { passed_over, .. }) = hall.load(&media).outcome else { panic!("it loads") };
    assert!(passed_over > 0, "what was recorded is passed over");
}

#[test]
fn the_case_of_another_tool_is_looked_at_added_and_goes_on_after_a_lock() {
    let hall = Hall::of(House::new(), 1);
    let media = model_media(&hall.house);
    let file = format!("{media}/case.json");
    let text = r##"{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases",
        "value":[{"SourceApplicationName":"Tool","Media":[{"MediaID":1,"Category":0,"MD5":"abababababababababababababababab",
        "MediaFiles":[{"FilePath":"C:\\x","FileName":"<b>.jpg"}]}]}]}"##;
    std::fs::write(&file, text).unwrap();
    hall.open();
    let paths = [file.clone(), media.clone(), hall.house.path("absent")];
    assert_eq!(hall.bench.foreign_find(&paths).unwrap(), [file.as_str()]);
    let mut form = ForeignForm { file, media: String::new(), profile: String::new(), meanings: Vec::new() };
    let look = hall.bench.foreign_look(&form).unwrap();
    assert_eq!((look.form.as_str(), look.records, look.without_stored), ("VICS case 2.0", 1, 1));
    assert_eq!((look.questions.as_slice(), look.scheme.as_deref()), (&["0".to_owned()][..], Some("project-vic-us")));
    assert!(hall.bench.strip().unwrap().total == 0, "nothing is stored by looking");
    form.meanings.push(("0".to_owned(), "uncategorized".to_owned()));

    let job = hall.bench.foreign_add(&form).unwrap();
    hall.ear.wait("something that is read", |event| match event {
        Event::Job { job } => job.stages.iter().any(|stage| stage.stage == "read" && stage.done > 0).then_some(()),
        _ => None,
    });
    hall.bench.lock();
    assert_eq!(hall.end_of(job).error.map(code).as_deref(), Some("locked"));
    assert_eq!(hall.bench.foreign_look(&form).map_err(code).map(|look| look.records), Err("locked".to_owned()));
    hall.bench.unlock(PASSPHRASE.to_owned()).unwrap();
    let again = hall.ear.wait("the load that goes on", |event| match event {
        Event::Job { job } if job.resumed => Some(job.job),
        _ => None,
    });
    let ended = hall.end_of(again);
    let Some(JobOutcome::Foreign { records: 1, joined: 0, absent: 1, unanswered: 0, .. }) = ended.outcome else {
        panic!("{ended:?}")
    };
    let sources = hall.bench.numbers().unwrap().sources;
    let stated = sources.iter().find(|source| source.kind == "stated").unwrap();
    assert!(stated.file_sha256.is_some() && stated.refused == 1, "{stated:?}");
}

#[test]
fn sources_that_are_refused_are_told_and_the_others_are_loaded() {
    let hall = Hall::new();
    let small = hall.house.small_media();
    hall.open();
    let absent = hall.house.path("absent");
    let case = hall.house.path("case");
    let all = [absent.clone(), small.media.clone(), case.clone()];
    let ended = hall.end_of(hall.bench.sources_add(&all).unwrap());
    assert_eq!(ended.state, JobState::Failed);
    let error = ended.error.unwrap();
    assert!(error.detail.contains(&absent) && error.detail.contains(&case), "{error:?}");
    assert!(!error.detail.contains(&small.media), "{error:?}");
    assert!(matches!(ended.outcome, Some(JobOutcome::Load { new_items: 1.., .. })), "{:?}", ended.outcome);
    let one = hall.load(&absent);
    assert_eq!(one.error.map(code).as_deref(), Some("not-found"));
    assert_eq!(hall.bench.sources_add(&[]).map_err(code), Err("bad-input".to_owned()));
}

#[test]
fn a_source_is_found_by_its_name_whatever_bytes_that_has() {
    use std::os::unix::ffi::OsStrExt;
    let hall = Hall::new();
    let small = hall.house.small_media();
    let odd = PathBuf::from(std::ffi::OsStr::from_bytes(b"odd \xff\\x41 <b>\n\xe2\x80\xae"));
    let folder = Path::new(&hall.house.path("media")).parent().unwrap().join(odd);
    std::fs::rename(&small.media, &folder).unwrap();
    hall.bench.dropped(std::slice::from_ref(&folder));
    let text = hall.ear.wait("the drop", |event| match event {
        Event::Dropped { paths } => Some(paths[0].clone()),
        _ => None,
    });
    assert_eq!(text, Bench::path_text(&folder));
    assert!(!text.contains('\n') && !text.contains('\u{202e}'), "{text}");
    hall.open();
    let ended = hall.load(&text);
    assert_eq!(ended.state, JobState::Done, "{:?}", ended.error);
    hall.bench.case_close().unwrap();
    assert_eq!(hall.house.look_into_case().unwrap().sources().unwrap()[0].root, folder);
}

#[test]
fn the_cases_that_were_open_are_remembered_until_they_are_forgotten() {
    let hall = Hall::new();
    assert!(hall.bench.startup().recent.is_empty());
    hall.open();
    hall.bench.case_close().unwrap();
    let recent = hall.bench.startup().recent;
    assert_eq!((recent.len(), recent[0].number.as_str(), recent[0].there), (1, "T-1", true));
    let again = Hall::of(House::copy_of(&hall.house), 1);
    let recent = again.bench.startup().recent;
    assert_eq!(recent[0].user, USER);
    assert!(again.bench.startup().open.is_none());
    again.bench.recent_forget(&recent[0].dir).unwrap();
    assert!(again.bench.startup().recent.is_empty());
    assert_eq!(hall.bench.case_open("case", USER, PASSPHRASE.to_owned()).map_err(code), Err("bad-input".to_owned()));
}

#[test]
fn settings_hold_from_the_moment_they_are_saved() {
    let hall = Hall::new();
    hall.open();
    let settings = Settings { lock_minutes: 2, blank_minutes: 1, ..Settings::default() };
    hall.bench.settings_save(settings).unwrap();
    hall.pass(2);
    assert_eq!(hall.ear.count(|event| *event == Event::Locked), 1);
    std::fs::write(hall.house.path("config/settings.json"), "][").unwrap();
    let again = Hall::of(House::copy_of(&hall.house), 1);
    assert_eq!(again.bench.startup().settings, Settings::default());
    assert!(Path::new(&again.house.path("config/settings.json.damaged")).exists());
}

#[test]
fn users_come_and_go_and_passphrases_change() {
    let hall = Hall::new();
    let form = NewCaseForm {
        dir: hall.house.path("cases/one"),
        number: " 2026-1 ".to_owned(),
        unit: "tests".to_owned(),
        legal_scope: "warrant: 7".to_owned(),
        scheme: "project-vic-us".to_owned(),
        user: USER.to_owned(),
        passphrase: PASSPHRASE.to_owned(),
    };
    let unknown = NewCaseForm { scheme: "none".to_owned(), ..form.clone() };
    assert_eq!(hall.bench.case_new(unknown).map_err(code), Err("bad-input".to_owned()));
    let nameless = NewCaseForm { number: " ".to_owned(), ..form.clone() };
    assert_eq!(hall.bench.case_new(nameless).map_err(code), Err("bad-input".to_owned()));
    let short = NewCaseForm { passphrase: "short".to_owned(), ..form.clone() };
    assert_eq!(hall.bench.case_new(short).map_err(code), Err("bad-input".to_owned()));
    let head = hall.bench.case_new(form.clone()).unwrap();
    assert_eq!((head.number.as_str(), head.role.as_str(), head.demonstration), ("2026-1", "team-lead", false));
    assert_eq!(head.scheme.categories[0].key.as_deref(), Some("1"));
    assert_eq!(hall.bench.case_new(form.clone()).map_err(code), Err("already-there".to_owned()));
    hall.bench.case_open(&form.dir, USER, PASSPHRASE.to_owned()).unwrap();
    hall.bench.user_add("bert", "investigator", "bert heeft een zin".to_owned()).unwrap();
    assert_eq!(hall.bench.user_add("carla", "boss", PASSPHRASE.to_owned()).map_err(code), Err("bad-input".to_owned()));
    hall.bench.case_open(&form.dir, "bert", "bert heeft een zin".to_owned()).unwrap();
    assert_eq!(hall.bench.user_remove(USER).map_err(code), Err("not-allowed".to_owned()));
    hall.bench.passphrase_change("een andere zin van bert".to_owned()).unwrap();
    hall.bench.lock();
    assert!(hall.bench.unlock("bert heeft een zin".to_owned()).is_err());
    hall.bench.unlock("een andere zin van bert".to_owned()).unwrap();
    hall.bench.case_open(&form.dir, USER, PASSPHRASE.to_owned()).unwrap();
    hall.bench.user_remove("bert").unwrap();
    assert!(hall.bench.users().unwrap().iter().any(|user| user.name == "bert" && user.removed.is_some()));
}

#[test]
fn the_demonstration_is_made_once_and_has_sets_of_its_own() {
    let hall = Hall::new();
    let made = || hall.ear.count(|event| matches!(event, Event::Job { job } if job.kind == JobKind::Demo));
    let head = hall.bench.demo_open().unwrap();
    assert!(head.demonstration && made() > 0);
    let sets = hall.bench.sets().unwrap();
    assert_eq!(sets.len(), 2);
    assert!(sets.iter().all(|set| set.hides > 0), "{sets:?}");
    let leads = hall.bench.leads().unwrap();
    assert!(leads.len() >= 6 && leads.iter().all(|lead| !lead.own && lead.risk != "now"), "{leads:?}");
    assert_eq!(hall.bench.undo_state().unwrap().undo, None, "what others did is not hers to take back");
    hall.bench.lock();
    hall.bench.unlock(DEMONSTRATION_PASSPHRASE.to_owned()).unwrap();
    hall.ear.forget();
    hall.bench.demo_open().unwrap();
    assert_eq!(made(), 0, "it is there");
    hall.bench.case_close().unwrap();
    assert!(hall.bench.sets().unwrap().is_empty(), "its sets hide nothing elsewhere");
    assert!(hall.bench.startup().recent.is_empty());
    std::fs::remove_file(hall.house.path("data/demonstration/finished")).unwrap();
    hall.bench.demo_open().unwrap();
    assert!(made() > 0, "what was never finished is made anew");
}

#[test]
fn a_list_is_looked_into_imported_and_taken_away() {
    let hall = Hall::new();
    let small = hall.house.small_media();
    let previews = hall.bench.set_preview(std::slice::from_ref(&small.known), "US").unwrap();
    assert_eq!((previews.len(), previews[0].entries), (1, 3));
    let form = ImportForm {
        files: vec![small.known.clone()],
        name: "national".to_owned(),
        role: "known".to_owned(),
        profile: "US".to_owned(),
        meanings: Vec::new(),
    };
    let ended = hall.end_of(hall.bench.set_import(form).unwrap());
    assert!(matches!(ended.outcome, Some(JobOutcome::Import { entries: 3, .. })), "{ended:?}");
    hall.open();
    hall.load(&small.media);
    assert_eq!(hall.bench.sets().unwrap()[0].hides, 3);
    hall.bench.set_remove("national").unwrap();
    assert!(hall.ear.count(|event| *event == Event::Sets) >= 2);
    assert!(hall.bench.sets().unwrap().is_empty());
    let ended = hall.end_of(hall.bench.rematch_run().unwrap());
    let Some(JobOutcome::Rematch(outcome)) = ended.outcome else { panic!("{ended:?}") };
    assert_eq!(outcome.returned, 3);
    let verified = hall.end_of(hall.bench.verify_run(None).unwrap());
    assert!(matches!(verified.outcome, Some(JobOutcome::Verify { sound: true, .. })), "{verified:?}");
    let lost = hall.end_of(hall.bench.verify_run(Some(&"0".repeat(64))).unwrap());
    assert!(matches!(lost.outcome, Some(JobOutcome::Verify { sound: false, .. })), "{lost:?}");
    assert_eq!(hall.bench.verify_run(Some("0a")).map_err(code), Err("bad-input".to_owned()));
}

/// A publisher that signs on this very day.
struct Publisher {
    house: House,
}

impl Publisher {
    fn new() -> Self {
        let publisher = Self { house: House::new() };
        let keys = publisher.house.path("keys");
        let words = ["--set", "national", "--title", "The set of a test", "--profile", "US", "--publisher", "national"];
        publisher.run("init", &[words.as_slice(), &["--keys", &keys]].concat());
        publisher
    }

    fn run(&self, command: &str, more: &[&str]) {
        let out = Command::new(program("zeef-publish"))
            .args([command, &self.house.path("repo")])
            .args(more)
            .env("USER", "carla")
            .output()
            .unwrap();
        assert!(out.status.success(), "{command}: {}", String::from_utf8_lossy(&out.stderr));
    }

    fn add(&self, name: &str, rows: &[String]) {
        let list = self.house.path(&format!("{name}.csv"));
        std::fs::write(&list, format!("MD5,Category\n{}\n", rows.join("\n"))).unwrap();
        self.run("add", &[&list, "--by", name, "--profile", "US"]);
    }

    fn release(&self) -> String {
        let (keys, site) = (self.house.path("keys"), self.house.path("site"));
        self.run("release", &["--keys", &keys, "--out", &site]);
        site
    }
}

fn md5(file: &str) -> String {
    let out = Command::new("md5sum").arg(file).output().unwrap();
    String::from_utf8(out.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

#[test]
fn a_withdrawal_gives_an_item_back_and_a_flood_waits_for_a_person() {
    let hall = Hall::new();
    let media = hall.house.small_media().media;
    let file = |name: &str| md5(&format!("{media}/{name}"));
    let publisher = Publisher::new();
    publisher.add("unit-a", &["known-1.jpg", "below/withdrawn.jpg"].map(|name| format!("{},1", file(name))));
    publisher.run("limits", &["--upserts-max", "5", "--withdrawals-max", "5", "--quarantined-max", "5"]);
    let site = publisher.release();
    let (gift, absent) = (format!("{site}/enrolment.json"), format!("{site}/absent.json"));
    let offer = hall.bench.sync_enrol_look(&gift).unwrap();
    assert_eq!((offer.publisher.as_str(), offer.address), ("national", None));
    assert!(hall.bench.publishers().unwrap().is_empty(), "a look enrols nobody");
    let wrong = hall.bench.sync_enrol(&gift, &"0f".repeat(32)).unwrap_err();
    assert!(wrong.code == "not-trusted" && wrong.message.contains("nothing was enrolled"), "{wrong:?}");
    assert!(hall.bench.sync_enrol(&gift, "").is_err());
    assert!(hall.bench.publishers().unwrap().is_empty());
    assert_eq!(hall.bench.sync_enrol(&gift, &offer.fingerprint).unwrap(), "national");
    assert!(
        hall.bench.sync_enrol_look(&absent).is_err() && hall.bench.sync_enrol(&absent, &offer.fingerprint).is_err()
    );
    let sync = || hall.end_of(hall.bench.sync_run(Some(&site)).unwrap());
    assert_eq!(sync().state, JobState::Done, "without a case too");
    hall.open();
    hall.load(&media);
    let before = hall.bench.sets().unwrap()[0].clone();
    assert_eq!((before.hides, before.freshness.as_deref()), (2, Some("fresh")));

    publisher.run("withdraw", &[&file("below/withdrawn.jpg"), "--reason", "a holiday picture"]);
    publisher.release();
    let ended = sync();
    let Some(JobOutcome::Sync { lines, rematch: Some(rematch) }) = ended.outcome else { panic!("{ended:?}") };
    assert_eq!((lines[0].outcome.as_str(), lines[0].withdrawn, rematch.returned), ("arrived", 1, 1));
    assert_eq!(hall.bench.sets().unwrap()[0].hides, 1);

    publisher.add("unit-b", &(1..10u32).map(|number| format!("{number:032x},1")).collect::<Vec<_>>());
    publisher.release();
    let ended = sync();
    let Some(JobOutcome::Sync { lines, rematch: None }) = ended.outcome else { panic!("{ended:?}") };
    assert_eq!((lines[0].outcome.as_str(), lines[0].added), ("waiting", 9));
    let waiting = hall.bench.publishers().unwrap().remove(0).waiting.unwrap();
    assert_eq!(waiting.added, 9);
    assert_eq!(hall.bench.sync_accept("national", " ").map_err(code), Err("bad-input".to_owned()));
    hall.bench.sync_accept("national", "announced by phone").unwrap();
    assert!(hall.bench.publishers().unwrap()[0].waiting.is_none());
    let log = house::read(&hall.house.path("sets/sync/log.jsonl"));
    assert!(log.contains("announced by phone") && log.contains(USER), "{log}");
    assert_eq!(hall.bench.sync_run(Some(" ")).map_err(code), Err("bad-input".to_owned()));
}

#[test]
fn the_security_page_tells_what_is_in_force() {
    let hall = Hall::new();
    hall.open();
    let lines = hall.bench.security().unwrap();
    let find = |topic| lines.iter().find(|line| line.what == topic).unwrap();
    assert_eq!(find(SecurityTopic::ScreenCapture).standing, SecurityStanding::Absent);
    assert_eq!(find(SecurityTopic::CaseFolder).standing, SecurityStanding::Fine);
    assert!(find(SecurityTopic::Encryption).detail.contains("SQLCipher 4."));
    assert!(find(SecurityTopic::Decoder).detail.contains("Landlock ABI"));
    assert_eq!(find(SecurityTopic::AutoLock).detail, "15 min");
    assert_eq!(find(SecurityTopic::Network).standing, SecurityStanding::Fine);
    assert_eq!(lines.len(), 10);
}

#[test]
fn the_end_of_the_program_leaves_a_case_that_goes_on() {
    let hall = Hall::of(House::new(), 1);
    let media = model_media(&hall.house);
    hall.open();
    let job = hall.bench.sources_add(&[media]).unwrap();
    hall.bench.end();
    assert!(is_over(hall.end_of(job).state));
    assert!(hall.bench.startup().open.is_none());
    assert!(hall.house.case("verify", &["--sets", &hall.house.path("sets")])[0]["sound"] == true);
}
