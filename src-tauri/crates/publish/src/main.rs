//! `zeef-publish`: the custodian's program.
//!
//! What it does: reads arguments and the clock, calls one function of the library, prints what it gave.
//!
//! What it never does: decide anything about the set.
//!
//! Who may call it: the custodian, or a timer. Exit codes: 0 done, 1 refused or failed, 2 wrong arguments, 3 somebody has to
//! decide (`conflicts`) or something expires (`status`).

mod arguments;
mod output;

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Parser;
use domain::release::{FloodLimits, Lead};
use domain::{PublisherId, SetName, UserName, UtcTime};
use zeef_publish::{AddRequest, Capacity, NewRepository, PartnerRequest, PublishError, ReleaseRequest, Rotation};

use crate::arguments::{Add, Arguments, Command, Init, Memory, Place};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let now = arguments.now.unwrap_or_else(clock);
    match run(arguments.command, now) {
        Ok(code) => code,
        Err(error) => {
            // A secret key that was given where a name is asked for is not repeated.
            eprintln!("zeef-publish: {}", domain::without_secret_keys(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, now: UtcTime) -> Result<ExitCode, PublishError> {
    match command {
        Command::Init(init) => make(&init, now)?,
        Command::Add(add) => take_in(&add, now)?,
        Command::Withdraw { place, digest, reason } => {
            let known = zeef_publish::withdraw(&place.repo, &digest, &reason, &actor(&place), now)?;
            println!("{known} is withdrawn from the next release on");
        }
        Command::Conflicts { repo, json, memory } => {
            return Ok(output::conflicts(&zeef_publish::conflicts(&repo, capacity(&memory))?, json));
        }
        Command::Decide { repo, digest, category, person } => {
            let category = Some(&category).filter(|category| category.0 != "none");
            let known = zeef_publish::decide(&repo, &digest, category, &person.by, now)?;
            println!("{known} is decided; it counts from the next release on");
        }
        Command::Release { place, out, snapshot, memory } => {
            let request = ReleaseRequest { snapshot, capacity: capacity(&memory), by: actor(&place), now };
            output::release(&zeef_publish::release(&place.repo, &out.keys, &out.out, &request)?);
        }
        Command::Timestamp { place, out } => {
            output::timestamp(&zeef_publish::timestamp(&place.repo, &out.keys, &out.out, &actor(&place), now)?);
        }
        Command::Rotate { place, keys, role, root_keys, threshold } => {
            let rotation = Rotation { duty: role, root_keys, threshold };
            output::rotated(&zeef_publish::rotate(&place.repo, &keys, rotation, &actor(&place), now)?);
        }
        Command::Limits { place, upserts_max, withdrawals_max, quarantined_max } => {
            let given = upserts_max.zip(withdrawals_max).zip(quarantined_max);
            let limits = given.map(|((upserts_max, withdrawals_max), quarantined_max)| FloodLimits {
                upserts_max,
                withdrawals_max,
                quarantined_max,
            });
            zeef_publish::limits(&place.repo, limits, &actor(&place), now)?;
        }
        Command::Share { place, rules, .. } => zeef_publish::share(&place.repo, rules.as_deref(), &actor(&place), now)?,
        Command::Serve { site, address, token_file } => {
            let mut ready = |address| println!("http://{address}/");
            zeef_publish::serve(&site, address, token_file.as_deref(), &mut ready)?;
        }
        Command::Status { repo, json } => return Ok(output::status(&zeef_publish::status(&repo, now)?, json)),
        Command::Partner(partner) => {
            let request = PartnerRequest {
                name: partner.name,
                address: partner.address,
                allowed: partner.allowed.into_iter().collect(),
                grace_days: partner.grace_days,
                revoked: partner.revoke,
            };
            zeef_publish::partner(&partner.place.repo, &partner.root, &request, &actor(&partner.place), now)?;
        }
        Command::Lead(lead) => {
            let arguments::Lead { place, name, unit, key, from, until, revoke } = lead;
            let lead = Lead { name, unit, key, from, until, revoked: revoke };
            zeef_publish::lead(&place.repo, &lead, &actor(&place), now)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn make(init: &Init, now: UtcTime) -> Result<(), PublishError> {
    let new = NewRepository {
        publisher: init.publisher.clone().unwrap_or_else(|| publisher(&init.set)),
        set: init.set.clone(),
        title: init.title.clone(),
        role: init.role.into(),
        profile: init.profile.clone(),
        address: init.address.clone(),
        grace_days: init.grace_days,
        timestamp_days: init.timestamp_days,
        root_keys: init.root_keys,
        threshold: init.threshold,
        source: init.source.clone(),
    };
    zeef_publish::init(&init.place.repo, &init.keys, &new, &actor(&init.place), now)?;
    println!(
        "The keys are in {}. Carry the root keys to different safes; the daily work needs the other three",
        init.keys.display()
    );
    Ok(())
}

/// Makes the name of a publisher out of the name of its set.
fn publisher(set: &SetName) -> PublisherId {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = set.as_str().chars().map(plain).take(40).collect();
    name.parse().or_else(|_| format!("p-{}", &name[..name.len().min(38)]).parse()).expect("it begins with a letter")
}

fn take_in(add: &Add, now: UtcTime) -> Result<(), PublishError> {
    let request = AddRequest {
        profile: add.profile.clone(),
        category: add.category.clone(),
        meanings: add.meaning.iter().cloned().collect(),
        identity: add.identity.clone(),
    };
    for file in &add.files {
        output::contribution(file, &zeef_publish::add(&add.repo, file, &request, &add.by, now)?);
    }
    Ok(())
}

fn capacity(memory: &Memory) -> Capacity {
    Capacity { memory_bytes: (memory.memory_mib as usize) << 20 }
}

/// Names who works: as was said, or the account.
fn actor(place: &Place) -> UserName {
    let account =
        || std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).ok().and_then(|name| name.parse().ok());
    let nobody = || "custodian".parse().expect("it is a plain word");
    place.by.clone().or_else(account).unwrap_or_else(nobody)
}

#[expect(clippy::disallowed_methods, reason = "a front door reads the clock and passes the time in")]
fn clock() -> UtcTime {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => UtcTime(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)),
        Err(before) => UtcTime(-i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX)),
    }
}
