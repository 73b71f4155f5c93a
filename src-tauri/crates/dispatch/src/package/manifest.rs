//! The manifest: who sends what to whom, and the SHA-256 of every file. It is what a team lead signs.

use domain::{Scheme, Sha256, UserName, UtcTime};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use super::fault::Fault;
use super::{
    FILES_MAX, MANIFEST_BYTES_MAX, MANIFEST_FILE, MEDIA_FOLDER, MEDIA_MAX, NAME_BYTES_MAX, PACKAGE_FORMAT,
    RECIPIENTS_MAX, SIGNATURE_FILE, TEXT_CHARS_MAX, keys, media_name,
};

/// Tells which items a package is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Those that were classified.
    Classified,
    /// All contents of the case.
    All,
}

/// Holds the head of a case's ledger, so that the package can be compared with the case later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerHead {
    /// Number of operations.
    pub operations: u64,
    /// Hash of the last one.
    pub hash: Sha256,
}

/// Says what a package is, and who answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Id of the case, which no other case has.
    pub case_id: String,
    /// Number of the case.
    pub case_number: String,
    /// Unit whose case it is.
    pub unit: String,
    /// Which items.
    pub what: What,
    /// Who asked for it.
    pub requested_by: UserName,
    /// Who signs it, as the case knows them. Whose key it is says the list of team leads.
    pub signed_by: UserName,
    /// Unit of the signer.
    pub unit_of_signer: String,
    /// When it was made.
    pub made: UtcTime,
    /// The case's ledger at that time.
    pub ledger: LedgerHead,
    /// Scheme of the categories.
    pub scheme: Scheme,
    /// Number of items.
    pub items: u64,
    /// Whether media are in it.
    pub media: bool,
}

impl Head {
    /// Checks what the types do not say.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        // Whoever keeps the case holds the four eyes. They are looked at again here, where others read them.
        if self.requested_by == self.signed_by {
            return Err(Fault::OnePerson { name: domain::escaped(self.signed_by.as_str().as_bytes()) });
        }
        let texts = [&self.case_id, &self.case_number, &self.unit, &self.unit_of_signer];
        if texts.iter().any(|text| text.chars().count() > TEXT_CHARS_MAX) || self.case_id.trim().is_empty() {
            let what = format!("the case has no id, or a text is longer than {TEXT_CHARS_MAX} characters");
            return Err(Fault::Manifest { what });
        }
        Ok(())
    }
}

/// Names somebody for whom a package is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Name for people.
    pub name: String,
    /// Recipient of `age`.
    pub key: String,
}

/// Describes a named file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageFile {
    /// Name.
    pub name: String,
    /// Length.
    pub bytes: u64,
    /// SHA-256 of the content.
    pub sha256: Sha256,
}

/// Describes the media of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaTotals {
    /// Number.
    pub count: u64,
    /// Length of all.
    pub bytes: u64,
    /// SHA-256 of what `sha256sum media/*` prints: a line for each, by name.
    pub list_sha256: Sha256,
}

impl MediaTotals {
    /// Sums media up. `Err` is a medium that is there twice.
    pub(crate) fn of(mut digests: Vec<[u8; 32]>, bytes: u64) -> Result<Self, Fault> {
        digests.sort_unstable();
        if let Some(pair) = digests.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Fault::Twice { file: media_name(&Sha256(pair[0])) });
        }
        let mut list = sha2::Sha256::new();
        for digest in &digests {
            let digest = Sha256(*digest);
            list.update(format!("{digest}  {MEDIA_FOLDER}/{digest}\n"));
        }
        Ok(Self { count: digests.len() as u64, bytes, list_sha256: Sha256(list.finalize().into()) })
    }
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// [`PACKAGE_FORMAT`].
    pub format: String,
    /// What it is.
    pub head: Head,
    /// For whom.
    pub recipients: Vec<Recipient>,
    /// The named files, in their order.
    pub files: Vec<PackageFile>,
    /// The media.
    pub media: MediaTotals,
}

impl Manifest {
    /// Gives the bytes that are signed.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("the manifest has texts as its keys");
        bytes.push(b'\n');
        bytes
    }

    /// Reads the bytes that were signed, and checks what the types do not say.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let wrong = |what: String| Fault::Manifest { what };
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| {
            // The message quotes what stands there.
            wrong(domain::escaped(error.to_string().as_bytes()))
        })?;
        if manifest.format != PACKAGE_FORMAT {
            return Err(wrong("its form is not known. Open it with the version of Zeef that made it".to_owned()));
        }
        manifest.check()?;
        Ok(manifest)
    }

    /// Checks what must hold where it is written, and again where it is read.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.head.check()?;
        recipients(&self.recipients)?;
        if self.files.len() > FILES_MAX {
            return Err(Fault::TooLarge { what: "the number of its files", max: FILES_MAX as u64 });
        }
        if self.media.count > MEDIA_MAX as u64 {
            return Err(Fault::TooLarge { what: "the number of its media", max: MEDIA_MAX as u64 });
        }
        for (place, file) in self.files.iter().enumerate() {
            if !matches!(Name::read(file.name.as_bytes())?, Name::Named(_)) {
                return Err(Fault::BadName { name: domain::escaped(file.name.as_bytes()) });
            }
            if self.files[..place].iter().any(|before| before.name == file.name) {
                return Err(Fault::Twice { file: file.name.clone() });
            }
        }
        if self.head.media != (self.media.count > 0) {
            return Err(Fault::Manifest { what: "it says one thing of media, and lists another".to_owned() });
        }
        Ok(())
    }
}

/// Checks the recipients of a package.
pub(crate) fn recipients(list: &[Recipient]) -> Result<(), Fault> {
    let wrong = |what: String| Err(Fault::Manifest { what });
    if list.is_empty() || list.len() > RECIPIENTS_MAX {
        return wrong(format!("it is for {} recipients; name 1 to {RECIPIENTS_MAX}", list.len()));
    }
    for (place, one) in list.iter().enumerate() {
        let shown = domain::escaped(one.name.as_bytes());
        if one.name.trim().is_empty() || one.name.chars().count() > TEXT_CHARS_MAX {
            return wrong(format!("recipient {} needs a name of 1 to {TEXT_CHARS_MAX} characters", place + 1));
        }
        if keys::recipient_of(&one.key).ok().as_ref() != Some(&one.key) {
            return wrong(format!("the key of recipient `{shown}` is none of `age`: it begins with `age1`"));
        }
        if list[..place].iter().any(|before| before.key == one.key) {
            return wrong(format!("recipient `{shown}` is named twice"));
        }
    }
    Ok(())
}

/// What a file of a package is, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    /// A named file.
    Named(String),
    /// A medium, by the SHA-256 of its content.
    Medium(Sha256),
    /// The manifest.
    Manifest,
    /// The signature over it.
    Signature,
}

impl Name {
    /// Reads a name. Whatever is not one of few plain forms is refused, so that no name can lead out of a folder, mean a
    /// device, or be the same as another where capitals do not count.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let bad = || Fault::BadName { name: domain::escaped(&bytes[..bytes.len().min(NAME_BYTES_MAX)]) };
        let text = std::str::from_utf8(bytes).map_err(|_| bad())?;
        if let Some(hex) = text.strip_prefix(MEDIA_FOLDER).and_then(|rest| rest.strip_prefix('/')) {
            let digest: Sha256 = hex.parse().map_err(|_| bad())?;
            return if media_name(&digest) == text { Ok(Self::Medium(digest)) } else { Err(bad()) };
        }
        let first = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let plain = |c: char| first(c) || matches!(c, '-' | '_' | '.');
        let fits = text.len() <= NAME_BYTES_MAX
            && text.starts_with(first)
            && text.chars().all(plain)
            && !text.ends_with('.')
            && text != MEDIA_FOLDER
            && !is_device(text);
        match text {
            MANIFEST_FILE => Ok(Self::Manifest),
            SIGNATURE_FILE => Ok(Self::Signature),
            _ if fits => Ok(Self::Named(text.to_owned())),
            _ => Err(bad()),
        }
    }
}

/// Tells whether a name means a device on Windows, whatever follows its first dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    matches!(stem, "con" | "prn" | "aux" | "nul") || numbered.is_some_and(|rest| rest.len() == 1)
}

// The limits of the parts leave room: 64 files and 100 recipients with names of 500 characters fit into a manifest.
const _: () = assert!(
    (FILES_MAX * 400 + RECIPIENTS_MAX * (TEXT_CHARS_MAX * 6 + 200)) as u64 <= MANIFEST_BYTES_MAX / 2,
    "a manifest that may be written may be read"
);
