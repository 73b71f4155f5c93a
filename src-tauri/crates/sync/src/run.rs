//! A run: every publisher in turn, then the partners that they introduce. What one of them does wrong harms no other.

use std::collections::BTreeMap;

use domain::release::{Enrolment, Handover, MinimumVersions, TRUST_MAP_TARGET};
use domain::{Freshness, PublisherId, SetName, SetVersion, UtcTime};
use serde::Serialize;

use crate::account::{Account, ENROLMENT_BYTES_MAX, TwoPeople};
use crate::error::Error;
use crate::folder::Room;
use crate::leads;
use crate::mark::Mark;
use crate::partners::{Word, follow, read_map};
use crate::transport::{Patience, Source, Web};
use crate::visit::{Release, Visit, collect, verify};

/// What a run is to do.
#[derive(Debug)]
pub struct Order {
    /// Whose releases; empty is everybody's.
    pub publishers: Vec<PublisherId>,
    /// A folder or an address to read instead of the publishers' own. A publisher's repository is there, or in the folder
    /// of its name; a partner's is always in the folder of its name.
    pub from: Option<String>,
    /// The versions that are installed.
    pub installed: BTreeMap<PublisherId, SetVersion>,
    /// The versions by which installed sets were found to be the newest, as the store keeps them.
    pub floors: BTreeMap<PublisherId, MinimumVersions>,
    /// Who takes what is beyond grace.
    pub people: Option<TwoPeople>,
    /// What the clock of this machine says.
    pub now: UtcTime,
    /// How servers are talked to.
    pub web: Web,
}

/// How far a run is with one publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// The publisher.
    pub publisher: PublisherId,
    /// The file that is being fetched; empty while metadata is.
    pub file: String,
    /// Files that are there.
    pub files_done: usize,
    /// Files of the way.
    pub files: usize,
    /// Bytes that are there.
    pub bytes_done: u64,
    /// Bytes of the way.
    pub bytes: u64,
    /// Something that a person may want to know, and that is no failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Progress {
    /// Starts to count.
    pub(crate) fn of(publisher: &PublisherId, files: usize, bytes: u64) -> Self {
        Self {
            publisher: publisher.clone(),
            file: String::new(),
            files_done: 0,
            files,
            bytes_done: 0,
            bytes,
            note: None,
        }
    }

    fn note(publisher: &PublisherId, note: String) -> Self {
        Self { note: Some(note), ..Self::of(publisher, 0, 0) }
    }
}

/// Who is told what.
struct Ears<'a> {
    progress: &'a mut dyn FnMut(&Progress),
    handover: &'a mut dyn FnMut(Handover),
}

/// Fetches and verifies the releases of the publishers of `order`, and hands one [`Handover`] over for each.
///
/// Errors: another run, a publisher that is not enrolled, an unreadable post room. All else is in the handovers.
pub async fn fetch(
    room: &Room,
    order: &Order,
    patience: &mut Patience,
    progress: &mut dyn FnMut(&Progress),
    handover: &mut dyn FnMut(Handover),
) -> Result<(), Error> {
    let _lock = room.lock()?;
    let known = room.publishers()?;
    if let Some(stranger) = order.publishers.iter().find(|one| !known.contains(one)) {
        return Err(Error::NotEnrolled(stranger.clone()));
    }
    let mut ears = Ears { progress, handover };
    let mut words = BTreeMap::new();
    for publisher in known.iter().filter(|one| order.wants(one)) {
        match Account::read(room, publisher) {
            Ok(Some(account)) if account.introduction.is_none() => {
                by_hand(room, order, account, patience, &mut ears, &mut words).await;
            }
            Ok(_) => {}
            Err(error) => {
                words.insert(publisher.clone(), Word::Failed(error));
            }
        }
    }
    // Read again: partners may have come.
    for publisher in room.publishers()?.iter().filter(|one| order.wants(one)) {
        if let Ok(Some(account)) = Account::read(room, publisher)
            && account.introduction.is_some()
        {
            let word = words.remove(publisher);
            partner(room, order, account, word, patience, &mut ears).await;
        } else if let Some(Word::Failed(error)) = words.remove(publisher) {
            (ears.handover)(refused(publisher, set_of(publisher), &error));
        }
    }
    for (publisher, word) in words {
        if let (Word::Failed(error), true) = (word, order.wants(&publisher)) {
            (ears.handover)(refused(&publisher, set_of(&publisher), &error));
        }
    }
    Ok(())
}

impl Order {
    fn wants(&self, publisher: &PublisherId) -> bool {
        self.publishers.is_empty() || self.publishers.contains(publisher)
    }

    fn visit<'a>(&'a self, room: &'a Room, account: &Account, source: Source) -> Visit<'a> {
        Visit {
            room,
            source,
            clock: self.now,
            installed: self.installed.get(&account.publisher).copied(),
            floor: self.floors.get(&account.publisher).copied(),
            people: self.people.as_ref(),
        }
    }
}

/// Visits a publisher that was enrolled by hand, and learns its partners.
async fn by_hand(
    room: &Room,
    order: &Order,
    mut account: Account,
    patience: &mut Patience,
    ears: &mut Ears<'_>,
    words: &mut BTreeMap<PublisherId, Word>,
) {
    let outcome = by_hand_outcome(room, order, &mut account, patience, ears, words).await;
    (ears.handover)(outcome.unwrap_or_else(|error| refused(&account.publisher, account.set_name(), &error)));
}

async fn by_hand_outcome(
    room: &Room,
    order: &Order,
    account: &mut Account,
    patience: &mut Patience,
    ears: &mut Ears<'_>,
    words: &mut BTreeMap<PublisherId, Word>,
) -> Result<Handover, Error> {
    let (visit, release) = verified(room, order, account, patience, ears).await?;
    match read_map(&release, &visit.source, patience).await {
        Ok(Some(map)) => {
            let listed = follow(room, account, map, &release, &visit.source, patience).await;
            unlisted(room, account, &listed, words);
            for (publisher, word) in listed {
                match word {
                    Word::Ignored(why) => (ears.progress)(&Progress::note(&account.publisher, why)),
                    word => {
                        words.insert(publisher, word);
                    }
                }
            }
        }
        Ok(None) => unlisted(room, account, &BTreeMap::new(), words),
        // What the map says now is not known: it may be that a partner is revoked.
        Err(error) => {
            for partner in introduced_by(room, account) {
                let why = format!("the trust map of {} cannot be read: {error}", account.publisher);
                words.insert(partner, Word::Failed(Error::untrusted(TRUST_MAP_TARGET, why)));
            }
            (ears.progress)(&Progress::note(&account.publisher, format!("its partners are not followed: {error}")));
        }
    }
    // The set is taken all the same: who may sign packages is another matter.
    if let Err(error) = leads::keep(room, account, &release, &visit.source, patience).await {
        let note = format!("its list of team leads is not kept, and none is there now: {error}");
        (ears.progress)(&Progress::note(&account.publisher, note));
    }
    collect(&visit, account, release, patience, ears.progress).await
}

/// Lists the partners that a publisher introduced. A desk that cannot be read is refused for that, later.
fn introduced_by(room: &Room, by: &Account) -> Vec<PublisherId> {
    let accounts = Account::all(room).into_iter().flatten().filter_map(|(_, account)| account.ok());
    let by_this = |account: &Account| account.introduction.as_ref().is_some_and(|one| one.by == by.publisher);
    accounts.filter(by_this).map(|account| account.publisher).collect()
}

/// Refuses the partners that a publisher introduced once and no longer lists: nobody vouches for them.
fn unlisted(room: &Room, by: &Account, listed: &BTreeMap<PublisherId, Word>, words: &mut BTreeMap<PublisherId, Word>) {
    for partner in introduced_by(room, by).into_iter().filter(|partner| !listed.contains_key(partner)) {
        let gone = Error::untrusted(TRUST_MAP_TARGET, format!("{} no longer lists {partner}", by.publisher));
        words.insert(partner, Word::Failed(gone));
    }
}

/// Visits a partner.
async fn partner(
    room: &Room,
    order: &Order,
    mut account: Account,
    word: Option<Word>,
    patience: &mut Patience,
    ears: &mut Ears<'_>,
) {
    let revoked = account.introduction.as_ref().is_some_and(|one| one.partner.revoked);
    let outcome = match word {
        Some(Word::Failed(error)) => Err(error),
        _ if revoked => Ok(Handover::Revoked { publisher: account.publisher.clone(), set: account.set_name() }),
        _ => partner_outcome(room, order, &mut account, patience, ears).await,
    };
    (ears.handover)(outcome.unwrap_or_else(|error| refused(&account.publisher, account.set_name(), &error)));
}

async fn partner_outcome(
    room: &Room,
    order: &Order,
    account: &mut Account,
    patience: &mut Patience,
    ears: &mut Ears<'_>,
) -> Result<Handover, Error> {
    let (visit, release) = verified(room, order, account, patience, ears).await?;
    if release.metadata.files.contains_key(TRUST_MAP_TARGET) {
        let note = "a partner introduces nobody: its trust map is ignored".to_owned();
        (ears.progress)(&Progress::note(&account.publisher, note));
    }
    collect(&visit, account, release, patience, ears.progress).await
}

/// Visits a publisher, and verifies what its release says of itself.
async fn verified<'a>(
    room: &'a Room,
    order: &'a Order,
    account: &mut Account,
    patience: &mut Patience,
    ears: &mut Ears<'_>,
) -> Result<(Visit<'a>, Release), Error> {
    let vouched = vouched(room, order, account)?;
    let source = source_of(room, order, account).await?;
    (ears.progress)(&Progress::of(&account.publisher, 0, 0));
    let visit = order.visit(room, account, source);
    let mut release = verify(&visit, account, patience).await?;
    if let Some(people) = vouched {
        release.overridden_by = people.owned_names();
    }
    Ok((visit, release))
}

/// Checks that the word of the publisher that introduced a partner still holds; gives the people who take it although it
/// does not. No newer word may have come because somebody keeps it away, and it may be that the partner is revoked.
fn vouched<'a>(room: &Room, order: &'a Order, account: &Account) -> Result<Option<&'a TwoPeople>, Error> {
    let Some(word) = &account.introduction else { return Ok(None) };
    let published = Mark::read(&room.desk(&word.by), &word.by).ok().and_then(|mark| mark.published);
    let now = published.map_or(order.now, |published| published.max(order.now));
    if Freshness::at(now, word.expires, word.grace_days) != Freshness::Beyond {
        return Ok(None);
    }
    let expired = Error::Expired { role: "trust-map", expires: word.expires, grace_days: word.grace_days, now };
    order.people.as_ref().map(Some).ok_or(expired)
}

/// Finds the place of a publisher's repository.
async fn source_of(room: &Room, order: &Order, account: &Account) -> Result<Source, Error> {
    let desk = room.desk(&account.publisher);
    let name = account.publisher.as_str();
    let Some(from) = &order.from else {
        let Some(address) = &account.address else {
            return Err(Error::Carried(account.publisher.clone()));
        };
        return Source::of(address, &desk, &order.web);
    };
    let base = Source::of(from, &desk, &order.web)?;
    let below = base.below(name);
    if account.introduction.is_some() {
        return Ok(below);
    }
    // Only where it is looked for hangs on this; what is there is verified all the same.
    let mut once = Patience { tries: 1, pause: Box::new(|_| std::time::Duration::ZERO) };
    if let Ok(Some(_)) = below.read("metadata/timestamp.json", ENROLMENT_BYTES_MAX, &mut once).await {
        return Ok(below);
    }
    let named = base.read(domain::release::ENROLMENT_FILE, ENROLMENT_BYTES_MAX, &mut once).await.ok().flatten();
    let named = named.and_then(|bytes| serde_json::from_slice::<Enrolment>(&bytes).ok());
    match named {
        Some(other) if other.publisher != account.publisher => Err(Error::Unreachable {
            place: from.clone(),
            problem: format!("it has the releases of {}, not of {}", other.publisher, account.publisher),
            again: false,
        }),
        _ => Ok(base),
    }
}

fn set_of(publisher: &PublisherId) -> SetName {
    publisher.as_str().parse().expect("the name of a publisher can name a set")
}

fn refused(publisher: &PublisherId, set: SetName, error: &Error) -> Handover {
    Handover::Refused {
        publisher: publisher.clone(),
        set,
        code: error.code(),
        message: error.to_string(),
        hint: error.hint().to_owned(),
        again: matches!(error, Error::Unreachable { again: true, .. }),
    }
}
