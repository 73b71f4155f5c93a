//! The key file: the case's random key, wrapped for each user by a passphrase.
//!
//! Argon2id (RFC 9106) turns the passphrase into a key; XChaCha20-Poly1305 wraps the case's key with it and binds the
//! wrap to the case, the user and the cost, so that a changed parameter opens nothing. The file shows no name: a slot is
//! found by a salted digest. Who is not in it costs the same work as who is, and gets the same answer.
//!
//! A removed user who kept an old copy of the file could still unwrap the key with it; the case refuses that user all
//! the same, and the ledger notes that the file was changed. Only a new key (another case) takes away what was known.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use domain::{Sha256, UserName};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::canon::{Canon, sha256};
use crate::error::{CasePart, damaged};
use crate::secret::{Entropy, Passphrase};
use crate::{CasefileError, Result};

/// Length of the case's key, of salts, and of the keys that come from passphrases.
const KEY_BYTES: usize = 32;
/// Length of the nonce of XChaCha20-Poly1305.
const NONCE_BYTES: usize = 24;
/// Length of the wrapped key with its tag.
const WRAPPED_BYTES: usize = KEY_BYTES + 16;
/// Largest cost that a key file may ask for, so that a changed one cannot stop the machine: 4 GiB, 64 passes, 16 lanes.
const COST_MAX: KdfCost = KdfCost { memory_kib: 4 << 20, passes: 64, lanes: 16 };
/// Most users that a key file may have.
const SLOTS_MAX: usize = 1000;

/// Holds what one try of a passphrase costs (RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KdfCost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for KdfCost {
    /// 256 MiB, three passes, one lane.
    fn default() -> Self {
        Self { memory_kib: 256 << 10, passes: 3, lanes: 1 }
    }
}

/// Holds the random key of a case. Wiped when dropped; no `Debug`.
#[derive(Clone)]
pub(crate) struct CaseKey(Zeroizing<[u8; KEY_BYTES]>);

impl CaseKey {
    pub fn draw(entropy: &mut dyn Entropy) -> Self {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        entropy.fill(&mut *key);
        Self(key)
    }

    /// Derives the raw key of one of the two databases, or of an index, in SQLCipher's notation for raw keys.
    pub fn database_key(&self, part: CasePart) -> Zeroizing<String> {
        let mut canon = Canon::new(match part {
            CasePart::Derived => "zeef key of derived.zeef 1",
            CasePart::Index => "zeef key of an index 1",
            _ => "zeef key of case.zeef 1",
        });
        canon.bytes(&*self.0);
        let key = Zeroizing::new(canon.finish().0);
        let mut text = Zeroizing::new(String::with_capacity(3 + 2 * KEY_BYTES));
        text.push_str("x'");
        for byte in key.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).expect("four bits are one hex digit"));
            }
        }
        text.push('\'');
        text
    }
}

/// Holds the key file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyFile {
    format: u32,
    case_id: String,
    cost: KdfCost,
    salt: Sha256,
    slots: Vec<Slot>,
}

/// Holds the key as wrapped for one user.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Slot {
    who: Sha256,
    salt: Sha256,
    nonce: Vec<u8>,
    wrapped: Vec<u8>,
}

impl KeyFile {
    /// Makes a key file without users.
    pub fn new(case_id: &str, cost: KdfCost, entropy: &mut dyn Entropy) -> Self {
        let mut salt = [0; KEY_BYTES];
        entropy.fill(&mut salt);
        Self { format: 1, case_id: case_id.to_owned(), cost, salt: Sha256(salt), slots: Vec::new() }
    }

    /// Parses a key file and checks its limits.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let file: Self = serde_json::from_slice(bytes).map_err(|_| damaged(CasePart::Keys))?;
        if file.format > 1 {
            let found = i64::from(file.format);
            return Err(CasefileError::VersionTooNew { which: CasePart::Keys, found, supported: 1 });
        }
        let KdfCost { memory_kib, passes, lanes } = file.cost;
        let bounded = memory_kib <= COST_MAX.memory_kib && passes <= COST_MAX.passes && lanes <= COST_MAX.lanes;
        let whole = |slot: &Slot| slot.nonce.len() == NONCE_BYTES && slot.wrapped.len() == WRAPPED_BYTES;
        if !bounded || file.slots.len() > SLOTS_MAX || !file.slots.iter().all(whole) || params(file.cost).is_none() {
            return Err(damaged(CasePart::Keys));
        }
        Ok(file)
    }

    /// Gives the identity of the case, or of the index, that the key is of.
    pub fn case_id(&self) -> &str {
        &self.case_id
    }

    /// Gives the bytes to write.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("numbers and texts always become JSON");
        bytes.push(b'\n');
        bytes
    }

    /// Gives the digest that the ledger notes.
    pub fn digest(&self) -> Sha256 {
        sha256(&self.to_bytes())
    }

    /// Unwraps the case's key. Unknown user and wrong passphrase do the same work and get the same answer.
    pub fn unwrap(&self, user: &UserName, passphrase: &Passphrase) -> Result<CaseKey> {
        let who = self.tag(user);
        let nobody = Slot { who, salt: who, nonce: vec![0; NONCE_BYTES], wrapped: vec![0; WRAPPED_BYTES] };
        let slot = self.slots.iter().find(|slot| slot.who == who).unwrap_or(&nobody);
        let cipher = self.cipher(slot.salt, passphrase);
        let nonce = XNonce::try_from(slot.nonce.as_slice()).map_err(|_| damaged(CasePart::Keys))?;
        let payload = Payload { msg: &slot.wrapped, aad: &self.bound_to(user, slot.salt) };
        let plain = Zeroizing::new(cipher.decrypt(&nonce, payload).map_err(|_| CasefileError::AccessDenied)?);
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        if plain.len() != KEY_BYTES {
            return Err(CasefileError::AccessDenied);
        }
        key.copy_from_slice(&plain);
        Ok(CaseKey(key))
    }

    /// Wraps the key for a user, in place of what that user had.
    pub fn wrap(
        &mut self,
        user: &UserName,
        passphrase: &Passphrase,
        key: &CaseKey,
        entropy: &mut dyn Entropy,
    ) -> Result<()> {
        self.remove(user);
        if self.slots.len() >= SLOTS_MAX {
            return Err(CasefileError::Limit { what: "users", max: SLOTS_MAX });
        }
        let mut salt = [0; KEY_BYTES];
        entropy.fill(&mut salt);
        let mut nonce = [0; NONCE_BYTES];
        entropy.fill(&mut nonce);
        let salt = Sha256(salt);
        let aad = self.bound_to(user, salt);
        let wrapped = self
            .cipher(salt, passphrase)
            .encrypt(&XNonce::from(nonce), Payload { msg: &*key.0, aad: &aad })
            .expect("32 bytes are far below the cipher's limit");
        self.slots.push(Slot { who: self.tag(user), salt, nonce: nonce.to_vec(), wrapped });
        // A fixed order, so that the file does not tell who came first.
        self.slots.sort_by_key(|slot| slot.who);
        Ok(())
    }

    /// Takes a user's slot away.
    pub fn remove(&mut self, user: &UserName) {
        let who = self.tag(user);
        self.slots.retain(|slot| slot.who != who);
    }

    /// Tells whether a user has a slot.
    pub fn has(&self, user: &UserName) -> bool {
        let who = self.tag(user);
        self.slots.iter().any(|slot| slot.who == who)
    }

    /// Takes away every slot that is none of these users'.
    pub fn keep_only(&mut self, users: &[UserName]) {
        let tags: Vec<Sha256> = users.iter().map(|user| self.tag(user)).collect();
        self.slots.retain(|slot| tags.contains(&slot.who));
    }

    fn tag(&self, user: &UserName) -> Sha256 {
        let mut canon = Canon::new("zeef user 1");
        canon.bytes(&self.salt.0).bytes(user.as_str().as_bytes());
        canon.finish()
    }

    fn bound_to(&self, user: &UserName, salt: Sha256) -> [u8; 32] {
        let mut canon = Canon::new("zeef wrapped key 1");
        canon.bytes(self.case_id.as_bytes()).bytes(user.as_str().as_bytes()).bytes(&salt.0);
        for number in [self.cost.memory_kib, self.cost.passes, self.cost.lanes] {
            canon.number(i64::from(number));
        }
        canon.finish().0
    }

    fn cipher(&self, salt: Sha256, passphrase: &Passphrase) -> XChaCha20Poly1305 {
        #[cfg(test)]
        KDF_RUNS.with(|runs| runs.set(runs.get() + 1));
        let params = params(self.cost).expect("the cost was checked when the file was read or made");
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.bytes(), &salt.0, &mut *key)
            .expect("salt and key have lengths that Argon2 takes, and a passphrase is below 4 GiB");
        XChaCha20Poly1305::new((&*key).into())
    }
}

fn params(cost: KdfCost) -> Option<Params> {
    Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(KEY_BYTES)).ok()
}

#[cfg(test)]
thread_local! {
    /// Counts the runs of Argon2 in this thread: what "the same time" rests on.
    pub(crate) static KDF_RUNS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: KdfCost = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };

    struct Counting(u8);

    impl Entropy for Counting {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                self.0 = self.0.wrapping_mul(5).wrapping_add(3);
                *byte = self.0;
            }
        }
    }

    fn user(name: &str) -> UserName {
        name.parse().unwrap()
    }

    fn made() -> (KeyFile, CaseKey) {
        let mut entropy = Counting(7);
        let key = CaseKey::draw(&mut entropy);
        let mut file = KeyFile::new("case", CHEAP, &mut entropy);
        file.wrap(&user("Anna"), &Passphrase::new("correct horse"), &key, &mut entropy).unwrap();
        (file, key)
    }

    #[test]
    fn the_right_passphrase_gives_the_key() {
        let (file, key) = made();
        let read = KeyFile::parse(&file.to_bytes()).unwrap();
        let again = read.unwrap(&user("Anna"), &Passphrase::new("correct horse\n")).ok().unwrap();
        assert_eq!(*again.0, *key.0);
        assert_eq!(read.digest(), file.digest());
    }

    #[test]
    fn a_wrong_passphrase_and_an_unknown_user_do_the_same_work_and_get_the_same_answer() {
        let (file, _) = made();
        for (name, passphrase) in [("Anna", "wrong horse"), ("Bob", "correct horse"), ("Bob", "wrong horse")] {
            KDF_RUNS.with(|runs| runs.set(0));
            let error = file.unwrap(&user(name), &Passphrase::new(passphrase)).err().unwrap();
            assert_eq!(error.to_string(), CasefileError::AccessDenied.to_string());
            assert_eq!(KDF_RUNS.with(|runs| runs.get()), 1, "{name}");
        }
    }

    #[test]
    fn a_changed_cost_case_or_owner_opens_nothing() {
        let (file, _) = made();
        let passphrase = Passphrase::new("correct horse");
        let changed: [fn(&mut KeyFile); 4] = [
            |file| file.cost.passes += 1,
            |file| file.case_id.push('x'),
            |file| file.slots[0].who = file.tag(&user("Bob")),
            |file| file.slots[0].wrapped[0] ^= 1,
        ];
        for (index, change) in changed.into_iter().enumerate() {
            let mut file = file.clone();
            change(&mut file);
            for name in ["Anna", "Bob"] {
                assert!(file.unwrap(&user(name), &passphrase).is_err(), "change {index}, {name}");
            }
        }
    }

    #[test]
    fn a_cost_beyond_the_limit_is_damage() {
        let (mut file, _) = made();
        file.cost.memory_kib = u32::MAX;
        assert!(matches!(KeyFile::parse(&file.to_bytes()), Err(CasefileError::Damaged { which: CasePart::Keys })));
    }

    #[test]
    fn the_file_shows_no_name_and_no_key() {
        let (file, key) = made();
        let bytes = file.to_bytes();
        assert!(!bytes.windows(4).any(|window| window == b"Anna"));
        assert!(!bytes.windows(KEY_BYTES).any(|window| window == *key.0));
    }
}
