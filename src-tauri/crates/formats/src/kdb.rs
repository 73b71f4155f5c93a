//! Reads Autopsy's own hash sets, `.kdb`: a SQLite database with the table `hashes`.
//!
//! Table as The Sleuth Kit makes it: `hashes(id, md5, sha1, sha2_256)`, digests as bytes; older files have hex. Whether a
//! set is of known or of notable files stands in Autopsy's settings, not in the file: the person who imports it says.

use std::ops::ControlFlow;
use std::path::Path;

use domain::DigestKind;

use crate::row::RowDigests;
use crate::sqlite::{self, Foreign};
use crate::{Fault, ListHead, ListKind, ReadOptions, Sink};

/// Most rows of properties that are looked at.
const PROPERTIES_MAX: usize = 100;

/// Tells whether the tables are those of a kdb.
pub(crate) fn recognises(path: &Path) -> bool {
    sqlite::is_kind(path, ListKind::AutopsyKdb)
}

/// Reads a database to its end or until the sink has enough.
pub(crate) fn read_kdb(
    path: &Path,
    head: &mut ListHead,
    _options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let database = Foreign::open(path)?;
    if database.has_table("hashes_properties") || database.has_table("properties") {
        return Err(Fault::NotThis(
            "this is a hash database of IPED, in which ordinary files and known material stand together: import the \
             lists that it was made from, each in its own role",
        ));
    }
    database.check()?;
    head.version = schema_version(&database)?;
    let present = database.columns("hashes")?.unwrap_or_default();
    let (mut names, mut kinds) = (Vec::new(), Vec::new());
    for (name, kind) in [("md5", DigestKind::Md5), ("sha1", DigestKind::Sha1), ("sha2_256", DigestKind::Sha256)] {
        if present.iter().any(|column| column == name) {
            names.push(name);
            kinds.push(kind);
        }
    }
    if names.is_empty() {
        return Err(Fault::invalid(0, "the table `hashes` has no column `md5`", "Export the set again with Autopsy"));
    }
    database.rows("hashes", &names, &mut |row| {
        let mut digests = RowDigests::default();
        for (place, kind) in kinds.iter().enumerate() {
            let cell = row.get_ref(place).map_err(|_| Fault::invalid(0, "a row has no such cell", "Fetch it again"))?;
            sqlite::digest(&mut digests, *kind, cell);
        }
        Ok(sink.row(digests.entry(sink.next_id(), None)))
    })
}

fn schema_version(database: &Foreign) -> Result<Option<String>, Fault> {
    let columns = database.columns("db_properties")?.unwrap_or_default();
    if !["name", "value"].iter().all(|name| columns.iter().any(|column| column == name)) {
        return Ok(None);
    }
    let (mut version, mut seen) = (None, 0);
    database.rows("db_properties", &["name", "value"], &mut |row| {
        seen += 1;
        if let (Ok(name), Ok(value)) = (row.get::<_, String>(0), row.get::<_, String>(1))
            && name == "Schema Version"
            && value.len() <= 20
        {
            version = Some(domain::SourcePath(value.into_bytes()).shown());
        }
        Ok(if seen < PROPERTIES_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(version)
}

#[cfg(test)]
mod tests;
