//! Writes the files of a release. The same rows give the same bytes.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, FixedSizeBinaryBuilder, RecordBatch, StringBuilder, UInt8Builder, UInt64Builder,
};
use domain::release::PART_BITS;
use domain::{Entry, EntryId, SetName, SetVersion, Sha256, Verdict};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use super::digest::{standing_number, verdict_number};
use super::{BATCH_ROWS, Change, DeltaHead, FILE_SCHEMA, GROUP_ROWS, PLAIN_COLUMNS, schema};
use crate::disk;
use crate::error::{HashsetError, io_at};
use crate::layout::CODE_BYTES_MAX;
use crate::writer::SERIES_BYTES_MAX;

/// Level of zstd for the columns that are compressed.
const ZSTD_LEVEL: i32 = 3;
/// Longest reason of a withdrawal; a longer one is cut.
const REASON_BYTES_MAX: usize = 4096;

/// A file that is written and synced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// Number of its bytes.
    pub bytes: u64,
    /// Number of its rows.
    pub rows: u64,
}

/// Writes one part of a snapshot.
pub struct PartWriter {
    rows: RowsWriter,
    number: u64,
}

impl PartWriter {
    /// Creates the file of part `number`, in the place of any that is there.
    pub fn create(path: &Path, set: &SetName, number: u64) -> Result<Self, HashsetError> {
        let head = vec![
            pair("schema", FILE_SCHEMA),
            pair("kind", "snapshot-part"),
            pair("set_id", set.as_str()),
            pair("part", &number.to_string()),
        ];
        Ok(Self { rows: RowsWriter::create(path, Kind::Part, head)?, number })
    }

    /// Adds the next row. It belongs to this part, and its id is above that of the one before: else it is an error.
    pub fn push(&mut self, entry: &Entry) -> Result<(), HashsetError> {
        if entry.id.0 >> PART_BITS != self.number {
            return Err(self.rows.wrong("an entry belongs to another part"));
        }
        self.rows.push_row(entry)
    }

    /// Writes the end of the file and makes it durable.
    pub fn finish(self) -> Result<WrittenFile, HashsetError> {
        self.rows.finish(Vec::new())
    }
}

/// Writes one delta.
pub struct DeltaWriter {
    rows: RowsWriter,
}

impl DeltaWriter {
    /// Creates the file, in the place of any that is there.
    pub fn create(path: &Path, set: &SetName, version: SetVersion) -> Result<Self, HashsetError> {
        let base = version.0.checked_sub(1).filter(|base| *base > 0);
        let head = vec![
            pair("schema", FILE_SCHEMA),
            pair("kind", "delta"),
            pair("set_id", set.as_str()),
            pair("base_version", &base.unwrap_or_default().to_string()),
            pair("version", &version.to_string()),
        ];
        let rows = RowsWriter::create(path, Kind::Delta, head)?;
        if base.is_none() {
            return Err(rows.wrong("a delta needs a version to start from"));
        }
        Ok(Self { rows })
    }

    /// Adds the next change. Its id is above that of the one before: else it is an error.
    pub fn push(&mut self, change: &Change) -> Result<(), HashsetError> {
        match change {
            Change::Upsert(entry) => self.rows.push_row(entry),
            Change::Withdraw { id, reason } => self.rows.push_withdrawal(*id, reason),
        }
    }

    /// Writes what the result has to be and the end of the file, and makes it durable. The set and the version of `head`
    /// are those that the file was created with.
    pub fn finish(self, head: &DeltaHead) -> Result<WrittenFile, HashsetError> {
        self.rows.finish(vec![
            pair("base_digest", &head.base_digest.to_string()),
            pair("result_digest", &head.result_digest.to_string()),
            pair("result_count", &head.result_count.to_string()),
        ])
    }
}

fn pair(key: &str, value: &str) -> KeyValue {
    KeyValue::new(key.to_owned(), value.to_owned())
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Part,
    Delta,
}

struct RowsWriter {
    path: PathBuf,
    writer: ArrowWriter<File>,
    kind: Kind,
    columns: Columns,
    last: Option<EntryId>,
    rows: u64,
}

impl RowsWriter {
    fn create(path: &Path, kind: Kind, head: Vec<KeyValue>) -> Result<Self, HashsetError> {
        let file = disk::create(path)?;
        let options = ArrowWriterOptions::new().with_properties(properties(head)).with_skip_arrow_metadata(true);
        let writer =
            ArrowWriter::try_new_with_options(file, schema(kind), options).map_err(|error| failed(path, &error))?;
        Ok(Self { path: path.to_owned(), writer, kind, columns: Columns::new(), last: None, rows: 0 })
    }

    fn wrong(&self, what: &'static str) -> HashsetError {
        HashsetError::NotWritable { path: self.path.clone(), what }
    }

    fn next_id(&mut self, id: EntryId) -> Result<(), HashsetError> {
        if self.last.is_some_and(|last| last >= id) {
            return Err(self.wrong("the entry ids do not ascend"));
        }
        self.last = Some(id);
        self.rows += 1;
        Ok(())
    }

    fn push_row(&mut self, entry: &Entry) -> Result<(), HashsetError> {
        if entry.digests.is_empty() || entry.digests.is_of_nothing() {
            return Err(self.wrong("an entry identifies nothing"));
        }
        let code_bytes = if let Verdict::Category(code) = &entry.verdict { code.0.len() } else { 0 };
        if entry.series.len() > SERIES_BYTES_MAX || code_bytes > CODE_BYTES_MAX {
            return Err(self.wrong("the category or the series of an entry is too long"));
        }
        self.next_id(entry.id)?;
        self.columns.push(entry);
        self.full_batch()
    }

    fn push_withdrawal(&mut self, id: EntryId, reason: &str) -> Result<(), HashsetError> {
        self.next_id(id)?;
        self.columns.push_withdrawal(id, &reason[..reason.floor_char_boundary(REASON_BYTES_MAX)]);
        self.full_batch()
    }

    fn full_batch(&mut self) -> Result<(), HashsetError> {
        if self.columns.rows == BATCH_ROWS { self.write_batch() } else { Ok(()) }
    }

    fn write_batch(&mut self) -> Result<(), HashsetError> {
        let batch = RecordBatch::try_new(schema(self.kind), self.columns.take(self.kind))
            .expect("the columns are those of the schema, all of one length");
        self.writer.write(&batch).map_err(|error| failed(&self.path, &error))
    }

    fn finish(mut self, tail: Vec<KeyValue>) -> Result<WrittenFile, HashsetError> {
        if self.columns.rows > 0 {
            self.write_batch()?;
        }
        tail.into_iter().for_each(|pair| self.writer.append_key_value_metadata(pair));
        let file = self.writer.into_inner().map_err(|error| failed(&self.path, &error))?;
        file.sync_all().map_err(io_at("sync", &self.path))?;
        let bytes = file.metadata().map_err(io_at("read", &self.path))?.len();
        Ok(WrittenFile { sha256: disk::sha256_of(&file, &self.path)?, bytes, rows: self.rows })
    }
}

/// Keeps the answer of the operating system where there is one: a full disk has its own message.
fn failed(path: &Path, error: &parquet::errors::ParquetError) -> HashsetError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            let copy = io.raw_os_error().map_or_else(|| io.kind().into(), std::io::Error::from_raw_os_error);
            return io_at("write", path)(copy);
        }
        source = error.source();
    }
    HashsetError::NotWritable { path: path.to_owned(), what: "the Parquet library refused" }
}

/// Fixes everything that could make two writers of the same rows differ.
fn properties(head: Vec<KeyValue>) -> WriterProperties {
    let zstd = ZstdLevel::try_new(ZSTD_LEVEL).expect("3 is a level of zstd");
    let mut builder = WriterProperties::builder()
        .set_created_by("zeef".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_compression(Compression::ZSTD(zstd))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_key_value_metadata(Some(head));
    for name in PLAIN_COLUMNS {
        let column = ColumnPath::from(name);
        builder = builder
            .set_column_compression(column.clone(), Compression::UNCOMPRESSED)
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_encoding(column, Encoding::PLAIN);
    }
    builder.set_column_dictionary_enabled(ColumnPath::from("entry_id"), false).build()
}

/// The rows of one batch, column by column.
struct Columns {
    rows: usize,
    id: UInt64Builder,
    digests: [FixedSizeBinaryBuilder; 3],
    size: UInt64Builder,
    verdict: UInt8Builder,
    category: StringBuilder,
    flags: [BooleanBuilder; 6],
    series: StringBuilder,
    standing: UInt8Builder,
    pdq: FixedSizeBinaryBuilder,
    photodna: FixedSizeBinaryBuilder,
    op: UInt8Builder,
    reason: StringBuilder,
}

impl Columns {
    fn new() -> Self {
        Self {
            rows: 0,
            id: UInt64Builder::new(),
            digests: [16, 20, 32].map(FixedSizeBinaryBuilder::new),
            size: UInt64Builder::new(),
            verdict: UInt8Builder::new(),
            category: StringBuilder::new(),
            flags: std::array::from_fn(|_| BooleanBuilder::new()),
            series: StringBuilder::new(),
            standing: UInt8Builder::new(),
            pdq: FixedSizeBinaryBuilder::new(32),
            photodna: FixedSizeBinaryBuilder::new(144),
            op: UInt8Builder::new(),
            reason: StringBuilder::new(),
        }
    }

    fn push(&mut self, entry: &Entry) {
        self.rows += 1;
        self.id.append_value(entry.id.0);
        let [md5, sha1, sha256] = &mut self.digests;
        append(md5, entry.digests.md5.as_ref().map(|digest| &digest.0[..]));
        append(sha1, entry.digests.sha1.as_ref().map(|digest| &digest.0[..]));
        append(sha256, entry.digests.sha256.as_ref().map(|digest| &digest.0[..]));
        self.size.append_option(entry.size_bytes);
        self.verdict.append_value(verdict_number(&entry.verdict));
        self.category.append_option(match &entry.verdict {
            Verdict::Category(code) => Some(&code.0),
            Verdict::Member | Verdict::Unclassified => None,
        });
        for (builder, flag) in self.flags.iter_mut().zip(entry.flags.list()) {
            builder.append_option(flag);
        }
        self.series.append_value(&entry.series);
        self.standing.append_option(entry.standing.map(standing_number));
        append(&mut self.pdq, entry.pdq.as_ref().map(|value| &value.0[..]));
        append(&mut self.photodna, entry.photodna.as_ref().map(|value| &value.0[..]));
        self.op.append_value(0);
        self.reason.append_null();
    }

    fn push_withdrawal(&mut self, id: EntryId, reason: &str) {
        self.rows += 1;
        self.id.append_value(id.0);
        self.digests.iter_mut().for_each(FixedSizeBinaryBuilder::append_null);
        self.size.append_null();
        self.verdict.append_value(0);
        self.category.append_null();
        self.flags.iter_mut().for_each(BooleanBuilder::append_null);
        self.series.append_value("");
        self.standing.append_null();
        self.pdq.append_null();
        self.photodna.append_null();
        self.op.append_value(1);
        self.reason.append_value(reason);
    }

    fn take(&mut self, kind: Kind) -> Vec<ArrayRef> {
        let mut whole = std::mem::replace(self, Self::new());
        let mut out: Vec<ArrayRef> = vec![Arc::new(whole.id.finish())];
        out.extend(whole.digests.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
        out.push(Arc::new(whole.size.finish()));
        out.push(Arc::new(whole.verdict.finish()));
        out.push(Arc::new(whole.category.finish()));
        out.extend(whole.flags.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
        out.push(Arc::new(whole.series.finish()));
        out.push(Arc::new(whole.standing.finish()));
        out.push(Arc::new(whole.pdq.finish()));
        out.push(Arc::new(whole.photodna.finish()));
        if kind == Kind::Delta {
            out.push(Arc::new(whole.op.finish()));
            out.push(Arc::new(whole.reason.finish()));
        }
        out
    }
}

fn append(builder: &mut FixedSizeBinaryBuilder, value: Option<&[u8]>) {
    match value {
        Some(value) => builder.append_value(value).expect("the value has the length of its column"),
        None => builder.append_null(),
    }
}
