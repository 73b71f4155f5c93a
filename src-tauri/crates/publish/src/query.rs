//! The query engine (DataFusion), embedded: tables in, a table or a stream out, in bounded memory.
//!
//! The queries are files of SQL beside this one; each says what it reads and gives. What is sorted on disk is declared
//! so, so that groupings and joins over it are streams; what has to be sorted spills to the folder `work`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext, col};
use tokio::runtime::Runtime;

use crate::columns::TableWriter;
use crate::disk;
use crate::error::{PublishError, io_at};

/// Memory of the query engine unless it is given: with the writers beside it, 2 GiB are enough for 10 million entries.
const MEMORY_BYTES: usize = 1200 << 20;
/// Partitions of a query that joins by sorting.
const JOIN_PARTITIONS: usize = 2;
/// Rows that flow through a query at once.
const BATCH_ROWS: usize = 8192;

/// Limits what the queries take of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Bytes of memory; beyond them the engine spills to disk.
    pub memory_bytes: usize,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { memory_bytes: MEMORY_BYTES }
    }
}

/// Tells how tables are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joins {
    /// Not at all.
    Never,
    /// By a hash table of the smaller one, which has to fit into memory.
    Hash,
    /// By sorting both, which spills.
    Sorted,
}

/// A table that a query reads.
pub(crate) enum Table<'a> {
    /// Files of one form, in no order.
    Files(&'a [PathBuf], SchemaRef),
    /// A file whose rows are in the order of these columns.
    Sorted(&'a Path, &'a [&'a str]),
    /// A small table.
    Memory(RecordBatch),
}

/// A query: its name for messages, its text, how it joins, and its tables by name.
pub(crate) struct Query<'a> {
    pub stage: &'static str,
    pub sql: &'a str,
    pub joins: Joins,
    pub tables: Vec<(&'static str, Table<'a>)>,
}

/// Runs queries for one repository.
pub(crate) struct Queries {
    repository: PathBuf,
    environment: Arc<RuntimeEnv>,
    runtime: Runtime,
}

impl Queries {
    /// Begins, with an empty folder for what is spilled.
    pub(crate) fn begin(repository: &Path, capacity: Capacity) -> Result<Self, PublishError> {
        let work = repository.join("work");
        if work.exists() {
            std::fs::remove_dir_all(&work).map_err(io_at("empty", &work))?;
        }
        disk::create_dir(&work)?;
        let failed = |source| failed("begin", repository, source);
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(capacity.memory_bytes)))
            .with_temp_file_path(&work)
            .with_max_temp_directory_size(u64::MAX)
            .build_arc()
            .map_err(failed)?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().build().map_err(io_at("start the engine for", repository))?;
        Ok(Self { repository: repository.to_owned(), environment, runtime })
    }

    /// Names a file of the folder for work.
    pub(crate) fn work(&self, name: &str) -> PathBuf {
        self.repository.join("work").join(name)
    }

    /// Runs a query into a table; tells the number of its rows.
    pub(crate) fn table_of(&self, query: Query<'_>, path: &Path) -> Result<u64, PublishError> {
        let mut rows = self.stream(query)?;
        let mut writer = TableWriter::create(path, rows.stream.schema())?;
        while let Some(batch) = rows.next()? {
            writer.write(&batch)?;
        }
        writer.finish()
    }

    /// Runs a query, and gives its rows one batch after the other.
    pub(crate) fn stream(&self, query: Query<'_>) -> Result<Batches<'_>, PublishError> {
        let stage = query.stage;
        let stream = self.runtime.block_on(self.started(query));
        let stream = stream.map_err(|source| failed(stage, &self.repository, source))?;
        Ok(Batches { queries: self, stage, stream })
    }

    async fn started(&self, query: Query<'_>) -> Result<SendableRecordBatchStream, DataFusionError> {
        // In one partition the order of a file is the order of its rows, and groupings over it need no memory. But the
        // planner joins by sorting only where there are several.
        let partitions = if query.joins == Joins::Sorted { JOIN_PARTITIONS } else { 1 };
        let config = SessionConfig::new()
            .with_target_partitions(partitions)
            .with_batch_size(BATCH_ROWS)
            .set_bool("datafusion.execution.parquet.schema_force_view_types", false)
            .set_bool("datafusion.optimizer.prefer_existing_sort", true)
            .set_bool("datafusion.optimizer.prefer_hash_join", query.joins == Joins::Hash);
        let context = SessionContext::new_with_config_rt(config, Arc::clone(&self.environment));
        for (name, table) in query.tables {
            match table {
                Table::Memory(batch) => drop(context.register_batch(name, batch)?),
                Table::Files(paths, schema) => {
                    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
                    let options = ParquetReadOptions { schema: Some(&schema), ..ParquetReadOptions::default() };
                    let frame = context.read_parquet(paths, options).await?;
                    context.register_table(name, frame.into_view())?;
                }
                Table::Sorted(path, columns) => {
                    let order = columns.iter().map(|name| col(*name).sort(true, true)).collect();
                    let options = ParquetReadOptions { file_sort_order: vec![order], ..ParquetReadOptions::default() };
                    context.register_parquet(name, path.display().to_string(), options).await?;
                }
            }
        }
        context.sql(query.sql).await?.execute_stream().await
    }
}

/// The answer of a query.
pub(crate) struct Batches<'a> {
    queries: &'a Queries,
    stage: &'static str,
    stream: SendableRecordBatchStream,
}

impl Batches<'_> {
    /// Gives the next rows, `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<RecordBatch>, PublishError> {
        let stream = &mut self.stream;
        let next = std::future::poll_fn(|context| stream.as_mut().poll_next(context));
        let batch = self.queries.runtime.block_on(next).transpose();
        batch.map_err(|source| failed(self.stage, &self.queries.repository, source))
    }
}

fn failed(stage: &'static str, repository: &Path, source: DataFusionError) -> PublishError {
    PublishError::Query { stage, repository: repository.to_owned(), source: Box::new(source) }
}
