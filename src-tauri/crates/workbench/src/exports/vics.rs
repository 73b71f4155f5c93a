//! Temporary.
use std::io::Write;
use std::path::Path;
use casefile::{CaseFile, CaseInfo};
use domain::{ClassifiedItem, UtcTime};
use serde::Serialize;
use crate::{Error, Setting};
#[derive(Debug, Clone, Copy)]
pub(super) enum Form { Vics, Csv, Parquet }
pub(super) fn write_items(_form: Form, _info: &CaseInfo, _out: (&Path, UtcTime), _to: &mut dyn Write, _items: &mut dyn Iterator<Item = ClassifiedItem>) -> Result<(), Error> { todo!() }
/// x
#[derive(Debug, Clone, Serialize)]
pub struct VicsWritten { /// x
pub media: u64, /// x
pub file: String, /// x
pub sha256: String }
/// x
pub fn write_vics(_case: &CaseFile, _out: &Path, _setting: &Setting<'_>) -> Result<VicsWritten, Error> { todo!() }
