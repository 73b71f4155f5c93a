//! Writes classification sets for those who count: CSV for tables, Parquet for databases. The same items give the same
//! bytes.

mod cell;
mod parquet;

use std::io::Write;

use domain::{ClassifiedItem, ClassifiedVeto, Flags, Standing, Vote};

pub use self::parquet::ParquetWriter;
pub use cell::{inert, plain};

use crate::{WriteError, Written};

/// Names of the columns of the CSV. Digests have the names that other tools know.
pub const CSV_COLUMNS: [&str; 19] = [
    "SHA256",
    "SHA1",
    "MD5",
    "size",
    "mime",
    "category",
    "standing",
    "opinions",
    "votes",
    "victim_identified",
    "offender_identified",
    "distributed",
    "suspected",
    "self_generated",
    "baseline",
    "series",
    "pdq",
    "vetoes",
    "occurrences",
];

/// Writes a CSV (RFC 4180, UTF-8, commas, lines ended by CR LF), item by item. No cell of it is a formula anywhere.
pub struct CsvWriter<'o> {
    out: &'o mut dyn Write,
    written: Written,
}

impl<'o> CsvWriter<'o> {
    /// Writes the line with the names of the columns.
    pub fn begin(out: &'o mut dyn Write) -> Result<Self, WriteError> {
        writeln!(out, "{}\r", CSV_COLUMNS.join(","))?;
        Ok(Self { out, written: Written::default() })
    }

    /// Writes one item.
    pub fn push(&mut self, item: &ClassifiedItem) -> Result<(), WriteError> {
        let flag = |flag: Option<bool>| flag.map(|flag| flag.to_string()).unwrap_or_default();
        let Flags { victim_identified, offender_identified, distributed, suspected, self_generated, baseline } =
            item.flags;
        let cells: [String; CSV_COLUMNS.len()] = [
            item.digests.sha256.to_string(),
            item.digests.sha1.to_string(),
            item.digests.md5.to_string(),
            item.digests.size_bytes.to_string(),
            inert(&item.media.mime),
            inert(item.category.as_ref().map_or("", |code| &code.0)),
            item.standing.map_or("", standing_word).to_owned(),
            item.votes.len().to_string(),
            inert(&item.votes.iter().map(vote_text).collect::<Vec<_>>().join("; ")),
            flag(victim_identified),
            flag(offender_identified),
            flag(distributed),
            flag(suspected),
            flag(self_generated),
            flag(baseline),
            inert(&item.series.join("; ")),
            item.pdq.map(|pdq| pdq.to_string()).unwrap_or_default(),
            inert(&item.vetoes.iter().map(veto_text).collect::<Vec<_>>().join("; ")),
            item.occurrences.to_string(),
        ];
        let line: Vec<String> = cells.iter().map(|cell| cell::quoted(cell)).collect();
        write!(self.out, "{}\r\n", line.join(","))?;
        self.written.records += 1;
        Ok(())
    }

    /// Ends the file.
    pub fn finish(self) -> Result<Written, WriteError> {
        Ok(self.written)
    }
}

/// Writes a whole CSV.
pub fn write_csv<E>(
    out: &mut dyn Write,
    items: impl Iterator<Item = Result<ClassifiedItem, E>>,
) -> Result<Written, WriteError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut writer = CsvWriter::begin(out)?;
    for item in items {
        writer.push(&item.map_err(|error| WriteError::Item(error.into()))?)?;
    }
    writer.finish()
}

/// Writes a whole Parquet file.
pub fn write_parquet<E>(
    out: &mut (dyn Write + Send),
    items: impl Iterator<Item = Result<ClassifiedItem, E>>,
) -> Result<Written, WriteError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut writer = ParquetWriter::begin(out)?;
    for item in items {
        writer.push(&item.map_err(|error| WriteError::Item(error.into()))?)?;
    }
    writer.finish()
}

/// Gives the word for a standing that stands in files.
fn standing_word(standing: Standing) -> &'static str {
    match standing {
        Standing::OneOpinion => "one-opinion",
        Standing::Confirmed => "confirmed",
        Standing::Disputed => "disputed",
    }
}

fn vote_text(vote: &Vote) -> String {
    format!("{} by {} at {}", vote.category, vote.by, vote.at)
}

fn veto_text(veto: &ClassifiedVeto) -> String {
    format!("entry {} of {} version {}: {}", veto.entry, veto.set, veto.version, veto.reason)
}

#[cfg(test)]
mod tests;
