//! The files of a classification set, each in a form of its own: items as JSON for the custodian, VICS 2.0 for other tools,
//! CSV and Parquet for those who count.

use std::io::Write;
use std::path::Path;

use casefile::CaseInfo;
use dispatch::package::write_item;
use domain::{ClassifiedItem, Scheme};
use formats::WriteError;
use formats::classification::{CsvWriter, ParquetWriter};
use formats::vics::{SetHead, SetWriter};

use crate::feedback::cannot;
use crate::{Code, Error};

/// Names the forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Items,
    Vics,
    Csv,
    Parquet,
}

/// Takes items, one after the other.
pub(super) type Take<'a> = &'a mut dyn FnMut(&ClassifiedItem) -> Result<(), Error>;
/// Gives items to whoever takes them.
pub(super) type Give<'a, T> = &'a mut (dyn FnMut(Take<'_>) -> Result<T, Error> + Send);

/// Writes the items that `give` gives to `to`, which belongs to the package at `out`.
pub(super) fn write<T: Send>(
    form: Form,
    info: &CaseInfo,
    (out, to): (&Path, &mut dyn Write),
    give: Give<'_, T>,
) -> Result<T, Error> {
    let failed = |error: WriteError| refused(out, error);
    match form {
        Form::Items => give(&mut |item| write_item(to, item).map_err(|error| cannot(out, &error))),
        Form::Vics => {
            let head = SetHead { profile_name: profile_of(&info.scheme), scheme: Some(info.scheme.clone()) };
            let mut writer = SetWriter::begin(to, &head).map_err(failed)?;
            let given = give(&mut |item| writer.push(item).map_err(failed))?;
            writer.finish().map_err(failed)?;
            Ok(given)
        }
        Form::Csv => {
            let mut writer = CsvWriter::begin(to).map_err(failed)?;
            let given = give(&mut |item| writer.push(item).map_err(failed))?;
            writer.finish().map_err(failed)?;
            Ok(given)
        }
        Form::Parquet => parquet(out, to, give),
    }
}

/// Writes Parquet, whose writer wants to go to another thread: through a pipe, so that nothing of it is on the disk.
fn parquet<T: Send>(out: &Path, to: &mut dyn Write, give: Give<'_, T>) -> Result<T, Error> {
    let failed = |error: WriteError| refused(out, error);
    let (mut reader, pipe) = std::io::pipe().map_err(|error| cannot(out, &error))?;
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            let mut pipe = pipe;
            let mut writer = ParquetWriter::begin(&mut pipe).map_err(failed)?;
            let given = give(&mut |item| writer.push(item).map_err(failed))?;
            writer.finish().map_err(failed)?;
            Ok(given)
        });
        let copied = std::io::copy(&mut reader, to);
        // Whoever writes must not wait for a reader that has failed.
        drop(reader);
        let written = writing.join().expect("the writer does not panic: its errors are values");
        copied.map_err(|error| cannot(out, &error))?;
        written
    })
}

/// Names the profile of a scheme in the context of a VICS file; other schemes have none, and their file names none.
pub(super) fn profile_of(scheme: &Scheme) -> Option<String> {
    let name = match scheme.id.0.as_str() {
        "project-vic-us" => "US",
        "uk" => "UK",
        _ => return None,
    };
    Some(name.to_owned())
}

pub(super) fn refused(out: &Path, error: WriteError) -> Error {
    match error {
        WriteError::Io(error) => cannot(out, &error),
        other => {
            let message = format!("`{}` cannot be written.", domain::shown_path(out));
            Error::new(Code::Internal, message, "This is a defect: report it.").with_detail(other)
        }
    }
}
