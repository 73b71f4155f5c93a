//! The contents of items, found again where they were found first: for a package that media go along with.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use casefile::CaseFile;
use domain::{Sha256, SourceId, SourcePath};

use super::preview::outer_places;
use crate::pictures::content;
use crate::{Code, Error};

/// Tells of items whether a place that they were found in is there. Nothing is opened.
pub(super) struct There {
    roots: HashMap<SourceId, PathBuf>,
}

impl There {
    pub fn of(case: &CaseFile) -> Result<Self, Error> {
        Ok(Self { roots: content::roots(case)? })
    }

    pub fn has(&mut self, case: &CaseFile, item: &Sha256) -> Result<bool, Error> {
        let places = case.item(item)?.map(|row| row.paths).unwrap_or_default();
        Ok(outer_places(&places).any(|(source, path)| {
            self.roots.get(&source).is_some_and(|root| root.is_file() || is_there(root.clone(), &path))
        }))
    }
}

fn is_there(root: PathBuf, path: &SourcePath) -> bool {
    use std::os::unix::ffi::OsStrExt;
    root.join(std::ffi::OsStr::from_bytes(&path.0)).symlink_metadata().is_ok()
}

/// Gives the content of an item, at its start. It must be there, and be that content.
pub(super) fn open(case: &CaseFile, item: &Sha256, stop: &AtomicBool) -> Result<File, Error> {
    let places = case.item(item)?.map(|row| row.paths).unwrap_or_default();
    let gone = |detail: &dyn std::fmt::Display| {
        let message = format!("The content of {item} is in none of its sources any more.");
        let hint = "Connect the disk that it came from, or ask for the export without media. Nothing was written.";
        Error::new(Code::NotFound, message, hint).with_detail(detail)
    };
    let reading = content::find_any(case, item, &places, stop).ok_or_else(|| gone(&"no place has it"))?;
    let descriptor = reading.descriptor().map_err(|refusal| gone(&refusal.code))?;
    Ok(File::from(descriptor))
}
