//! A team lead who sends, a custodian who receives, and what an attacker can do with a package that they have got.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::OnceLock;

use dispatch::package::{
    CSV_FILE, Fault, Head, ITEMS_FILE, LedgerHead, Opened, PackageError, PackageWriter, Signer, What, Written,
    media_name, new_identity, new_signing_key, open, open_for, verify, write_item,
};
use domain::release::{Lead, Leads, RELEASE_SCHEMA};
use domain::{
    Category, CategoryCode, ClassifiedItem, ClassifiedVeto, Digests, EntryId, Flags, Md5, MediaClass, MediaType, Pdq,
    Scheme, SchemeId, SetVersion, Sha1, Sha256, Standing, UtcTime, Vote,
};
use sha2::Digest as _;

pub const PASSPHRASE: &str = "four words are better than one";

pub fn time(text: &str) -> UtcTime {
    UtcTime::parse(text).unwrap()
}

pub fn now() -> UtcTime {
    time("2026-03-14T12:00:00Z")
}

/// Keys are made once: a passphrase is stretched for a tenth of a second each time.
pub fn signer() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(another_signer)
}

pub fn another_signer() -> Signer {
    let (secret, _) = new_signing_key(PASSPHRASE).unwrap();
    Signer::read(&secret, PASSPHRASE).unwrap()
}

pub fn sha256(bytes: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(bytes).into())
}

pub fn scheme() -> Scheme {
    let category = |code: &str| Category {
        code: CategoryCode(code.to_owned()),
        en: format!("Category {code}"),
        nl: format!("Categorie {code}"),
        number: None,
        unclassified: false,
        ambiguous: false,
        ordinary: false,
    };
    Scheme {
        id: SchemeId("project-vic-us".to_owned()),
        version: 1,
        title: "A scheme".to_owned(),
        title_nl: None,
        status: "not signed off".to_owned().into(),
        categories: vec![category("1"), category("2")],
    }
}

pub fn head() -> Head {
    Head {
        case_id: "c0ffee".to_owned(),
        case_number: "NEEDLE-2026-0042".to_owned(),
        unit: "Needle Unit East".to_owned(),
        what: What::Classified,
        requested_by: "needle-anna".parse().unwrap(),
        signed_by: "needle-ben".parse().unwrap(),
        unit_of_signer: "Needle Unit East".to_owned(),
        made: time("2026-03-14T11:00:00Z"),
        ledger: LedgerHead { operations: 4711, hash: sha256(b"ledger") },
        scheme: scheme(),
        items: 3,
        media: true,
    }
}

pub fn item(number: u64) -> ClassifiedItem {
    let bytes = number.to_le_bytes();
    let digest = sha256(&bytes).0;
    ClassifiedItem {
        digests: Digests {
            md5: Md5(digest[..16].try_into().unwrap()),
            sha1: Sha1(digest[..20].try_into().unwrap()),
            sha256: Sha256(digest),
            size_bytes: 1000 + number,
        },
        media: MediaType { mime: "image/jpeg".to_owned(), class: MediaClass::Picture },
        category: Some(CategoryCode("1".to_owned())),
        standing: Some(Standing::OneOpinion),
        votes: vec![Vote { by: "needle-anna".parse().unwrap(), category: CategoryCode("1".to_owned()), at: now() }],
        flags: Flags { victim_identified: Some(true), ..Flags::default() },
        series: vec!["=NEEDLE()".to_owned(), "needle \u{202e}series\n<b>".to_owned()],
        pdq: Some(Pdq(digest)),
        vetoes: vec![ClassifiedVeto {
            set: "national".parse().unwrap(),
            version: SetVersion(3),
            entry: EntryId(number),
            reason: "needle: another picture".to_owned(),
        }],
        occurrences: 2,
    }
}

/// Contents that stand for media.
pub fn media() -> [Vec<u8>; 2] {
    [b"needle medium one".to_vec(), vec![7; 200_000]]
}

pub struct Desk {
    folder: tempfile::TempDir,
    /// Reading key and recipient of the custodian.
    pub mine: (String, String),
    /// Those of somebody who receives packages as well.
    pub other: (String, String),
    pub leads: Leads,
}

impl Desk {
    pub fn new() -> Self {
        let keys = || {
            let (secret, recipient) = new_identity();
            (secret.to_string(), recipient)
        };
        let lead = lead_of(&signer().public());
        Self {
            folder: tempfile::tempdir().unwrap(),
            mine: keys(),
            other: keys(),
            leads: Leads { schema: RELEASE_SCHEMA, leads: vec![lead] },
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub fn recipients(&self) -> Vec<(String, String)> {
        vec![("Needle custodian".to_owned(), self.mine.1.clone()), ("Backup".to_owned(), self.backup())]
    }

    /// A second recipient, whose key nobody here has.
    fn backup(&self) -> String {
        static BACKUP: OnceLock<String> = OnceLock::new();
        BACKUP.get_or_init(|| new_identity().1).clone()
    }

    /// Writes a package of three items and two media.
    pub fn write(&self, name: &str, head: &Head) -> Written {
        let mut writer = PackageWriter::begin(&self.path(name), head, &self.recipients()).unwrap();
        fill(&mut writer, head.media);
        writer.finish(signer()).unwrap()
    }

    pub fn verify(&self, path: &Path) -> Result<Opened, PackageError> {
        verify(path, &self.mine.0, &self.leads, now())
    }

    /// Reads a package as `age` sees it: the archive.
    pub fn archive(&self, path: &Path) -> Vec<u8> {
        let bytes = std::fs::read(path).unwrap();
        let key = identity(&self.mine.0);
        let mut out = Vec::new();
        let decryptor = age::Decryptor::new(&bytes[..]).unwrap();
        decryptor.decrypt(std::iter::once(&key as _)).unwrap().read_to_end(&mut out).unwrap();
        out
    }

    /// Writes an archive as a package for `recipient`, as an attacker does who has got one.
    pub fn seal(&self, name: &str, archive: &[u8], recipient: &str) -> PathBuf {
        let key = age::x25519::Recipient::from_str(recipient).unwrap();
        let encryptor = age::Encryptor::with_recipients(std::iter::once(&key as _)).unwrap();
        let mut bytes = Vec::new();
        let mut out = encryptor.wrap_output(&mut bytes).unwrap();
        out.write_all(archive).unwrap();
        out.finish().unwrap();
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Checks that a package is refused by everything that opens it, that nothing of it was given to anybody, and that
    /// nothing of it is left; tells why.
    pub fn refused(&self, path: &Path, identity: &str, leads: &Leads, now: UtcTime) -> Fault {
        let before = self.names();
        let fault = verify(path, identity, leads, now).unwrap_err().fault;
        let out = self.path("out");
        let opened = open(path, identity, leads, now, &out).unwrap_err().fault;
        let mut given = 0;
        let given_for = open_for::<PackageError>(path, identity, leads, now, &mut |_, _, _| {
            given += 1;
            Ok(())
        });
        let kind = |fault: &Fault| format!("{fault:?}");
        assert_eq!(kind(&fault), kind(&opened));
        assert_eq!(kind(&fault), kind(&given_for.unwrap_err().fault));
        assert_eq!((given, self.names()), (0, before), "{fault}");
        fault
    }
}

pub fn fill(writer: &mut PackageWriter, with_media: bool) {
    writer
        .add_written::<PackageError>(ITEMS_FILE, |out| {
            (0..3).for_each(|number| write_item(out, &item(number)).unwrap());
            Ok(())
        })
        .unwrap();
    let table = b"MD5,needle\n".repeat(9000);
    writer.add(CSV_FILE, Some(table.len() as u64), &mut &table[..]).unwrap();
    for medium in media().iter().filter(|_| with_media) {
        writer.add(&media_name(&sha256(medium)), Some(medium.len() as u64), &mut &medium[..]).unwrap();
    }
}

pub fn lead_of(key: &str) -> Lead {
    Lead {
        name: "Ben of the East".to_owned(),
        unit: "East".to_owned(),
        key: key.to_owned(),
        from: time("2026-01-01T00:00:00Z"),
        until: time("2027-01-01T00:00:00Z"),
        revoked: false,
    }
}

pub fn identity(text: &str) -> age::x25519::Identity {
    let line = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap();
    age::x25519::Identity::from_str(line).unwrap()
}

/// One entry of an archive.
#[derive(Clone)]
pub struct Entry {
    pub header: tar::Header,
    pub content: Vec<u8>,
    pub padding: Vec<u8>,
}

impl Entry {
    pub fn new(name: &str, content: &[u8]) -> Self {
        Self::typed(name, content, tar::EntryType::Regular)
    }

    /// Makes an entry whose name is written as it is, whatever it is.
    pub fn typed(name: &str, content: &[u8], kind: tar::EntryType) -> Self {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_cksum();
        Self { header, padding: vec![0; content.len().wrapping_neg() % 512], content: content.to_vec() }
    }

    pub fn name(&self) -> String {
        String::from_utf8(self.header.path_bytes().into_owned()).unwrap()
    }
}

/// Takes an archive apart.
pub fn entries(archive: &[u8]) -> Vec<Entry> {
    let mut rest = archive;
    let mut out = Vec::new();
    while rest[0] != 0 {
        let header = tar::Header::from_byte_slice(&rest[..512]).clone();
        let bytes = header.entry_size().unwrap() as usize;
        let padding = bytes.wrapping_neg() % 512;
        let content = rest[512..512 + bytes].to_vec();
        out.push(Entry { header, content, padding: vec![0; padding] });
        rest = &rest[512 + bytes + padding..];
    }
    out
}

/// Puts an archive together.
pub fn archive(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        out.extend_from_slice(entry.header.as_bytes());
        out.extend_from_slice(&entry.content);
        out.extend_from_slice(&entry.padding);
    }
    out.extend_from_slice(&[0; 1024]);
    out
}
