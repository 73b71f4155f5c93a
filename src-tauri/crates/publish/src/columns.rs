//! The tables of the repository in Parquet: how rows become columns, and columns rows.
//!
//! Contributions and the rows of a release share the columns of an entry. Numbers are signed 64-bit and digests are bytes of
//! any length, so that every engine that reads Parquet compares and groups them alike.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, BooleanArray, BooleanBuilder, Int64Array, Int64Builder,
    RecordBatch, StringArray, StringBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use domain::{CategoryCode, Entry, EntryDigests, EntryId, Flags, Md5, Pdq, PhotoDna, Sha1, Sha256, Standing, Verdict};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::disk::{self, Readers};
use crate::error::{PublishError, io_at};

/// Rows that are written at once.
const BATCH_ROWS: usize = 8192;
/// Rows of a group: the writer holds one group in memory.
const GROUP_ROWS: usize = 256 << 10;
/// Level of zstd for tables that stay on the custodian's disk.
const ZSTD_LEVEL: i32 = 1;
/// Longest text of a series, in bytes; a longer one is cut.
const SERIES_BYTES_MAX: usize = 4096;

fn field(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}

fn entry_fields() -> Vec<Field> {
    let mut fields: Vec<Field> = ["md5", "sha1", "sha256"].iter().map(|name| field(name, DataType::Binary)).collect();
    fields.push(field("size_bytes", DataType::Int64));
    fields.extend(Flags::NAMES.iter().map(|name| field(name, DataType::Boolean)));
    fields.push(field("series", DataType::Utf8));
    fields.extend(["pdq", "photodna"].iter().map(|name| field(name, DataType::Binary)));
    fields
}

/// Gives the columns of a contribution.
pub(crate) fn contribution_schema() -> SchemaRef {
    let mut fields = vec![
        Field::new("contributor", DataType::Utf8, false),
        Field::new("list", DataType::Int64, false),
        Field::new("ord", DataType::Int64, false),
        field("code", DataType::Utf8),
    ];
    fields.extend(entry_fields());
    // Tables of before packages lack these; where a column is missing, its values are null.
    fields.push(field("votes", DataType::Int64));
    fields.push(field("vetoed", DataType::Boolean));
    fields.push(field("vetoes", DataType::Utf8));
    Arc::new(Schema::new(fields))
}

/// What a package says of an item beside its entry; lists say nothing of it.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// People of the case whose opinion is that of the row.
    pub votes: Option<i64>,
    /// Whether one of the vetoes is against an entry of this set.
    pub vetoed: Option<bool>,
    /// Vetoes, as JSON of [`domain::ClassifiedVeto`].
    pub vetoes: Option<String>,
}

/// Gives the columns of the rows of a release.
fn release_schema() -> SchemaRef {
    let mut fields = vec![
        Field::new("entry_id", DataType::Int64, false),
        Field::new("verdict", DataType::Int64, false),
        field("category", DataType::Utf8),
        field("standing", DataType::Int64),
    ];
    fields.extend(entry_fields());
    Arc::new(Schema::new(fields))
}

/// The columns that contributions and releases share.
#[derive(Default)]
struct EntryColumns {
    digests: [BinaryBuilder; 3],
    size: Int64Builder,
    flags: [BooleanBuilder; 6],
    series: StringBuilder,
    pdq: BinaryBuilder,
    photodna: BinaryBuilder,
}

impl EntryColumns {
    fn push(&mut self, entry: &Entry) {
        let [md5, sha1, sha256] = &mut self.digests;
        md5.append_option(entry.digests.md5.map(|digest| digest.0));
        sha1.append_option(entry.digests.sha1.map(|digest| digest.0));
        sha256.append_option(entry.digests.sha256.map(|digest| digest.0));
        // A length beyond 8 EiB is no length of a file; the row counts without it.
        self.size.append_option(entry.size_bytes.and_then(|size| i64::try_from(size).ok()));
        for (builder, flag) in self.flags.iter_mut().zip(entry.flags.list()) {
            builder.append_option(flag);
        }
        self.series.append_option(Some(&entry.series).filter(|series| !series.is_empty()));
        self.pdq.append_option(entry.pdq.map(|value| value.0));
        self.photodna.append_option(entry.photodna.as_ref().map(|value| &value.0[..]));
    }

    fn finish(&mut self, out: &mut Vec<ArrayRef>) {
        out.extend(self.digests.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
        out.push(Arc::new(self.size.finish()));
        out.extend(self.flags.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
        out.push(Arc::new(self.series.finish()));
        out.push(Arc::new(self.pdq.finish()));
        out.push(Arc::new(self.photodna.finish()));
    }
}

/// A table that is written beside its place.
pub(crate) struct TableWriter {
    path: PathBuf,
    writer: ArrowWriter<File>,
    rows: u64,
}

impl TableWriter {
    /// Begins the table that will stand at `path`.
    pub(crate) fn create(path: &Path, schema: SchemaRef) -> Result<Self, PublishError> {
        let file = disk::create(&disk::unfinished(path), Readers::Owner)?;
        let zstd = ZstdLevel::try_new(ZSTD_LEVEL).expect("1 is a level of zstd");
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(zstd))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_dictionary_enabled(true)
            .build();
        let writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(|e| PublishError::table(path, e))?;
        Ok(Self { path: path.to_owned(), writer, rows: 0 })
    }

    /// Adds rows.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), PublishError> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|error| PublishError::table(&self.path, error))
    }

    /// Makes the table durable and gives it its name; tells the number of its rows.
    pub(crate) fn finish(self) -> Result<u64, PublishError> {
        let file = self.writer.into_inner().map_err(|error| PublishError::table(&self.path, error))?;
        file.sync_all().map_err(io_at("sync", &self.path))?;
        disk::rename(&disk::unfinished(&self.path), &self.path)?;
        Ok(self.rows)
    }
}

/// Writes the rows of one contribution.
pub(crate) struct ContributionWriter {
    table: TableWriter,
    contributor: String,
    list: i64,
    rows: usize,
    contributors: StringBuilder,
    lists: Int64Builder,
    ords: Int64Builder,
    codes: StringBuilder,
    entries: EntryColumns,
    votes: Int64Builder,
    vetoed: BooleanBuilder,
    vetoes: StringBuilder,
}

impl ContributionWriter {
    /// Begins the contribution that line `list` of the journal will name.
    pub(crate) fn create(path: &Path, contributor: &str, list: i64) -> Result<Self, PublishError> {
        Ok(Self {
            table: TableWriter::create(path, contribution_schema())?,
            contributor: contributor.to_owned(),
            list,
            rows: 0,
            contributors: StringBuilder::new(),
            lists: Int64Builder::new(),
            ords: Int64Builder::new(),
            codes: StringBuilder::new(),
            entries: EntryColumns::default(),
            votes: Int64Builder::new(),
            vetoed: BooleanBuilder::new(),
            vetoes: StringBuilder::new(),
        })
    }

    /// Adds a row with its place in the order of all rows, the code of its opinion, and what is said beside it.
    pub(crate) fn push(
        &mut self,
        ord: i64,
        code: Option<&str>,
        entry: &Entry,
        beside: &Beside,
    ) -> Result<(), PublishError> {
        self.contributors.append_value(&self.contributor);
        self.lists.append_value(self.list);
        self.ords.append_value(ord);
        self.codes.append_option(code);
        self.entries.push(entry);
        self.votes.append_option(beside.votes);
        self.vetoed.append_option(beside.vetoed);
        self.vetoes.append_option(beside.vetoes.as_deref());
        self.rows += 1;
        if self.rows == BATCH_ROWS { self.write_batch() } else { Ok(()) }
    }

    fn write_batch(&mut self) -> Result<(), PublishError> {
        self.rows = 0;
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.contributors.finish()),
            Arc::new(self.lists.finish()),
            Arc::new(self.ords.finish()),
            Arc::new(self.codes.finish()),
        ];
        self.entries.finish(&mut columns);
        columns.push(Arc::new(self.votes.finish()));
        columns.push(Arc::new(self.vetoed.finish()));
        columns.push(Arc::new(self.vetoes.finish()));
        let batch = RecordBatch::try_new(contribution_schema(), columns)
            .expect("the columns are those of the schema, all of one length");
        self.table.write(&batch)
    }

    /// Makes the contribution durable under its name.
    pub(crate) fn finish(mut self) -> Result<u64, PublishError> {
        self.write_batch()?;
        self.table.finish()
    }
}

/// Writes the rows of a release, for the next one to be compared with.
pub(crate) struct RowsWriter {
    table: TableWriter,
    rows: usize,
    ids: Int64Builder,
    verdicts: Int64Builder,
    categories: StringBuilder,
    standings: Int64Builder,
    entries: EntryColumns,
}

impl RowsWriter {
    /// Begins the rows.
    pub(crate) fn create(path: &Path) -> Result<Self, PublishError> {
        Ok(Self {
            table: TableWriter::create(path, release_schema())?,
            rows: 0,
            ids: Int64Builder::new(),
            verdicts: Int64Builder::new(),
            categories: StringBuilder::new(),
            standings: Int64Builder::new(),
            entries: EntryColumns::default(),
        })
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, entry: &Entry) -> Result<(), PublishError> {
        let (verdict, category) = match &entry.verdict {
            Verdict::Unclassified => (0, None),
            Verdict::Member => (1, None),
            Verdict::Category(code) => (2, Some(&code.0)),
        };
        self.ids.append_value(entry.id.0.cast_signed());
        self.verdicts.append_value(verdict);
        self.categories.append_option(category);
        self.standings.append_option(entry.standing.map(|standing| match standing {
            Standing::OneOpinion => 0,
            Standing::Confirmed => 1,
            Standing::Disputed => 2,
        }));
        self.entries.push(entry);
        self.rows += 1;
        if self.rows == BATCH_ROWS { self.write_batch() } else { Ok(()) }
    }

    fn write_batch(&mut self) -> Result<(), PublishError> {
        self.rows = 0;
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.ids.finish()),
            Arc::new(self.verdicts.finish()),
            Arc::new(self.categories.finish()),
            Arc::new(self.standings.finish()),
        ];
        self.entries.finish(&mut columns);
        let batch = RecordBatch::try_new(release_schema(), columns)
            .expect("the columns are those of the schema, all of one length");
        self.table.write(&batch)
    }

    /// Makes the rows durable under their name.
    pub(crate) fn finish(mut self) -> Result<u64, PublishError> {
        self.write_batch()?;
        self.table.finish()
    }
}

/// The columns of a batch, by name, in the forms that this program knows.
pub(crate) struct Batch<'a> {
    path: &'a Path,
    batch: &'a RecordBatch,
}

impl<'a> Batch<'a> {
    /// Looks at a batch that came from `path`.
    pub(crate) fn new(path: &'a Path, batch: &'a RecordBatch) -> Self {
        Self { path, batch }
    }

    fn column(&self, name: &str, data_type: &DataType) -> Result<ArrayRef, PublishError> {
        let missing = || PublishError::table(self.path, format!("the column {name} is missing"));
        let column = self.batch.column_by_name(name).ok_or_else(missing)?;
        cast(column, data_type).map_err(|error| PublishError::table(self.path, error))
    }

    /// Gives a column of bytes.
    pub(crate) fn bytes(&self, name: &str) -> Result<BinaryArray, PublishError> {
        Ok(self.column(name, &DataType::Binary)?.as_binary::<i32>().clone())
    }

    /// Gives a column of texts.
    pub(crate) fn texts(&self, name: &str) -> Result<StringArray, PublishError> {
        Ok(self.column(name, &DataType::Utf8)?.as_string::<i32>().clone())
    }

    /// Gives a column of numbers.
    pub(crate) fn numbers(&self, name: &str) -> Result<Int64Array, PublishError> {
        Ok(self.column(name, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
    }

    /// Gives a column of truth values.
    pub(crate) fn truths(&self, name: &str) -> Result<BooleanArray, PublishError> {
        Ok(self.column(name, &DataType::Boolean)?.as_boolean().clone())
    }
}

/// Gives the value of a row, or `None` for null.
pub(crate) fn number_at(column: &Int64Array, row: usize) -> Option<i64> {
    column.is_valid(row).then(|| column.value(row))
}

fn bytes_at<const BYTES: usize>(
    path: &Path,
    column: &BinaryArray,
    row: usize,
) -> Result<Option<[u8; BYTES]>, PublishError> {
    if column.is_null(row) {
        return Ok(None);
    }
    let wrong = |_| PublishError::table(path, format!("a value of {BYTES} bytes has another length"));
    <[u8; BYTES]>::try_from(column.value(row)).map(Some).map_err(wrong)
}

/// Reads the columns that contributions and releases share; ids, verdicts and standings are for the caller.
fn entries(batch: &Batch<'_>, ids: &Int64Array) -> Result<Vec<Entry>, PublishError> {
    let path = batch.path;
    let (md5, sha1, sha256) = (batch.bytes("md5")?, batch.bytes("sha1")?, batch.bytes("sha256")?);
    let (size, series) = (batch.numbers("size_bytes")?, batch.texts("series")?);
    let (pdq, photodna) = (batch.bytes("pdq")?, batch.bytes("photodna")?);
    let flags = Flags::NAMES.iter().map(|name| batch.truths(name)).collect::<Result<Vec<_>, _>>()?;
    let flag = |place: usize, row: usize| flags[place].is_valid(row).then(|| flags[place].value(row));
    let entry = |row: usize| {
        let digests = EntryDigests {
            md5: bytes_at(path, &md5, row)?.map(Md5),
            sha1: bytes_at(path, &sha1, row)?.map(Sha1),
            sha256: bytes_at(path, &sha256, row)?.map(Sha256),
        };
        let text = if series.is_null(row) { "" } else { series.value(row) };
        Ok(Entry {
            id: EntryId(ids.value(row).cast_unsigned()),
            digests,
            size_bytes: number_at(&size, row).map(i64::cast_unsigned),
            verdict: Verdict::Unclassified,
            flags: Flags::of_list(std::array::from_fn(|place| flag(place, row))),
            series: text[..text.floor_char_boundary(SERIES_BYTES_MAX)].to_owned(),
            pdq: bytes_at(path, &pdq, row)?.map(Pdq),
            photodna: bytes_at(path, &photodna, row)?.map(|value| PhotoDna(Box::new(value))),
            standing: None,
        })
    };
    (0..batch.batch.num_rows()).map(entry).collect()
}

fn standing(path: &Path, number: Option<i64>) -> Result<Option<Standing>, PublishError> {
    match number {
        None => Ok(None),
        Some(0) => Ok(Some(Standing::OneOpinion)),
        Some(1) => Ok(Some(Standing::Confirmed)),
        Some(2) => Ok(Some(Standing::Disputed)),
        Some(other) => Err(PublishError::table(path, format!("{other} is no standing"))),
    }
}

/// A row of the set with the custodian's last word on it.
pub(crate) struct Judged {
    /// The row.
    pub entry: Entry,
    /// As `published.sql` gives it.
    pub mark: Option<i64>,
}

/// Reads a batch of the query `published`; `verdicts` are the categories of the scheme in their order.
pub(crate) fn judged(path: &Path, batch: &RecordBatch, verdicts: &[Verdict]) -> Result<Vec<Judged>, PublishError> {
    let batch = Batch::new(path, batch);
    let ids = batch.numbers("entry_id")?;
    let (marks, numbers, standings) = (batch.numbers("mark")?, batch.numbers("verdict")?, batch.numbers("standing")?);
    let rows = entries(&batch, &ids)?.into_iter().enumerate();
    rows.map(|(row, mut entry)| {
        let number = numbers.value(row);
        entry.verdict = match usize::try_from(number).ok().map(|number| number.checked_sub(1)) {
            Some(None) => Verdict::Unclassified,
            Some(Some(place)) if place < verdicts.len() => verdicts[place].clone(),
            _ => return Err(PublishError::table(path, format!("{number} is no category"))),
        };
        entry.standing = standing(path, number_at(&standings, row))?;
        Ok(Judged { entry, mark: number_at(&marks, row) })
    })
    .collect()
}

/// Reads the rows of a release in the order of their ids.
pub(crate) struct RowsReader {
    path: PathBuf,
    batches: ParquetRecordBatchReader,
    rows: std::vec::IntoIter<Entry>,
}

impl RowsReader {
    /// Opens the rows.
    pub(crate) fn open(path: &Path) -> Result<Self, PublishError> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(disk::open(path)?);
        let batches = builder.and_then(|builder| builder.with_batch_size(BATCH_ROWS).build());
        let batches = batches.map_err(|error| PublishError::table(path, error))?;
        Ok(Self { path: path.to_owned(), batches, rows: Vec::new().into_iter() })
    }

    /// Gives the next row.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, PublishError> {
        loop {
            if let Some(entry) = self.rows.next() {
                return Ok(Some(entry));
            }
            let Some(batch) = self.batches.next() else { return Ok(None) };
            let batch = batch.map_err(|error| PublishError::table(&self.path, error))?;
            self.rows = self.decoded(&batch)?.into_iter();
        }
    }

    fn decoded(&self, batch: &RecordBatch) -> Result<Vec<Entry>, PublishError> {
        let batch = Batch::new(&self.path, batch);
        let ids = batch.numbers("entry_id")?;
        let (verdicts, categories) = (batch.numbers("verdict")?, batch.texts("category")?);
        let standings = batch.numbers("standing")?;
        let mut rows = entries(&batch, &ids)?;
        for (row, entry) in rows.iter_mut().enumerate() {
            entry.verdict = match verdicts.value(row) {
                0 => Verdict::Unclassified,
                1 => Verdict::Member,
                2 if categories.is_valid(row) => Verdict::Category(CategoryCode(categories.value(row).to_owned())),
                other => return Err(PublishError::table(&self.path, format!("{other} is no verdict"))),
            };
            entry.standing = standing(&self.path, number_at(&standings, row))?;
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_release_go_round() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.parquet");
        let digests =
            EntryDigests { md5: Some(Md5([1; 16])), sha1: Some(Sha1([2; 20])), sha256: Some(Sha256([3; 32])) };
        let full = Entry {
            size_bytes: Some(9),
            flags: Flags { distributed: Some(true), baseline: Some(false), ..Flags::default() },
            series: "é".to_owned(),
            pdq: Some(Pdq([4; 32])),
            photodna: Some(PhotoDna(Box::new([5; 144]))),
            standing: Some(Standing::Disputed),
            ..Entry::bare(EntryId(7), digests, Verdict::Category(CategoryCode("A".to_owned())))
        };
        let bare =
            Entry::bare(EntryId(9), EntryDigests { md5: Some(Md5([1; 16])), ..Default::default() }, Verdict::Member);
        let mut writer = RowsWriter::create(&path).unwrap();
        [&full, &bare].into_iter().for_each(|entry| writer.push(entry).unwrap());
        assert_eq!(writer.finish().unwrap(), 2);
        let mut reader = RowsReader::open(&path).unwrap();
        assert_eq!(reader.next().unwrap(), Some(full));
        assert_eq!(reader.next().unwrap(), Some(bare));
        assert_eq!(reader.next().unwrap(), None);
    }
}
