//! `zeef-sync`: the program of the post room, which `zeef sync` starts.
//!
//! What it does: reads arguments and the clock, gives up what it does not need, and prints what the library gives, one JSON
//! value a line: `{"progress":{...}}`, at most ten a second, and one `{"handover":{...}}` for each publisher. An enrolment is
//! `{"offered":{...}}` where somebody only looks, and `{"enrolled":{...}}` where it is taken.
//!
//! What it never does: ask, or decide anything about a set. Exit codes: 0 when every publisher was verified or is revoked,
//! 1 otherwise, 2 for wrong arguments. A signal ends it between two writes; what was fetched so far is kept.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use clap::{Args, Parser, Subcommand};
use domain::release::{Handover, MinimumVersions};
use domain::{Fingerprint, PublisherId, SetVersion, UtcTime};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::stat::{Mode, umask};
use serde_json::{Value, json};
use sync::{Access, Error, Order, Patience, Progress, Room, TwoPeople, Web};
use tokio::signal::unix::{SignalKind, signal};

/// Shortest time between two lines of progress.
const PROGRESS_PAUSE: Duration = Duration::from_millis(100);
/// Longest pause before another try.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Fetches and verifies releases of hash sets; `zeef sync` starts it.
#[derive(Parser)]
#[command(version, name = "zeef-sync")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Trust a publisher by the file that it gave out.
    Enrol {
        #[command(flatten)]
        sets: Sets,
        /// The file `enrolment.json`.
        file: PathBuf,
        /// Only say what the file holds; nothing is enrolled, and nothing is written.
        #[arg(long, conflicts_with = "fingerprint")]
        look: bool,
        /// The fingerprint that was compared with the publisher: no other file is taken.
        #[arg(long, value_name = "HEX")]
        fingerprint: Option<Fingerprint>,
    },
    /// Fetch and verify the newest releases.
    Fetch(Box<Fetch>),
    /// Show who is trusted, and what was accepted.
    Status {
        #[command(flatten)]
        sets: Sets,
    },
    /// Say what a publisher's server is shown: a client certificate or a token.
    Access(Box<Grant>),
    /// Restore a damaged mark; this takes two people.
    Reset(Reset),
    /// Leave a publisher and its partners; this takes two people.
    Leave(Leave),
}

#[derive(Args)]
struct Sets {
    /// The folder of the hash sets.
    #[arg(long, value_name = "SETS")]
    sets: PathBuf,
}

#[derive(Args)]
struct Fetch {
    #[command(flatten)]
    sets: Sets,
    /// Only this publisher; may be given again.
    #[arg(long, value_name = "ID")]
    publisher: Vec<PublisherId>,
    /// Read from this folder or address instead of the publishers' own.
    #[arg(long, value_name = "URL|DIR")]
    from: Option<String>,
    /// The installed version of a publisher's set.
    #[arg(long, value_name = "ID=VERSION", value_parser = installed)]
    installed: Vec<(PublisherId, SetVersion)>,
    /// The versions by which an installed set was found to be the newest.
    #[arg(long, value_name = "ID=ROOT,TIMESTAMP,SNAPSHOT", value_parser = floor)]
    floor: Vec<(PublisherId, MinimumVersions)>,
    /// Two people who take what is beyond grace.
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',', num_args = 1)]
    override_expiry: Vec<String>,
    /// How often a request is tried.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=20))]
    tries: u32,
    /// The first pause before another try; it doubles.
    #[arg(long, value_name = "MS", default_value_t = 1000)]
    pause_ms: u64,
    /// Longest wait for a connection.
    #[arg(long, value_name = "MS", default_value_t = 20_000)]
    connect_timeout_ms: u64,
    /// Longest wait for the next bytes.
    #[arg(long, value_name = "MS", default_value_t = 30_000)]
    read_timeout_ms: u64,
    /// Use the proxy that the environment names.
    #[arg(long)]
    proxy_from_environment: bool,
    /// Take this for the clock.
    #[arg(long, hide = true, value_parser = moment)]
    now: Option<UtcTime>,
}

#[derive(Args)]
struct Grant {
    #[command(flatten)]
    sets: Sets,
    /// The publisher.
    #[arg(long, value_name = "ID")]
    publisher: PublisherId,
    /// Client certificate, PEM.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// Its key, PEM; nobody else may be able to read it.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// File with a bearer token; nobody else may be able to read it.
    #[arg(long, value_name = "FILE")]
    token: Option<PathBuf>,
    /// Certificates of authorities that vouch for the server, PEM.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The server that is meant, where it is not the enrolment's.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Allow plain http to a server on another machine. A token never goes that way.
    #[arg(long)]
    insecure_http: bool,
}

#[derive(Args)]
struct Reset {
    #[command(flatten)]
    sets: Sets,
    /// The publisher.
    #[arg(long, value_name = "ID")]
    publisher: PublisherId,
    /// Who does it; given twice.
    #[arg(long, value_name = "NAME", required = true)]
    by: Vec<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The versions by which the installed set was found to be the newest.
    #[arg(long, value_name = "ID=ROOT,TIMESTAMP,SNAPSHOT", value_parser = floor)]
    floor: Option<(PublisherId, MinimumVersions)>,
    /// Take this for the clock.
    #[arg(long, hide = true, value_parser = moment)]
    now: Option<UtcTime>,
}

#[derive(Args)]
struct Leave {
    #[command(flatten)]
    sets: Sets,
    /// The publisher.
    #[arg(long, value_name = "ID")]
    publisher: PublisherId,
    /// Who does it; given twice.
    #[arg(long, value_name = "NAME", required = true)]
    by: Vec<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Take this for the clock.
    #[arg(long, hide = true, value_parser = moment)]
    now: Option<UtcTime>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(error) = give_up_privileges() {
        complain(&format!("zeef-sync: the limits of the process cannot be set ({error})"));
        return ExitCode::FAILURE;
    }
    let outcome = match arguments.command {
        Command::Enrol { sets, file, look: true, .. } => {
            sync::look(&Room::of(&sets.sets), &file).map(|offer| say("offered", &json!(offer)))
        }
        Command::Enrol { sets, file, fingerprint, .. } => {
            let enrolled = sync::enrol(&Room::of(&sets.sets), &file, fingerprint.as_ref());
            enrolled.map(|offer| say("enrolled", &json!(offer)))
        }
        Command::Fetch(fetch) => return run(&fetch),
        Command::Status { sets } => sync::status(&Room::of(&sets.sets)).map(|all| say("status", &json!(all))),
        Command::Access(grant) => {
            let access = Access {
                schema: domain::release::RELEASE_SCHEMA,
                origin: String::new(),
                certificate: grant.certificate,
                key: grant.key,
                token: grant.token,
                ca: grant.ca,
                insecure_http: grant.insecure_http,
            };
            let room = Room::of(&grant.sets.sets);
            let granted = sync::grant(&room, &grant.publisher, access, grant.server.as_deref());
            granted.map(|(access, gone)| {
                let mut answer = json!(access);
                answer["no_longer"] = json!(gone);
                say("access", &answer);
            })
        }
        Command::Reset(order) => reset(&order),
        Command::Leave(order) => leave(&order),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// What comes from a stranger is read in a process that can gain no rights, leaves no core, and writes for its user alone.
fn give_up_privileges() -> nix::Result<()> {
    nix::sys::prctl::set_no_new_privs()?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    umask(Mode::from_bits_truncate(0o077));
    Ok(())
}

fn two(names: &[String]) -> Result<TwoPeople, Error> {
    let [one, other] = names else { return Err(Error::OnePerson) };
    TwoPeople::new(one, other)
}

fn leave(order: &Leave) -> Result<(), Error> {
    let now = order.now.unwrap_or_else(clock);
    let room = Room::of(&order.sets.sets);
    let left = sync::leave(&room, &order.publisher, &two(&order.by)?, &order.reason, now)?;
    say("left", &json!(left));
    Ok(())
}

fn reset(order: &Reset) -> Result<(), Error> {
    let people = two(&order.by)?;
    let floor = order.floor.as_ref().filter(|(publisher, _)| *publisher == order.publisher).map(|(_, floor)| floor);
    let now = order.now.unwrap_or_else(clock);
    let line = sync::reset(&Room::of(&order.sets.sets), &order.publisher, floor, &people, &order.reason, now)?;
    say("reset", &serde_json::from_str(&line).unwrap_or(Value::String(line)));
    Ok(())
}

fn run(fetch: &Fetch) -> ExitCode {
    let people = match fetch.override_expiry.as_slice() {
        [] => None,
        [one, other] => match TwoPeople::new(one, other) {
            Ok(people) => Some(people),
            Err(error) => return fail(&error),
        },
        _ => return fail(&Error::OnePerson),
    };
    let order = Order {
        publishers: fetch.publisher.clone(),
        from: fetch.from.clone(),
        installed: fetch.installed.iter().cloned().collect(),
        floors: fetch.floor.iter().cloned().collect::<BTreeMap<_, _>>(),
        people,
        now: fetch.now.unwrap_or_else(clock),
        web: Web {
            connect_timeout: Duration::from_millis(fetch.connect_timeout_ms),
            read_timeout: Duration::from_millis(fetch.read_timeout_ms),
            proxy_from_environment: fetch.proxy_from_environment,
        },
    };
    let first = Duration::from_millis(fetch.pause_ms);
    let patience = Patience { tries: fetch.tries, pause: Box::new(move |failed| pause(first, failed)) };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("zeef-sync: the system gives no event queue ({error})"));
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(until_signal(&Room::of(&fetch.sets.sets), &order, patience))
}

/// Runs until it is done or a signal comes; dropping the run ends it at a wait, which is never inside a write.
async fn until_signal(room: &Room, order: &Order, mut patience: Patience) -> ExitCode {
    let signals = signal(SignalKind::terminate()).and_then(|end| Ok((end, signal(SignalKind::interrupt())?)));
    let (mut end, mut interrupt) = match signals {
        Ok(signals) => signals,
        Err(error) => {
            complain(&format!("zeef-sync: signals cannot be heard ({error})"));
            return ExitCode::FAILURE;
        }
    };
    let mut all_well = true;
    let mut said: Option<Instant> = None;
    let mut progress = |progress: &Progress| {
        let now = tick();
        if progress.note.is_some() || said.is_none_or(|said| now.duration_since(said) >= PROGRESS_PAUSE) {
            if progress.note.is_none() {
                said = Some(now);
            }
            say("progress", &json!(progress));
        }
    };
    let mut handover = |handover: Handover| {
        all_well &= !matches!(handover, Handover::Refused { .. });
        say("handover", &json!(handover));
    };
    let outcome = tokio::select! {
        outcome = sync::fetch(room, order, &mut patience, &mut progress, &mut handover) => outcome,
        _ = end.recv() => return stopped(),
        _ = interrupt.recv() => return stopped(),
    };
    match outcome {
        Ok(()) if all_well => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => fail(&error),
    }
}

fn stopped() -> ExitCode {
    complain("zeef-sync: stopped by a signal; what was fetched so far is kept");
    ExitCode::FAILURE
}

/// Doubles with every failure, and differs by up to a half, so that many workstations do not come back at once.
fn pause(first: Duration, failed: u32) -> Duration {
    let doubled = first.saturating_mul(1 << failed.saturating_sub(1).min(16)).min(PAUSE_MAX);
    let chance = RandomState::new().hash_one(failed) % 1024;
    doubled / 2 + doubled.mul_f64(chance as f64 / 1024.0)
}

/// Prints one line; when nobody listens any more, there is nothing left to do.
fn say(kind: &str, value: &Value) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{}", json!({ kind: value })).and_then(|()| out.flush()).is_err() {
        std::process::exit(1);
    }
}

fn complain(text: &str) {
    // Without anybody to hear it, the exit code says enough.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn fail(error: &Error) -> ExitCode {
    say("error", &json!({ "code": error.code(), "message": error.to_string(), "hint": error.hint() }));
    complain(&format!("zeef-sync: {error}\n  {}", error.hint()));
    if matches!(error, Error::OnePerson) { ExitCode::from(2) } else { ExitCode::FAILURE }
}

#[expect(clippy::disallowed_methods, reason = "the front door of the program reads the clock")]
fn clock() -> UtcTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UtcTime(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "progress is said at most ten times a second")]
fn tick() -> Instant {
    Instant::now()
}

fn moment(text: &str) -> Result<UtcTime, String> {
    UtcTime::parse(text).ok_or_else(|| "a time is written as 2026-03-14T09:26:53Z".to_owned())
}

fn installed(text: &str) -> Result<(PublisherId, SetVersion), String> {
    let (publisher, version) = text.split_once('=').ok_or("write PUBLISHER=VERSION")?;
    let version = version.parse().map_err(|_| "a version is a number".to_owned())?;
    Ok((publisher.parse().map_err(|error| format!("{error}"))?, SetVersion(version)))
}

fn floor(text: &str) -> Result<(PublisherId, MinimumVersions), String> {
    let (publisher, versions) = text.split_once('=').ok_or("write PUBLISHER=ROOT,TIMESTAMP,SNAPSHOT")?;
    let numbers: Result<Vec<u64>, _> = versions.split(',').map(str::parse).collect();
    let Ok([root, timestamp, snapshot]) = numbers.as_deref() else {
        return Err("three versions are wanted: ROOT,TIMESTAMP,SNAPSHOT".to_owned());
    };
    let versions = MinimumVersions { root: *root, timestamp: *timestamp, snapshot: *snapshot };
    Ok((publisher.parse().map_err(|error| format!("{error}"))?, versions))
}
