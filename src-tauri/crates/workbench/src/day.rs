//! The end of the demonstration: a day passes. A publisher of the demonstration releases a set, the workstation takes it
//! from a folder; the next release comes over the network of this machine alone, and the case follows the change.
//!
//! All of it is done by the real programs: `zeef-publish` releases and serves, `zeef-sync` fetches and verifies.

use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use casefile::{CaseFile, ItemRow, ListFilter};
use domain::{MediaClass, ShowReason, Visibility};
use serde::Serialize;
use serde_json::{Value, json};

use crate::judging::{MissingSets, Reach};
use crate::notices::{NoticeFilter, list_notices};
use crate::post::{Apply, Arrived, SyncOutcome, SyncRequest, run_sync};
use crate::rematch::rematch;
use crate::starting::Here;
use crate::view::RematchSummary;
use crate::{Code, Error, Setting};

/// Pictures of the case that the first release knows, and that the second adds.
const KNOWN_FIRST: usize = 6;
const KNOWN_NEXT: usize = 4;
const PUBLISHER: &str = "demonstration";
const SERIES: &str = "Groene Tuin";

/// The programs beside this one, and how a release is applied.
pub struct Beside<'a> {
    /// The post room, `zeef-sync`.
    pub sync: PathBuf,
    /// The custodian's program, `zeef-publish`.
    pub publish: PathBuf,
    /// Applies what the post room verified.
    pub apply: Apply<'a>,
}

/// Tells what the day brought.
#[derive(Debug, Clone, Serialize)]
pub struct Day {
    /// What came from the folder.
    pub first: Arrived,
    /// What the case made of it.
    pub first_rematch: RematchSummary,
    /// What came over the network.
    pub next: Arrived,
    /// What the case made of it.
    pub next_rematch: RematchSummary,
    /// What the publisher said of the entry that was withdrawn, as the case shows it.
    pub withdrawn_because: String,
    /// Notices that the case has now.
    pub notices: u64,
}

/// Lets a day pass below `dir`. The case has at least as many new pictures as the two releases know.
pub(crate) fn pass_a_day(
    case: &CaseFile,
    dir: &Path,
    sets_dir: &Path,
    beside: &Beside<'_>,
    setting: &Setting<'_>,
) -> Result<Day, Error> {
    let desk = Desk { dir: dir.join("publisher"), beside };
    let new = new_pictures(case)?;
    let (Some(first), Some(next)) = (new.get(..KNOWN_FIRST), new.get(KNOWN_FIRST..KNOWN_FIRST + KNOWN_NEXT)) else {
        return Err(failed("The model case has too few new pictures for a day.", ""));
    };
    desk.init()?;
    desk.contribute("unit-north", "first", &entries(first, false))?;
    desk.release()?;
    let sets = sets_dir.as_os_str();
    run(Command::new(&beside.sync).args(["enrol", "--sets"]).arg(sets).arg(desk.site().join("enrolment.json")))?;
    let first_came = desk.sync(sets_dir, &desk.site().to_string_lossy(), setting)?;
    let follow = || rematch(case, &dir.join("case"), sets_dir, MissingSets::Refuse, Reach::Change, setting);
    let first_rematch = follow()?;

    let reason = "a picture from a calendar";
    let withdrawn = first.first().and_then(|item| item.md5).expect("an item of the list has its digests");
    desk.run("withdraw", &[&withdrawn.to_string(), "--reason", reason])?;
    let mut records = entries(&first[1..2], true);
    records.extend(entries(next, false));
    desk.contribute("unit-north", "next", &records)?;
    desk.release()?;
    let served = desk.serve()?;
    let next_came = desk.sync(sets_dir, &served.address, setting)?;
    let next_rematch = follow()?;
    let notices = list_notices(case, NoticeFilter::All)?.len() as u64;
    Ok(Day {
        first: first_came,
        first_rematch,
        next: next_came,
        next_rematch,
        withdrawn_because: reason.to_owned(),
        notices,
    })
}

/// Lists pictures that nothing is known of and nobody has decided about.
fn new_pictures(case: &CaseFile) -> Result<Vec<ItemRow>, Error> {
    let mut found = Vec::new();
    case.list(ListFilter::Shown, &mut |row| {
        let is_new = matches!(row.visibility, Visibility::Shown { why: ShowReason::New });
        let is_picture = row.media.as_ref().is_some_and(|media| media.class == MediaClass::Picture);
        if is_new && is_picture && row.decision.is_none() && row.sha256.is_some() && row.suggestions.is_empty() {
            found.push(row);
        }
        if found.len() == KNOWN_FIRST + KNOWN_NEXT { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(found)
}

/// Describes items as a unit does that has classified them.
fn entries(items: &[ItemRow], victim_identified: bool) -> Vec<Value> {
    items
        .iter()
        .enumerate()
        .map(|(number, item)| {
            json!({
                "MediaID": number,
                "Category": 1,
                "MD5": item.md5,
                "SHA1": item.sha1,
                "MediaSize": item.size_bytes,
                "VictimIdentified": victim_identified,
                "Series": SERIES,
            })
        })
        .collect()
}

/// The publisher of the demonstration.
struct Desk<'a> {
    dir: PathBuf,
    beside: &'a Beside<'a>,
}

impl Desk<'_> {
    fn site(&self) -> PathBuf {
        self.dir.join("site")
    }

    fn keys(&self) -> PathBuf {
        self.dir.join("keys")
    }

    fn run(&self, command: &str, more: &[&str]) -> Result<(), Error> {
        let mut publish = Command::new(&self.beside.publish);
        publish.arg(command).arg(self.dir.join("repository")).args(more).env("USER", "custodian");
        if matches!(command, "init" | "release") {
            publish.arg("--keys").arg(self.keys());
        }
        if command == "release" {
            publish.arg("--out").arg(self.site());
        }
        run(&mut publish)
    }

    fn init(&self) -> Result<(), Error> {
        std::fs::create_dir_all(&self.dir).map_err(|error| failed("The demonstration cannot be written.", error))?;
        self.run("init", &["--set", PUBLISHER, "--title", "Set of the demonstration", "--profile", "US"])
    }

    fn release(&self) -> Result<(), Error> {
        self.run("release", &[])
    }

    /// Adds a list of a unit, in VICS 2.0 form.
    fn contribute(&self, unit: &str, name: &str, records: &[Value]) -> Result<(), Error> {
        let list = json!({
            "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media",
            "value": records,
        });
        let path = self.dir.join(format!("{name}.json"));
        std::fs::write(&path, list.to_string())
            .map_err(|error| failed("The demonstration cannot be written.", error))?;
        self.run("add", &[&path.to_string_lossy(), "--by", unit])
    }

    /// Serves the site to this machine.
    fn serve(&self) -> Result<Served, Error> {
        let mut command = Command::new(&self.beside.publish);
        let spawned = command.arg("serve").arg(self.site()).stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let child = spawned.map_err(|error| failed("The publisher's program cannot be run.", error))?;
        let mut served = Served { child, address: String::new() };
        if let Some(out) = served.child.stdout.take() {
            let read = BufReader::new(out).read_line(&mut served.address);
            read.map_err(|error| failed("The publisher's program does not say its address.", error))?;
        }
        served.address = served.address.trim().to_owned();
        Ok(served)
    }

    fn sync(&self, sets_dir: &Path, from: &str, setting: &Setting<'_>) -> Result<Arrived, Error> {
        let request = SyncRequest {
            sets_dir: sets_dir.to_owned(),
            program: self.beside.sync.clone(),
            starter: Arc::new(Here),
            from: Some(from.to_owned()),
            publishers: Vec::new(),
            override_expiry: None,
            now: None,
        };
        let lines = run_sync(&request, self.beside.apply, &mut |_| Ok(()), setting)?;
        match lines.into_iter().next().map(|line| line.outcome) {
            Some(SyncOutcome::Arrived { arrival }) => Ok(arrival),
            other => Err(failed("The release of the demonstration was not taken.", format!("{other:?}"))),
        }
    }
}

/// A server that ends with its guard.
struct Served {
    child: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(command: &mut Command) -> Result<(), Error> {
    let out = command.stdin(Stdio::null()).output();
    let out = out.map_err(|error| failed("A program beside `zeef` cannot be run.", error))?;
    if out.status.success() {
        return Ok(());
    }
    Err(failed("A step of the day did not succeed.", String::from_utf8_lossy(&[out.stderr, out.stdout].concat())))
}

fn failed(message: &str, detail: impl std::fmt::Display) -> Error {
    Error::new(Code::Internal, message, "This is a defect of the demonstration: report it.").with_detail(detail)
}

impl Day {
    /// Tells it to a person, line by line.
    pub(crate) fn lines(&self) -> Vec<String> {
        let came = |arrived: &Arrived| {
            format!("{} new entries, {} changed, {} withdrawn", arrived.added, arrived.changed, arrived.withdrawn)
        };
        vec![
            String::new(),
            "A day passes.".to_owned(),
            format!(
                "  From a disk:        version {} of the demonstration's set: {}.",
                self.first.version,
                came(&self.first)
            ),
            format!(
                "                      {:>3} pictures that were left are known now, and hidden.",
                self.first_rematch.newly_hidden
            ),
            format!("  Over the network:   version {}: {}.", self.next.version, came(&self.next)),
            format!(
                "                      {:>3} more are hidden; {} came back, first in the list, because its entry was withdrawn",
                self.next_rematch.newly_hidden, self.next_rematch.returned
            ),
            format!("                          (\"{}\").", self.withdrawn_because),
            format!(
                "                      {:>3} notices: a victim was identified; an entry was withdrawn.",
                self.notices
            ),
        ]
    }
}
