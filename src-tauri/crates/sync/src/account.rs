//! Who is trusted here: enrolments by hand, partners that a publisher introduced, and the reset of a damaged mark.
//!
//! A publisher is enrolled when `enrolment.json` or, for a partner, `introduction.json` has its name.

use domain::release::{Enrolment, FloodLimits, MinimumVersions, Partner, RELEASE_SCHEMA};
use domain::{PublisherId, SetName, UtcTime};
use serde::{Deserialize, Serialize};

use crate::access::Access;
use crate::error::Error;
use crate::folder::{Desk, Room, read_at_most, sha256};
use crate::mark::Mark;
use crate::trust::{Keeper, keeper};

/// Name of the file of an enrolment.
pub(crate) const ENROLMENT: &str = domain::release::ENROLMENT_FILE;
/// Name of the file of an introduction.
pub(crate) const INTRODUCTION: &str = "introduction.json";
/// Name of the file of the trusted root.
pub(crate) const ROOT: &str = "root.json";
/// Name of the file that remembers who reset a mark.
const RESETS: &str = "resets.jsonl";
/// Largest number of bytes of an enrolment or introduction.
pub(crate) const ENROLMENT_BYTES_MAX: u64 = 2 << 20;

/// Remembers that a publisher was not enrolled by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Introduction {
    /// [`RELEASE_SCHEMA`].
    pub schema: u32,
    /// The publisher whose trust map names it.
    pub by: PublisherId,
    /// What the trust map says.
    pub partner: Partner,
    /// The root metadata that it says it of.
    pub root: String,
    /// How much an update may change: as much as one of the publisher that introduced it.
    pub limits: FloodLimits,
    /// Until when the word of the publisher that introduced it holds, and the days of grace after that: whoever keeps
    /// that publisher's newer word away must not keep a revocation away for ever.
    pub expires: UtcTime,
    /// Days of grace of that word.
    pub grace_days: u32,
}

/// What is known of a publisher.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The publisher.
    pub(crate) publisher: PublisherId,
    /// Its set; a partner's is not known before its first release.
    pub(crate) set: Option<SetName>,
    /// Title for people; empty like the set.
    pub(crate) title: String,
    /// Where it publishes.
    pub(crate) address: Option<String>,
    /// Root metadata that it is trusted by.
    pub(crate) root: String,
    /// Smallest versions.
    pub(crate) minimum: MinimumVersions,
    /// How much an update may change.
    pub(crate) limits: FloodLimits,
    /// Who introduced it; `None` where it was enrolled by hand.
    pub(crate) introduction: Option<Introduction>,
}

impl Account {
    /// Reads what is known of a publisher; `None` where it is not enrolled.
    pub(crate) fn read(room: &Room, publisher: &PublisherId) -> Result<Option<Self>, Error> {
        let desk = room.desk(publisher);
        desk.refuse_link()?;
        let enrolment: Option<Enrolment> = desk.json(ENROLMENT, ENROLMENT_BYTES_MAX)?;
        let introduction: Option<Introduction> = desk.json(INTRODUCTION, ENROLMENT_BYTES_MAX)?;
        if enrolment.as_ref().is_some_and(|one| one.publisher != *publisher || one.schema != RELEASE_SCHEMA) {
            let problem = "it is that of another publisher, or of another version of Zeef".to_owned();
            return Err(Error::BadFile { path: desk.path(ENROLMENT), problem });
        }
        let (set, title) = enrolment.as_ref().map(|one| (one.set.clone(), one.title.clone())).unzip();
        let title = title.unwrap_or_default();
        Ok(match (introduction, enrolment) {
            (Some(introduction), _) => Some(Self {
                publisher: publisher.clone(),
                set,
                title,
                address: introduction.partner.address.clone(),
                root: introduction.root.clone(),
                minimum: introduction.partner.minimum,
                limits: introduction.limits,
                introduction: Some(introduction),
            }),
            (None, Some(enrolment)) => Some(Self {
                publisher: publisher.clone(),
                set,
                title,
                address: enrolment.address,
                root: enrolment.root,
                minimum: enrolment.minimum,
                limits: enrolment.limits,
                introduction: None,
            }),
            (None, None) => None,
        })
    }

    /// Lists all who are enrolled, in order. What one desk has wrong is no reason to forget the others.
    pub(crate) fn all(room: &Room) -> Result<impl Iterator<Item = (PublisherId, Result<Self, Error>)>, Error> {
        let read = |publisher: PublisherId| Some((publisher.clone(), Self::read(room, &publisher).transpose()?));
        Ok(room.publishers()?.into_iter().filter_map(read))
    }

    /// Gives the name of the set, or that of the publisher where the set is not known yet.
    pub(crate) fn set_name(&self) -> SetName {
        let own = || self.publisher.as_str().parse().expect("the name of a publisher can name a set");
        self.set.clone().unwrap_or_else(own)
    }

    /// Keeps the set of a partner, which its first release named: from now on it has this one and no other.
    pub(crate) fn keep_set(&mut self, room: &Room, set: &SetName, title: &str) -> Result<(), Error> {
        let (set, title) = (set.clone(), title.to_owned());
        let enrolment = Enrolment {
            schema: RELEASE_SCHEMA,
            publisher: self.publisher.clone(),
            set: set.clone(),
            title: title.clone(),
            address: self.address.clone(),
            root: self.root.clone(),
            minimum: self.minimum,
            limits: self.limits,
        };
        refuse_taken_set(room, &self.publisher, &set)?;
        room.desk(&self.publisher).write_json(ENROLMENT, &enrolment)?;
        (self.set, self.title) = (Some(set), title);
        Ok(())
    }
}

/// Refuses a set that another publisher has.
pub(crate) fn refuse_taken_set(room: &Room, publisher: &PublisherId, set: &SetName) -> Result<(), Error> {
    for (other, account) in Account::all(room)? {
        // One whose set cannot be read may have this one.
        if other != *publisher && account?.set.as_ref() == Some(set) {
            let problem = format!("its set `{set}` is that of {other}");
            return Err(Error::Enrolment { publisher: publisher.clone(), problem });
        }
    }
    Ok(())
}

/// Finds the root to start from: the newest that was accepted, or the pinned one, from which all others follow. A
/// `root.json` counts only if the mark knows it: one that is torn, damaged or another's is as good as none.
pub(crate) fn trusted_root(desk: &Desk, mark: &Mark, pinned: &str) -> Result<impl Keeper + use<>, Error> {
    let kept = read_at_most(&desk.path(ROOT), crate::refresh::ROOT_BYTES_MAX);
    match kept {
        Ok(Some(kept)) if sha256(&kept) == mark.root_sha256 => keeper(&kept, "root.json"),
        _ => keeper(pinned.as_bytes(), "the root of the enrolment"),
    }
}

/// Writes a publisher that another one introduces, or what changed about it.
///
/// Errors: a root that does not fit the trusted one of the same version, a damaged mark.
pub(crate) fn introduce(room: &Room, publisher: &PublisherId, introduction: &Introduction) -> Result<(), Error> {
    let desk = room.desk(publisher);
    let what = domain::release::partner_root_target(publisher);
    let version = keeper(introduction.root.as_bytes(), &what)?.root().version;
    let digest = sha256(introduction.root.as_bytes());
    let known = Account::read(room, publisher)?.and_then(|account| account.introduction);
    let Some(known) = known else {
        desk.make()?;
        let mark = Mark::first(publisher, &introduction.partner.minimum, version, digest);
        desk.write(ROOT, introduction.root.as_bytes())?;
        mark.write(&desk)?;
        return desk.write_json(INTRODUCTION, introduction);
    };
    if known == *introduction {
        return Ok(());
    }
    if known.root != introduction.root {
        let mut mark = Mark::read(&desk, publisher)?;
        let trusted = trusted_root(&desk, &mark, &known.root)?;
        if version == trusted.root().version && introduction.root.as_bytes() != trusted.root_bytes() {
            return Err(Error::untrusted(&what, "it has the version of the trusted root, but another content"));
        }
        if version > trusted.root().version {
            // The publisher that introduced it vouches for the newer root.
            (mark.root, mark.root_sha256) = (mark.root.max(version), digest);
            desk.write(ROOT, introduction.root.as_bytes())?;
            mark.write(&desk)?;
        }
    }
    desk.write_json(INTRODUCTION, introduction)
}

/// Remembers that a partner is no longer trusted; nothing of it is fetched from then on.
pub(crate) fn revoke(room: &Room, account: &Account, partner: &Partner) -> Result<(), Error> {
    match &account.introduction {
        Some(known) if known.partner != *partner => {
            let revoked = Introduction { partner: partner.clone(), ..known.clone() };
            room.desk(&account.publisher).write_json(INTRODUCTION, &revoked)
        }
        _ => Ok(()),
    }
}

/// Two different people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TwoPeople(String, String);

impl TwoPeople {
    /// Takes two names; case and space around them make no other person.
    pub fn new(one: &str, other: &str) -> Result<Self, Error> {
        let (one, other) = (one.trim(), other.trim());
        let fits = |name: &str| name.parse::<domain::UserName>().is_ok();
        if !fits(one) || !fits(other) || one.to_lowercase() == other.to_lowercase() {
            return Err(Error::OnePerson);
        }
        Ok(Self(one.to_owned(), other.to_owned()))
    }

    /// Gives the names.
    pub fn names(&self) -> [&str; 2] {
        [&self.0, &self.1]
    }

    pub(crate) fn owned_names(&self) -> Vec<String> {
        vec![self.0.clone(), self.1.clone()]
    }
}

#[derive(Serialize)]
struct Reset<'a> {
    at: UtcTime,
    by: [&'a str; 2],
    reason: &'a str,
    root: u64,
    timestamp: u64,
    snapshot: u64,
}

/// Restores a damaged, missing or fallen-behind mark from the minimum of the enrolment and the installed set's floor.
/// Who did it and why is remembered. Gives the line that was written.
///
/// Errors: a mark that is intact, since this must not become a way back to an old release.
pub fn reset(
    room: &Room,
    publisher: &PublisherId,
    installed: Option<&MinimumVersions>,
    by: &TwoPeople,
    reason: &str,
    now: UtcTime,
) -> Result<String, Error> {
    let _lock = room.lock()?;
    let desk = room.desk(publisher);
    let account = Account::read(room, publisher)?.ok_or_else(|| Error::NotEnrolled(publisher.clone()))?;
    let root = keeper(account.root.as_bytes(), "the root of the enrolment")?.root().version;
    let first = Mark::first(publisher, &account.minimum, root, sha256(account.root.as_bytes()));
    let mut mark = match Mark::read(&desk, publisher) {
        Ok(mark) if installed.is_none_or(|installed| mark.reaches(installed)) => {
            return Err(Error::NothingToReset(publisher.clone()));
        }
        Ok(behind) => behind,
        Err(Error::MarkDamaged { .. }) => first,
        Err(error) => return Err(error),
    };
    if let Some(installed) = installed {
        mark.raise(installed);
    }
    let line =
        Reset { at: now, by: by.names(), reason, root: mark.root, timestamp: mark.timestamp, snapshot: mark.snapshot };
    let line = serde_json::to_string(&line).expect("a reset has text keys and no floats");
    // Remembered first: a reset that nobody knows of must not be possible.
    desk.append(RESETS, &line)?;
    mark.write(&desk)?;
    Ok(line)
}

/// What this workstation knows of one publisher.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The publisher.
    pub publisher: PublisherId,
    /// Its set; absent for a partner of which nothing came yet.
    pub set: Option<SetName>,
    /// Title for people.
    pub title: String,
    /// Where it publishes.
    pub address: Option<String>,
    /// Who introduced it.
    pub introduced_by: Option<PublisherId>,
    /// True when it is no longer trusted.
    pub revoked: bool,
    /// Highest versions that were accepted; absent when the mark cannot be relied on.
    pub seen: Option<MinimumVersions>,
    /// Newest publication time that was accepted.
    pub published: Option<UtcTime>,
    /// What is wrong with its files here, if anything is.
    pub damage: Option<String>,
    /// The server that is shown a certificate or token.
    pub access_for: Option<String>,
}

/// Tells what is known of every publisher.
pub fn status(room: &Room) -> Result<Vec<Status>, Error> {
    Ok(Account::all(room)?.map(|(publisher, account)| one_status(room, publisher, account)).collect())
}

fn one_status(room: &Room, publisher: PublisherId, account: Result<Account, Error>) -> Status {
    let desk = room.desk(&publisher);
    let mark = Mark::read(&desk, &publisher);
    let access = Access::read(&desk);
    let damage = [account.as_ref().err(), mark.as_ref().err(), access.as_ref().err()].into_iter().flatten().next();
    let damage = damage.map(ToString::to_string);
    let (account, mark) = (account.ok(), mark.ok());
    let introduction = account.as_ref().and_then(|account| account.introduction.as_ref());
    let seen = |mark: &Mark| MinimumVersions { root: mark.root, timestamp: mark.timestamp, snapshot: mark.snapshot };
    Status {
        introduced_by: introduction.map(|introduction| introduction.by.clone()),
        revoked: introduction.is_some_and(|introduction| introduction.partner.revoked),
        seen: mark.as_ref().map(seen),
        published: mark.and_then(|mark| mark.published),
        damage,
        access_for: access.ok().flatten().map(|access| access.origin),
        set: account.as_ref().and_then(|account| account.set.clone()),
        title: account.as_ref().map(|account| account.title.clone()).unwrap_or_default(),
        address: account.and_then(|account| account.address),
        publisher,
    }
}
