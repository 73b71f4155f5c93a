//! Packages: a classification set for others, and what is said of one that was received.

use std::ops::ControlFlow;
use std::path::Path;

use casefile::{CaseFile, ExportRow, ExportWhat, SetWords};
use dispatch::package::{
    CSV_FILE, Head, ITEMS_FILE, LedgerHead, Opened, PARQUET_FILE, PackageWriter, Signer, VICS_FILE, What, Written,
    media_name,
};
use domain::release::Leads;
use domain::{Sha256, UtcTime};
use serde::Serialize;
use sha2::Digest as _;
use zeroize::Zeroizing;

use super::files::{self, Form, Take};
use super::{keys, media};
use crate::view::leads::ExportPreview;
use crate::{Code, Error, Progress, Setting, durable};

/// Files of a package, in their order.
const FILES: [(&str, Form); 4] =
    [(ITEMS_FILE, Form::Items), (VICS_FILE, Form::Vics), (CSV_FILE, Form::Csv), (PARQUET_FILE, Form::Parquet)];
/// Items between two reports of progress.
const PROGRESS_ITEMS: u64 = 4_096;
/// Most bytes of the list of team leads.
const LEADS_BYTES_MAX: u64 = 4 << 20;

/// Writes the package of a request. Nothing of it is on the disk in the clear, and memory does not grow with it.
pub(super) fn write(
    case: &CaseFile,
    row: &ExportRow,
    preview: &ExportPreview,
    signer: &Signer,
    out: &Path,
    setting: &Setting<'_>,
) -> Result<Written, Error> {
    let (info, (operations, hash), now) = (case.info(), case.head()?, (setting.now)());
    let head = Head {
        case_id: info.case_id.clone(),
        case_number: info.number.clone(),
        unit: info.unit.clone(),
        what: match row.asked.what {
            ExportWhat::Classified => What::Classified,
            ExportWhat::All => What::All,
        },
        requested_by: row.by.clone(),
        signed_by: case.user().0,
        unit_of_signer: info.unit.clone(),
        made: now,
        ledger: LedgerHead { operations, hash },
        scheme: info.scheme.clone(),
        items: u64::from(preview.items),
        media: row.asked.media,
    };
    let mut package = PackageWriter::begin(out, &head, &row.asked.recipients)?;
    let pass = Pass { case, what: row.asked.what, setting };
    let mut sums = Vec::new();
    for (name, form) in FILES {
        package.add_written(name, |to| -> Result<(), Error> {
            sums.push(files::write(form, &info, (out, to), &mut |take| pass.through(take))?);
            Ok(())
        })?;
    }
    // Somebody may decide while it is written: then its files would not be of one moment.
    let same = sums.windows(2).all(|pair| pair[0] == pair[1]);
    if !same || sums.first().is_some_and(|sum| sum.items != u64::from(preview.items)) {
        let message = "The case was changed while the package was written.";
        return Err(Error::new(Code::InUse, message, "Sign again when nobody decides in the case."));
    }
    if row.asked.media {
        pass.media(&mut package)?;
    }
    Ok(package.finish(signer)?)
}

/// What one walk over the items gave.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sum {
    items: u64,
    sha256: Sha256,
}

/// Walks over the items of an export.
struct Pass<'a> {
    case: &'a CaseFile,
    what: ExportWhat,
    setting: &'a Setting<'a>,
}

impl Pass<'_> {
    /// Gives every item to whoever takes it; gives their sum, by which two walks are compared.
    fn through(&self, take: Take<'_>) -> Result<Sum, Error> {
        let (mut hasher, mut count, mut failed) = (sha2::Sha256::new(), 0, None);
        self.case.classified_each(self.what, SetWords::LeftOut, &mut |item| {
            hasher.update(serde_json::to_vec(&item).expect("every value of the words becomes JSON"));
            count += 1;
            if count % PROGRESS_ITEMS == 0 {
                (self.setting.progress)(&Progress { stage: "write", done: count, ..Progress::default() });
            }
            failed = take(&item).err();
            let over = failed.is_some() || self.setting.is_stopped();
            if over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        if self.setting.is_stopped() {
            return Err(Error::new(Code::Stopped, "Stopped. No package was written.", "Sign again."));
        }
        Ok(Sum { items: count, sha256: Sha256(hasher.finalize().into()) })
    }

    /// Puts the content of every item into the package.
    fn media(&self, package: &mut PackageWriter) -> Result<(), Error> {
        self.through(&mut |item| {
            let mut file = media::open(self.case, &item.digests.sha256, self.setting.stop)?;
            Ok(package.add(&media_name(&item.digests.sha256), Some(item.digests.size_bytes), &mut file)?)
        })?;
        Ok(())
    }
}

/// Tells of a package of which everything holds.
#[derive(Debug, Clone, Serialize)]
pub struct PackageView {
    /// SHA-256 of its signed list: what it is known by.
    pub id: Sha256,
    /// SHA-256 of the file.
    pub sha256: Sha256,
    /// Number of the case.
    pub case_number: String,
    /// Unit of the case.
    pub case_unit: String,
    /// `classified` or `all`.
    pub what: What,
    /// Items.
    pub items: u64,
    /// Media in it.
    pub media: u64,
    /// Who asked for it.
    pub requested_by: String,
    /// Who signed it, as the list of team leads has them.
    pub signer: String,
    /// Unit of that person.
    pub unit: String,
    /// Number of the key.
    pub key_id: String,
    /// For whom it is, by name.
    pub recipients: Vec<String>,
    /// When it was made.
    pub made: UtcTime,
    /// Operations of the case's ledger at that time, and the hash of the last.
    pub ledger: (u64, Sha256),
    /// Scheme of its categories.
    pub scheme: String,
    /// Files in it.
    pub files: Vec<PackageFile>,
}

/// Tells of one file of a package.
#[derive(Debug, Clone, Serialize)]
pub struct PackageFile {
    /// Name.
    pub name: String,
    /// Length.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: Sha256,
}

fn view(opened: Opened) -> PackageView {
    let Opened { id, sha256, head, signer, key_id, recipients, files, media, .. } = opened;
    PackageView {
        id,
        sha256,
        case_number: head.case_number,
        case_unit: head.unit,
        what: head.what,
        items: head.items,
        media: media.count,
        requested_by: head.requested_by.to_string(),
        signer: signer.name,
        unit: signer.unit,
        key_id,
        recipients: recipients.into_iter().map(|one| one.name).collect(),
        made: head.made,
        ledger: (head.ledger.operations, head.ledger.hash),
        scheme: head.scheme.id.0,
        files: files
            .into_iter()
            .map(|file| PackageFile { name: file.name, bytes: file.bytes, sha256: file.sha256 })
            .collect(),
    }
}

/// Checks a package; nothing is written.
pub fn package_verify(package: &Path, identity: &Path, trusted: &Path, now: UtcTime) -> Result<PackageView, Error> {
    let (identity, trusted) = inputs(identity, trusted)?;
    Ok(view(dispatch::package::verify(package, &identity, &trusted, now)?))
}

/// Checks a package and, when everything holds, writes its files into a new folder.
pub fn package_open(
    package: &Path,
    identity: &Path,
    trusted: &Path,
    now: UtcTime,
    out: &Path,
) -> Result<PackageView, Error> {
    crate::feedback::refuse_cases(out)?;
    let (identity, trusted) = inputs(identity, trusted)?;
    Ok(view(dispatch::package::open(package, &identity, &trusted, now, out)?))
}

fn inputs(identity: &Path, trusted: &Path) -> Result<(Zeroizing<String>, Leads), Error> {
    let identity = keys::read_text(identity, "reading key")?;
    let cannot = |error: &dyn std::fmt::Display| {
        let message = format!("The list of team leads `{}` cannot be read.", domain::shown_path(trusted));
        let hint =
            "Take the publisher's newest `leads.json`: `zeef sync run` keeps it as SETS/sync/PUBLISHER/leads.json.";
        Error::new(Code::BadInput, message, hint).with_detail(error)
    };
    let bytes = durable::read_at_most(trusted, LEADS_BYTES_MAX).map_err(|error| cannot(&error))?;
    let bytes = bytes.ok_or_else(|| cannot(&"it is not there"))?;
    let leads = serde_json::from_slice(&bytes).map_err(|error| cannot(&error))?;
    Ok((identity, leads))
}
