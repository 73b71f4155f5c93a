//! Keys: those of minisign, with which team leads sign, and those of `age`, with which recipients read.

use std::fmt;
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use domain::release::Lead;
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox, SignatureBox};
use zeroize::Zeroizing;

use super::fault::Fault;
use super::{IDENTITIES_MAX, MANIFEST_FILE};

/// Longest passphrase, as minisign has it.
const PASSPHRASE_BYTES_MAX: usize = 1024;
/// Length of 64 bytes in base64.
const SECOND_SIGNATURE_CHARS: usize = 88;

/// Says why a key cannot be used. It never holds the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The passphrase is empty or too long.
    #[error("a signing key needs a passphrase of 1 to {PASSPHRASE_BYTES_MAX} bytes")]
    Passphrase,
    /// The text is no secret key of minisign.
    #[error("this is no secret key of minisign: it has a line of comment, and a line of base64")]
    NotASigningKey,
    /// Whoever finds the file can sign with it.
    #[error(
        "this signing key has no passphrase, so that whoever finds it can sign. Make a new one, and have the old one revoked"
    )]
    NotProtected,
    /// The passphrase is not the one of this key.
    #[error("the passphrase does not open this signing key, or the file is damaged")]
    WrongPassphrase,
    /// The text is no recipient of `age`.
    #[error("this is no recipient: it begins with `age1` and has 62 characters")]
    NotARecipient,
    /// The text is no identity of `age`.
    #[error("this is no reading key: a line of it begins with `AGE-SECRET-KEY-1`")]
    NotAnIdentity,
    /// The system has no random numbers, or the library refused.
    #[error("a key could not be made: {what}")]
    Made {
        /// What was said.
        what: String,
    },
}

/// A team lead's signing key, opened.
pub struct Signer {
    secret: SecretKey,
    public: PublicKey,
}

impl fmt::Debug for Signer {
    // The library's own form would print the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.key_id())
    }
}

impl Signer {
    /// Opens a secret key, the text of a file that `minisign -G` or [`new_signing_key`] has made.
    pub fn read(text: &str, passphrase: &str) -> Result<Self, KeyError> {
        let boxed = SecretKeyBox::from_string(text).map_err(|_| KeyError::NotASigningKey)?;
        if boxed.clone().into_unencrypted_secret_key().is_ok() {
            return Err(KeyError::NotProtected);
        }
        if !passphrase_fits(passphrase) {
            return Err(KeyError::Passphrase);
        }
        let secret = boxed.into_secret_key(Some(passphrase.to_owned())).map_err(|error| match error.kind() {
            minisign::ErrorKind::Verify => KeyError::WrongPassphrase,
            _ => KeyError::NotASigningKey,
        })?;
        let public = PublicKey::from_secret_key(&secret).map_err(|_| KeyError::NotASigningKey)?;
        Ok(Self { secret, public })
    }

    /// Gives the public key as the list of team leads has it: 56 characters.
    pub fn public(&self) -> String {
        self.public.to_base64()
    }

    /// Gives the number of the key as minisign shows it: 16 hex digits.
    pub fn key_id(&self) -> String {
        key_id(self.secret.keynum())
    }

    /// Signs a manifest; `seconds` since 1970 becomes part of the signature.
    pub(crate) fn sign(&self, manifest: &[u8], seconds: i64) -> Result<String, Fault> {
        let trusted = format!("timestamp:{seconds}\tfile:{MANIFEST_FILE}");
        let signed = minisign::sign(
            Some(&self.public),
            &self.secret,
            manifest,
            Some(&trusted),
            Some("signature of the manifest of a Zeef package"),
        );
        let signed = signed.map_err(|error| Fault::Library { library: "minisign", what: error.to_string() })?;
        Ok(signed.into_string())
    }
}

fn passphrase_fits(passphrase: &str) -> bool {
    (1..=PASSPHRASE_BYTES_MAX).contains(&passphrase.len())
}

/// Shows the number of a key: its bytes in the order of significance.
fn key_id(keynum: &[u8]) -> String {
    keynum.iter().rev().map(|byte| format!("{byte:02X}")).collect()
}

/// Makes a signing key. Gives the texts of the secret file, which the passphrase protects, and of the public one.
pub fn new_signing_key(passphrase: &str) -> Result<(Zeroizing<String>, String), KeyError> {
    if !passphrase_fits(passphrase) {
        return Err(KeyError::Passphrase);
    }
    let made = |error: minisign::PError| KeyError::Made { what: error.to_string() };
    let pair = KeyPair::generate_encrypted_keypair(Some(passphrase.to_owned())).map_err(made)?;
    let secret = pair.sk.to_box(Some("secret signing key of a team lead: keep it to yourself")).map_err(made)?;
    let public = pair.pk.to_box().map_err(made)?;
    Ok((Zeroizing::new(secret.into_string()), public.into_string()))
}

/// Makes a reading key. Gives the text of the secret file and the recipient that others encrypt to.
pub fn new_identity() -> (Zeroizing<String>, String) {
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    let text = format!("# public key: {recipient}\n{}\n", identity.to_string().expose_secret());
    (Zeroizing::new(text), recipient)
}

/// Checks a recipient, and writes it as `age` does.
pub fn recipient_of(text: &str) -> Result<String, KeyError> {
    let recipient = age::x25519::Recipient::from_str(text.trim()).map_err(|_| KeyError::NotARecipient)?;
    Ok(recipient.to_string())
}

/// Reads a file of reading keys, as `age-keygen` writes it.
pub(crate) fn identities(text: &str) -> Result<Vec<age::x25519::Identity>, Fault> {
    let mut found = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |_| Fault::Identity { what: format!("line {}: {}", place + 1, KeyError::NotAnIdentity) };
        found.push(age::x25519::Identity::from_str(line).map_err(wrong)?);
        if found.len() > IDENTITIES_MAX {
            return Err(Fault::Identity { what: format!("it holds more than {IDENTITIES_MAX}") });
        }
    }
    if found.is_empty() {
        return Err(Fault::Identity { what: "it holds none".to_owned() });
    }
    Ok(found)
}

/// Finds the team lead whose key has signed a manifest. Whether the key is to be trusted is for the caller.
pub(crate) fn signer_of<'a>(manifest: &[u8], signature: &str, leads: &'a [Lead]) -> Result<&'a Lead, Fault> {
    // The library takes the length of the second signature for granted, and would end the program.
    let second = signature.lines().nth(3).map_or("", str::trim);
    if second.len() != SECOND_SIGNATURE_CHARS || !second.ends_with("==") {
        return Err(Fault::BadSignature);
    }
    let signature = SignatureBox::from_string(signature).map_err(|_| Fault::BadSignature)?;
    let keyed = |lead: &'a Lead| {
        let key = PublicKey::from_base64(lead.key.trim()).ok()?;
        (key.keynum() == signature.keynum()).then_some((lead, key))
    };
    let candidates: Vec<_> = leads.iter().filter_map(keyed).collect();
    if candidates.is_empty() {
        return Err(Fault::UnknownSigner { key_id: key_id(signature.keynum()) });
    }
    // Anybody can choose the number of a key, so that several may have it: the signature decides.
    let holds =
        |key: &PublicKey| minisign::verify(key, &signature, std::io::Cursor::new(manifest), true, false, false).is_ok();
    let verified: Vec<&Lead> = candidates.iter().filter(|(_, key)| holds(key)).map(|(lead, _)| *lead).collect();
    // Of two lines about one key, the one that revokes it counts.
    let revoked = verified.iter().find(|lead| lead.revoked).copied();
    revoked.or(verified.first().copied()).ok_or(Fault::BadSignature)
}

/// Gives the number of a lead's key.
pub(crate) fn key_id_of(lead: &Lead) -> String {
    PublicKey::from_base64(lead.key.trim()).map(|key| key_id(key.keynum())).unwrap_or_default()
}
