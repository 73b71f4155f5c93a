//! What leaves the case that is open: exports and the report.

use std::sync::atomic::AtomicBool;

use casefile::Passphrase;

use super::keeping::path_of;
use super::{Bench, Inner};
use crate::exports::{self, KeyKind, NewKey, SigningKey, Unlooked};
use crate::view::leads::{
    ExportForm, ExportLine, ExportPreview, ExportSample, QualificationLine, RecipientView, ReportDone,
};
use crate::view::window::WindowError;
use crate::{Error, Setting};

impl Bench {
    /// Lists who may read packages: the recipients of the workstation, and those of earlier exports of the case.
    pub fn recipients(&self) -> Result<Vec<RecipientView>, WindowError> {
        let open = self.inner.open()?;
        Ok(exports::recipients(&open.case, Some(&open.sets_dir))?)
    }

    /// Tells what a package would have, and what the program checked.
    pub fn export_preview(&self, what: &str, media: bool) -> Result<ExportPreview, WindowError> {
        let open = self.inner.open()?;
        self.inner.meanwhile(|setting| exports::export_preview(&open.case, Some(&open.sets_dir), what, media, setting))
    }

    /// Asks for an export; gives the number of the request.
    pub fn export_request(&self, form: &ExportForm) -> Result<u32, WindowError> {
        Ok(exports::export_request(&self.inner.open()?.case, form, self.inner.now())?)
    }

    /// Lists the exports that were asked for.
    pub fn exports(&self) -> Result<Vec<ExportLine>, WindowError> {
        Ok(exports::exports(&self.inner.open()?.case)?)
    }

    /// Takes a request back that nobody has signed.
    pub fn export_withdraw(&self, request: u32) -> Result<(), WindowError> {
        Ok(exports::export_withdraw(&self.inner.open()?.case, request, self.inner.now())?)
    }

    /// Draws the sample that whoever signs looks at first, as tiles of the grid.
    pub fn export_sample(&self, request: u32) -> Result<ExportSample, WindowError> {
        let open = self.inner.open()?;
        let sample = self.inner.meanwhile(|setting| exports::export_sample(&open.case, request, setting))?;
        let numbers: Vec<u32> = sample.items.iter().map(|item| item.number).collect();
        let tiles = self.ask(|session| Ok(session.tiles_of(&numbers)))?;
        Ok(ExportSample { tiles, ..sample })
    }

    /// Signs an export that somebody else has asked for, and writes its package. `unlooked` is what the person ticked: to
    /// sign without having looked at the sample.
    pub fn export_sign(
        &self,
        request: u32,
        key_file: &str,
        key_passphrase: String,
        out: &str,
        unlooked: bool,
    ) -> Result<ExportLine, WindowError> {
        let unlooked = if unlooked { Unlooked::Known } else { Unlooked::Refused };
        let key = SigningKey { file: path_of(key_file), passphrase: Passphrase::new(key_passphrase) };
        let open = self.inner.open()?;
        let out = path_of(out);
        self.inner.meanwhile(|setting| {
            exports::export_sign(&open.case, Some(&open.sets_dir), request, &key, &out, unlooked, setting)
        })
    }

    /// Makes a signing key, whose secret part the passphrase protects, in a file that is not there yet.
    pub fn signing_key_make(&self, out: &str, passphrase: String) -> Result<NewKey, WindowError> {
        Ok(exports::new_key(&KeyKind::Signing(Passphrase::new(passphrase)), &path_of(out))?)
    }

    /// Tells what is stated of the case as prosecutors count it, by whom and when.
    pub fn qualification(&self) -> Result<Vec<QualificationLine>, WindowError> {
        Ok(crate::court::qualification(&self.inner.open()?.case, self.inner.now())?)
    }

    /// States it: the items of an act, or none to leave it unstated. It can be undone.
    pub fn qualification_state(&self, acts: &[(String, Option<u32>)]) -> Result<Vec<QualificationLine>, WindowError> {
        self.ask(|session| session.qualification_state(acts))?;
        self.qualification()
    }

    /// Writes the report of the case and its figures.
    pub fn report_write(&self, language: &str, out: &str) -> Result<ReportDone, WindowError> {
        let open = self.inner.open()?;
        let (out, now) = (path_of(out), self.inner.now());
        Ok(crate::court::report_write(&open.case, Some(&open.sets_dir), language, &out, now)?)
    }
}

impl Inner {
    /// Does work for which a window waits; it cannot be stopped.
    pub(super) fn meanwhile<T>(&self, work: impl FnOnce(&Setting<'_>) -> Result<T, Error>) -> Result<T, WindowError> {
        let stop = AtomicBool::new(false);
        let setting = Setting {
            decoder: self.around.decoder.clone(),
            threads: 1,
            now: &*self.around.now,
            stop: &stop,
            pause: None,
            progress: &|_| {},
        };
        Ok(work(&setting)?)
    }
}
