//! Writes classification sets in Parquet. Digests are hex, so that they join with any list; votes and vetoes are JSON.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder, RecordBatch, StringBuilder, UInt32Builder, UInt64Builder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use domain::{ClassifiedItem, Flags};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use super::standing_word;
use crate::{WriteError, Written};

/// Version of the columns, for whoever reads the file later.
const SCHEMA: &str = "1";
/// Rows that are held at once, and rows of a group.
const BATCH_ROWS: usize = 8192;
const GROUP_ROWS: usize = 65_536;
/// Level of zstd.
const ZSTD_LEVEL: i32 = 3;
/// Columns whose values never repeat or look like chance: to compress or to number them costs and gives nothing.
const PLAIN_COLUMNS: [&str; 4] = ["sha256", "sha1", "md5", "pdq"];

/// Writes a Parquet file, item by item.
pub struct ParquetWriter<'o> {
    writer: ArrowWriter<&'o mut (dyn Write + Send)>,
    columns: Columns,
    written: Written,
}

impl<'o> ParquetWriter<'o> {
    /// Begins the file.
    pub fn begin(out: &'o mut (dyn Write + Send)) -> Result<Self, WriteError> {
        let options = ArrowWriterOptions::new().with_properties(properties()).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(out, schema(), options).map_err(failed)?;
        Ok(Self { writer, columns: Columns::default(), written: Written::default() })
    }

    /// Adds one item.
    pub fn push(&mut self, item: &ClassifiedItem) -> Result<(), WriteError> {
        self.columns.push(item)?;
        self.written.records += 1;
        if self.columns.rows == BATCH_ROWS { self.write_batch() } else { Ok(()) }
    }

    /// Writes the end of the file.
    pub fn finish(mut self) -> Result<Written, WriteError> {
        self.write_batch()?;
        self.writer.close().map_err(failed)?;
        Ok(self.written)
    }

    fn write_batch(&mut self) -> Result<(), WriteError> {
        let batch = RecordBatch::try_new(schema(), std::mem::take(&mut self.columns).arrays())
            .expect("the columns are those of the schema, all of one length");
        self.writer.write(&batch).map_err(failed)
    }
}

/// Keeps the answer of the operating system where there is one: a full disk has its own message.
fn failed(error: ParquetError) -> WriteError {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(error) => WriteError::Io(*error),
            Err(other) => WriteError::Parquet(other.to_string()),
        },
        other => WriteError::Parquet(other.to_string()),
    }
}

fn schema() -> SchemaRef {
    let text = |name, nullable| Field::new(name, DataType::Utf8, nullable);
    let mut fields = vec![
        text("sha256", false),
        text("sha1", false),
        text("md5", false),
        Field::new("size_bytes", DataType::UInt64, false),
        text("mime", false),
        text("category", true),
        text("standing", true),
        Field::new("opinions", DataType::UInt32, false),
        text("votes", false),
    ];
    fields.extend(Flags::NAMES.map(|name| Field::new(name, DataType::Boolean, true)));
    fields.extend([
        text("series", false),
        text("pdq", true),
        text("vetoes", false),
        Field::new("occurrences", DataType::UInt64, false),
    ]);
    Arc::new(Schema::new(fields))
}

/// Fixes everything that could make two writers of the same items differ.
fn properties() -> WriterProperties {
    let zstd = ZstdLevel::try_new(ZSTD_LEVEL).expect("3 is a level of zstd");
    let head = vec![KeyValue::new("zeef-classification".to_owned(), SCHEMA.to_owned())];
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
        builder =
            builder.set_column_dictionary_enabled(column.clone(), false).set_column_encoding(column, Encoding::PLAIN);
    }
    builder.build()
}

/// The rows of one batch, column by column.
#[derive(Default)]
struct Columns {
    rows: usize,
    sha256: StringBuilder,
    sha1: StringBuilder,
    md5: StringBuilder,
    size: UInt64Builder,
    mime: StringBuilder,
    category: StringBuilder,
    standing: StringBuilder,
    opinions: UInt32Builder,
    votes: StringBuilder,
    flags: [BooleanBuilder; Flags::NAMES.len()],
    series: StringBuilder,
    pdq: StringBuilder,
    vetoes: StringBuilder,
    occurrences: UInt64Builder,
}

impl Columns {
    fn push(&mut self, item: &ClassifiedItem) -> Result<(), WriteError> {
        let json = |error: serde_json::Error| WriteError::Item(Box::new(error));
        let (votes, vetoes) = (serde_json::to_string(&item.votes), serde_json::to_string(&item.vetoes));
        let series = serde_json::to_string(&item.series).map_err(json)?;
        self.rows += 1;
        self.sha256.append_value(item.digests.sha256.to_string());
        self.sha1.append_value(item.digests.sha1.to_string());
        self.md5.append_value(item.digests.md5.to_string());
        self.size.append_value(item.digests.size_bytes);
        self.mime.append_value(&item.media.mime);
        self.category.append_option(item.category.as_ref().map(|code| &code.0));
        self.standing.append_option(item.standing.map(standing_word));
        self.opinions.append_value(u32::try_from(item.votes.len()).unwrap_or(u32::MAX));
        self.votes.append_value(votes.map_err(json)?);
        self.flags.iter_mut().zip(item.flags.list()).for_each(|(builder, flag)| builder.append_option(flag));
        self.series.append_value(series);
        self.pdq.append_option(item.pdq.map(|pdq| pdq.to_string()));
        self.vetoes.append_value(vetoes.map_err(json)?);
        self.occurrences.append_value(item.occurrences);
        Ok(())
    }

    fn arrays(mut self) -> Vec<ArrayRef> {
        let mut out: Vec<ArrayRef> = vec![
            Arc::new(self.sha256.finish()),
            Arc::new(self.sha1.finish()),
            Arc::new(self.md5.finish()),
            Arc::new(self.size.finish()),
            Arc::new(self.mime.finish()),
            Arc::new(self.category.finish()),
            Arc::new(self.standing.finish()),
            Arc::new(self.opinions.finish()),
            Arc::new(self.votes.finish()),
        ];
        out.extend(self.flags.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
        out.push(Arc::new(self.series.finish()));
        out.push(Arc::new(self.pdq.finish()));
        out.push(Arc::new(self.vetoes.finish()));
        out.push(Arc::new(self.occurrences.finish()));
        out
    }
}
