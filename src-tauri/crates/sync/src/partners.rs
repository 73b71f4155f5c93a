//! Partners: publishers that another publisher's signed trust map introduces, and takes back.
//!
//! The root of a partner comes as a target of the publisher that introduces it, with the hash that the trust map says. A
//! partner introduces nobody. Who was enrolled by hand, or was introduced by somebody else before, is left alone.

use std::collections::BTreeMap;

use domain::PublisherId;
use domain::release::{Partner, RELEASE_SCHEMA, TRUST_MAP_TARGET, TrustMap, partner_root_target};

use crate::account::{Account, Introduction, introduce, revoke};
use crate::download::read_target;
use crate::error::Error;
use crate::folder::{PUBLISHERS_MAX, Room};
use crate::refresh::{Metadata, ROOT_BYTES_MAX};
use crate::transport::{Patience, Source};

/// Largest number of bytes of a trust map.
const TRUST_MAP_BYTES_MAX: u64 = 1 << 20;

/// What the trust maps of one run said of a partner.
#[derive(Debug)]
pub(crate) enum Word {
    /// It is trusted, and enrolled.
    Trusted,
    /// It is no longer trusted.
    Revoked,
    /// It could not be enrolled.
    Failed(Error),
    /// It is somebody's who was here before: what this map says of it is not followed.
    Ignored(String),
}

/// Reads the trust map of a verified repository; one without it introduces nobody.
pub(crate) async fn read_map(
    metadata: &Metadata,
    source: &Source,
    patience: &mut Patience,
) -> Result<Option<TrustMap>, Error> {
    let Some(target) = metadata.files.get(TRUST_MAP_TARGET) else { return Ok(None) };
    let bytes = read_target(source, target, TRUST_MAP_BYTES_MAX, patience).await?;
    let unknown = |problem: String| Error::Unknown { what: TRUST_MAP_TARGET.to_owned(), problem };
    let map: TrustMap =
        serde_json::from_slice(&bytes).map_err(|error| unknown(format!("it cannot be read ({error})")))?;
    if map.schema != RELEASE_SCHEMA || map.partners.len() > PUBLISHERS_MAX {
        return Err(unknown("its form is not known to this version, or it names too many partners".to_owned()));
    }
    Ok(Some(map))
}

/// Enrols the partners of a trust map, and takes back those that it revokes.
pub(crate) async fn follow(
    room: &Room,
    by: &Account,
    map: TrustMap,
    metadata: &Metadata,
    source: &Source,
    patience: &mut Patience,
) -> BTreeMap<PublisherId, Word> {
    let mut words = BTreeMap::new();
    for (publisher, partner) in map.partners {
        let word = follow_one(room, by, &publisher, partner, metadata, source, patience).await;
        words.insert(publisher, word.unwrap_or_else(Word::Failed));
    }
    words
}

async fn follow_one(
    room: &Room,
    by: &Account,
    publisher: &PublisherId,
    partner: Partner,
    metadata: &Metadata,
    source: &Source,
    patience: &mut Patience,
) -> Result<Word, Error> {
    if *publisher == by.publisher {
        return Ok(Word::Ignored("its trust map names itself".to_owned()));
    }
    let known = Account::read(room, publisher)?;
    match known.as_ref().map(|known| known.introduction.as_ref().map(|one| &one.by)) {
        Some(None) => return Ok(Word::Ignored(format!("{publisher} was enrolled by hand, and that stands"))),
        Some(Some(other)) if *other != by.publisher => {
            return Ok(Word::Ignored(format!("{publisher} was introduced by {other}, and that stands")));
        }
        _ => {}
    }
    if partner.revoked {
        if let Some(known) = &known {
            revoke(room, known, &partner)?;
        }
        return Ok(Word::Revoked);
    }
    let name = partner_root_target(publisher);
    let missing = || Error::untrusted(TRUST_MAP_TARGET, format!("`{name}` is no target of the repository"));
    let target = metadata.files.get(&name).ok_or_else(missing)?;
    if target.sha256 != partner.root_sha256 {
        return Err(Error::untrusted(&name, "its SHA-256 is not what the trust map says"));
    }
    let root = read_target(source, target, ROOT_BYTES_MAX, patience).await?;
    let root = String::from_utf8(root).map_err(|_| Error::untrusted(&name, "it is not text"))?;
    let introduction =
        Introduction { schema: RELEASE_SCHEMA, by: by.publisher.clone(), partner, root, limits: by.limits };
    introduce(room, publisher, &introduction)?;
    Ok(Word::Trusted)
}
