//! Reads the files of a release, after their bytes were found to be the signed ones. Every value is checked all the same:
//! a signature says who wrote a file, not that it is whole.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::{
    Array, AsArray, BooleanArray, FixedSizeBinaryArray, RecordBatch, StringArray, UInt8Array, UInt64Array,
};
use arrow::datatypes::{UInt8Type, UInt64Type};
use domain::release::{PART_BITS, PartFile, ReleaseFile};
use domain::{
    CategoryCode, Entry, EntryDigests, EntryId, Flags, Md5, Pdq, PhotoDna, SetName, SetVersion, Sha1, Sha256, Standing,
    Verdict,
};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::ParquetMetaData;

use super::write::Kind;
use super::{BATCH_ROWS, Change, DELTA_ROWS_MAX, DeltaHead, FILE_SCHEMA, GROUP_ROWS, schema};
use crate::disk;
use crate::error::{HashsetError, io_at};
use crate::layout::CODE_BYTES_MAX;
use crate::writer::SERIES_BYTES_MAX;

/// Largest number of bytes of one row group when it is decompressed: 8 KiB a row, which no honest file comes near to.
const GROUP_BYTES_MAX: i64 = 8192 * GROUP_ROWS as i64;

/// Reads one part of a snapshot: its entries in ascending order of their ids.
pub struct PartReader(RowsReader);

impl PartReader {
    /// Opens the file, and compares its length and its SHA-256 with the signed ones before anything is parsed.
    pub fn open(path: &Path, set: &SetName, part: &PartFile) -> Result<Self, HashsetError> {
        let mut reader = RowsReader::open(path, &part.file, Kind::Part, 1 << PART_BITS)?;
        reader.expect("set_id", set.as_str())?;
        reader.expect("part", &part.number.to_string())?;
        if reader.rows != part.entries {
            return Err(reader.bad("it has another number of entries than the signed list says"));
        }
        reader.part = Some(part.number);
        Ok(Self(reader))
    }
}

impl Iterator for PartReader {
    type Item = Result<Entry, HashsetError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.0.next_row()? {
            Ok(Change::Upsert(entry)) => Some(Ok(entry)),
            Ok(Change::Withdraw { .. }) => Some(Err(self.0.bad("a part withdraws an entry"))),
            Err(error) => Some(Err(error)),
        }
    }
}

/// Reads one delta: its changes in ascending order of their entry ids.
pub struct DeltaReader {
    rows: RowsReader,
    head: DeltaHead,
}

impl DeltaReader {
    /// Opens the file, and compares its length and its SHA-256 with the signed ones before anything is parsed.
    pub fn open(path: &Path, set: &SetName, version: SetVersion, file: &ReleaseFile) -> Result<Self, HashsetError> {
        let rows = RowsReader::open(path, file, Kind::Delta, DELTA_ROWS_MAX)?;
        rows.expect("set_id", set.as_str())?;
        rows.expect("version", &version.to_string())?;
        rows.expect("base_version", &version.0.saturating_sub(1).to_string())?;
        let head = DeltaHead {
            set: set.clone(),
            version,
            base_digest: rows.parsed("base_digest")?,
            result_digest: rows.parsed("result_digest")?,
            result_count: rows.parsed("result_count")?,
        };
        Ok(Self { rows, head })
    }

    /// Says from where to where it leads.
    pub fn head(&self) -> &DeltaHead {
        &self.head
    }

    /// Number of its changes.
    pub fn changes(&self) -> u64 {
        self.rows.rows
    }
}

impl Iterator for DeltaReader {
    type Item = Result<Change, HashsetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next_row()
    }
}

struct RowsReader {
    path: PathBuf,
    pairs: Vec<(String, String)>,
    batches: ParquetRecordBatchReader,
    kind: Kind,
    batch: Option<Batch>,
    at: usize,
    last: Option<EntryId>,
    part: Option<u64>,
    rows: u64,
    given: u64,
    is_over: bool,
}

impl RowsReader {
    fn open(path: &Path, signed: &ReleaseFile, kind: Kind, rows_max: u64) -> Result<Self, HashsetError> {
        let file = disk::open(path).map_err(io_at("open", path))?;
        check_bytes(&file, path, signed)?;
        let bad = |what: String| HashsetError::BadRelease { path: path.to_owned(), what };
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder = contained(|| ParquetRecordBatchReaderBuilder::try_new_with_options(file, options))
            .map_err(|what| bad(format!("it is no Parquet file: {what}")))?;
        let metadata = builder.metadata().clone();
        let rows = checked_rows(&metadata, rows_max).map_err(|what| bad(what.to_owned()))?;
        if builder.schema().fields() != schema(kind).fields() {
            return Err(bad("its columns are not those of a release file".to_owned()));
        }
        let pairs = metadata.file_metadata().key_value_metadata().into_iter().flatten();
        let pairs = pairs.filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?))).collect();
        let batches = contained(|| builder.with_batch_size(BATCH_ROWS).build())
            .map_err(|what| bad(format!("it cannot be read: {what}")))?;
        let path = path.to_owned();
        let reader = Self {
            path,
            pairs,
            batches,
            kind,
            batch: None,
            at: 0,
            last: None,
            part: None,
            rows,
            given: 0,
            is_over: false,
        };
        reader.expect("schema", FILE_SCHEMA)?;
        reader.expect("kind", if kind == Kind::Delta { "delta" } else { "snapshot-part" })?;
        Ok(reader)
    }

    fn bad(&self, what: impl Into<String>) -> HashsetError {
        HashsetError::BadRelease { path: self.path.clone(), what: what.into() }
    }

    fn value(&self, key: &str) -> Option<&str> {
        let mut values = self.pairs.iter().filter(|(found, _)| found == key);
        let value = values.next().map(|(_, value)| value.as_str());
        if values.next().is_some() { None } else { value }
    }

    fn expect(&self, key: &str, wanted: &str) -> Result<(), HashsetError> {
        match self.value(key) {
            Some(found) if found == wanted => Ok(()),
            Some(found) => {
                let found = domain::escaped(found.as_bytes());
                Err(self.bad(format!("its {key} is `{found}` and not `{}`", domain::escaped(wanted.as_bytes()))))
            }
            None => Err(self.bad(format!("it does not say its {key}"))),
        }
    }

    fn parsed<T: std::str::FromStr>(&self, key: &str) -> Result<T, HashsetError> {
        let value = self.value(key).and_then(|value| value.parse().ok());
        value.ok_or_else(|| self.bad(format!("it does not say its {key}")))
    }

    /// Gives the next row; after an error there is no further one.
    fn next_row(&mut self) -> Option<Result<Change, HashsetError>> {
        if self.is_over {
            return None;
        }
        let next = self.read_row();
        self.is_over = !matches!(next, Ok(Some(_)));
        next.transpose()
    }

    fn read_row(&mut self) -> Result<Option<Change>, HashsetError> {
        while self.batch.as_ref().is_none_or(|batch| batch.rows == self.at) {
            match contained(|| self.batches.next().transpose()) {
                Ok(Some(batch)) => {
                    self.batch = Some(Batch::new(&batch, self.kind));
                    self.at = 0;
                }
                Err(what) => return Err(self.bad(format!("it cannot be read: {what}"))),
                Ok(None) if self.given == self.rows => return Ok(None),
                Ok(None) => return Err(self.bad("it has fewer rows than it says")),
            }
        }
        let batch = self.batch.as_ref().expect("the loop ends with a batch that has a row");
        let change = batch.change(self.at).map_err(|what| self.bad(what))?;
        let id = change.id();
        if self.last.is_some_and(|last| last >= id) {
            return Err(self.bad(format!("entry {id} is not above the one before it")));
        }
        if self.part.is_some_and(|part| id.0 >> PART_BITS != part) {
            return Err(self.bad(format!("entry {id} belongs to another part")));
        }
        self.last = Some(id);
        self.at += 1;
        self.given += 1;
        Ok(Some(change))
    }
}

/// Calls the Parquet library, which panics at some files that are not whole. What it was reading is not used afterwards.
fn contained<T, E: std::fmt::Display>(call: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("its pages contradict themselves".to_owned()),
    }
}

/// Compares length and SHA-256 through the descriptor that is read afterwards.
fn check_bytes(file: &File, path: &Path, signed: &ReleaseFile) -> Result<(), HashsetError> {
    let bad = |what: &str| HashsetError::BadRelease { path: path.to_owned(), what: what.to_owned() };
    if file.metadata().map_err(io_at("read", path))?.len() != signed.bytes {
        return Err(bad("it has another length than the signed one"));
    }
    if disk::sha256_of(file, path)? != signed.sha256 {
        return Err(bad("its SHA-256 is not the signed one"));
    }
    Ok(())
}

/// Adds up the rows, and refuses what would take too much memory.
fn checked_rows(metadata: &ParquetMetaData, rows_max: u64) -> Result<u64, &'static str> {
    let mut rows = 0_u64;
    for group in metadata.row_groups() {
        let here = u64::try_from(group.num_rows()).map_err(|_| "a row group has a negative number of rows")?;
        rows = rows.saturating_add(here);
        if here > GROUP_ROWS as u64 || !(0..=GROUP_BYTES_MAX).contains(&group.total_byte_size()) {
            return Err("a row group is too large");
        }
    }
    if rows > rows_max { Err("it has too many rows") } else { Ok(rows) }
}

/// The columns of one batch.
struct Batch {
    rows: usize,
    id: UInt64Array,
    digests: [FixedSizeBinaryArray; 3],
    size: UInt64Array,
    verdict: UInt8Array,
    category: StringArray,
    flags: [BooleanArray; 6],
    series: StringArray,
    standing: UInt8Array,
    pdq: FixedSizeBinaryArray,
    photodna: FixedSizeBinaryArray,
    changes: Option<(UInt8Array, StringArray)>,
}

impl Batch {
    /// Takes the columns of a batch whose schema has been compared.
    fn new(batch: &RecordBatch, kind: Kind) -> Self {
        let column = |at: usize| batch.column(at).as_ref();
        let bytes = |at| column(at).as_fixed_size_binary().clone();
        let text = |at| column(at).as_string::<i32>().clone();
        let byte = |at| column(at).as_primitive::<UInt8Type>().clone();
        let number = |at| column(at).as_primitive::<UInt64Type>().clone();
        Self {
            rows: batch.num_rows(),
            id: number(0),
            digests: [bytes(1), bytes(2), bytes(3)],
            size: number(4),
            verdict: byte(5),
            category: text(6),
            flags: std::array::from_fn(|flag| column(7 + flag).as_boolean().clone()),
            series: text(13),
            standing: byte(14),
            pdq: bytes(15),
            photodna: bytes(16),
            changes: (kind == Kind::Delta).then(|| (byte(17), text(18))),
        }
    }

    fn change(&self, row: usize) -> Result<Change, String> {
        let id = EntryId(self.id.value(row));
        let bad = |what: &str| Err(format!("entry {id} {what}"));
        let (op, reason) = match &self.changes {
            Some((op, reason)) => (op.value(row), reason.is_valid(row).then(|| reason.value(row))),
            None => (0, None),
        };
        match (op, reason) {
            (0, None) => {}
            (1, reason) => return Ok(Change::Withdraw { id, reason: reason.unwrap_or_default().to_owned() }),
            _ => return bad("has an unknown operation"),
        }
        let digests = EntryDigests {
            md5: fixed(&self.digests[0], row).map(Md5),
            sha1: fixed(&self.digests[1], row).map(Sha1),
            sha256: fixed(&self.digests[2], row).map(Sha256),
        };
        if digests.is_empty() || digests.is_of_nothing() {
            return bad("identifies nothing");
        }
        let category = self.category.is_valid(row).then(|| self.category.value(row));
        let verdict = match (self.verdict.value(row), category) {
            (0, None) => Verdict::Unclassified,
            (1, None) => Verdict::Member,
            (2, Some(code)) if code.len() <= CODE_BYTES_MAX => Verdict::Category(CategoryCode(code.to_owned())),
            _ => return bad("has no verdict that can be read"),
        };
        let standing = match self.standing.is_valid(row).then(|| self.standing.value(row)) {
            None => None,
            Some(0) => Some(Standing::OneOpinion),
            Some(1) => Some(Standing::Confirmed),
            Some(2) => Some(Standing::Disputed),
            Some(_) => return bad("has an unknown standing"),
        };
        let series = self.series.value(row);
        if series.len() > SERIES_BYTES_MAX {
            return bad("has a series that is too long");
        }
        let photodna = fixed(&self.photodna, row).map(|value| PhotoDna(Box::new(value)));
        Ok(Change::Upsert(Entry {
            id,
            digests,
            size_bytes: self.size.is_valid(row).then(|| self.size.value(row)),
            verdict,
            flags: self.flags(row),
            series: series.to_owned(),
            pdq: fixed(&self.pdq, row).map(Pdq),
            photodna,
            standing,
        }))
    }

    fn flags(&self, row: usize) -> Flags {
        let flag = |at: usize| self.flags[at].is_valid(row).then(|| self.flags[at].value(row));
        Flags::of_list(std::array::from_fn(flag))
    }
}

fn fixed<const BYTES: usize>(column: &FixedSizeBinaryArray, row: usize) -> Option<[u8; BYTES]> {
    if column.is_valid(row) { column.value(row).try_into().ok() } else { None }
}
