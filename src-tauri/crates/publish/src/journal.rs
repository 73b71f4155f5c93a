//! The journal: what was done in the repository, by whom and when, as lines of JSON that only grow. Each line holds the hash
//! of the one before, so that a change in the middle is seen.
//!
//! Contributions, decisions, withdrawals, partners, leads, limits and rules are what the journal says; nothing else keeps
//! them. A line without its end was never acknowledged: it is what a crash leaves, and it is dropped.

use std::io::Write;
use std::path::{Path, PathBuf};

use domain::release::{FloodLimits, Lead, Partner, PublisherId};
use domain::{CategoryCode, SetVersion, Sha256, UserName, UtcTime};
use serde::{Deserialize, Serialize};

use crate::contribute::Contribution;
use crate::disk;
use crate::error::{PublishError, io_at};
use crate::metadata::Duty;
use crate::rules::ShareRules;

/// Most lines: as many as fit into the order number of an opinion.
pub(crate) const RECORDS_MAX: u64 = 1 << 20;

/// What was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum Operation {
    /// The repository was made.
    Init,
    /// A list was taken in.
    Add(Box<Contribution>),
    /// A content was taken out of the set.
    Withdraw {
        /// Its strongest digest, in hex.
        digest: String,
        /// Why, in words that every workstation shows.
        reason: String,
    },
    /// The custodian has decided what a content is.
    Decide {
        /// Its strongest digest, in hex.
        digest: String,
        /// The category of the set's scheme; `None` decides that nobody can say, so it hides nothing.
        category: Option<CategoryCode>,
    },
    /// What is said of a partner.
    Partner {
        /// The partner.
        name: PublisherId,
        /// What is said.
        partner: Box<Partner>,
    },
    /// What is said of a team lead.
    Lead(Box<Lead>),
    /// By which rules rows are shared; `None` shares them whole.
    Share {
        /// The rules.
        rules: Option<Box<ShareRules>>,
    },
    /// How much one update may change; `None` goes by the number of entries.
    Limits {
        /// The limits.
        limits: Option<FloodLimits>,
    },
    /// Keys were changed.
    Rotate {
        /// Whose.
        duty: Duty,
        /// Version of the root metadata that says so.
        root: u64,
    },
    /// A release was placed.
    Release {
        /// Version of the set.
        version: SetVersion,
        /// Version of its timestamp.
        timestamp: u64,
        /// Number of entries.
        entries: u64,
        /// Digest of all rows.
        result_digest: Sha256,
    },
    /// The timestamp was signed again.
    Timestamp {
        /// Its version.
        timestamp: u64,
    },
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Number of the line, from 1.
    pub seq: u64,
    /// When.
    pub at: UtcTime,
    /// Who.
    pub by: UserName,
    /// Hash of the line before; of nothing for the first one.
    prev: Sha256,
    /// What.
    #[serde(flatten)]
    pub operation: Operation,
}

/// The journal of one repository.
pub(crate) struct Journal {
    path: PathBuf,
    /// Every line.
    pub records: Vec<Record>,
    head: Sha256,
    /// Length of the whole lines.
    bytes: u64,
}

impl Journal {
    /// Reads the journal and checks its chain.
    pub(crate) fn read(path: &Path) -> Result<Self, PublishError> {
        let text = disk::read(path)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut journal = Self::empty(path);
        for line in text[..whole].split_inclusive(|byte| *byte == b'\n') {
            let seq = journal.next();
            let wrong = |what: String| PublishError::damaged(path, format!("line {seq}: {what}"));
            let record: Record = serde_json::from_slice(line).map_err(|error| wrong(error.to_string()))?;
            if record.seq != seq || record.prev != journal.head {
                return Err(wrong("it does not follow the line before it".to_owned()));
            }
            journal.head = disk::sha256(line);
            journal.bytes += line.len() as u64;
            journal.records.push(record);
        }
        Ok(journal)
    }

    /// Begins a journal.
    pub(crate) fn empty(path: &Path) -> Self {
        Self { path: path.to_owned(), records: Vec::new(), head: disk::sha256(b""), bytes: 0 }
    }

    /// Gives the number of the next line.
    pub(crate) fn next(&self) -> u64 {
        self.records.len() as u64 + 1
    }

    /// Adds a line, durable when this returns.
    pub(crate) fn append(&mut self, at: UtcTime, by: &UserName, operation: Operation) -> Result<u64, PublishError> {
        let seq = self.next();
        if seq >= RECORDS_MAX {
            return Err(PublishError::refused(
                &self.path,
                "it is full",
                "Begin a new repository from the last release.",
            ));
        }
        let record = Record { seq, at, by: by.clone(), prev: self.head, operation };
        let mut line = serde_json::to_vec(&record).expect("the types of the journal have texts as their keys");
        line.push(b'\n');
        let mut file = disk::append(&self.path)?;
        // What a crash left of a line is cut off, so that the new line stands where it belongs.
        file.set_len(self.bytes).map_err(io_at("write", &self.path))?;
        file.write_all(&line).and_then(|()| file.sync_all()).map_err(io_at("write", &self.path))?;
        self.head = disk::sha256(&line);
        self.bytes += line.len() as u64;
        self.records.push(record);
        Ok(seq)
    }

    /// Lists the lists that were taken in, with their numbers and who gave them.
    pub(crate) fn contributions(&self) -> impl Iterator<Item = (&Record, &Contribution)> {
        self.records.iter().filter_map(|record| match &record.operation {
            Operation::Add(contribution) => Some((record, &**contribution)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(path: &Path) -> Journal {
        let mut journal = Journal::empty(path);
        let by: UserName = "Anna".parse().unwrap();
        journal.append(UtcTime(0), &by, Operation::Init).unwrap();
        for timestamp in 1..4 {
            journal.append(UtcTime(1), &by, Operation::Timestamp { timestamp }).unwrap();
        }
        journal
    }

    #[test]
    fn lines_follow_each_other_and_a_torn_one_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        filled(&path);
        let whole = disk::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], b"{\"seq\":5,"].concat()).unwrap();
        let mut journal = Journal::read(&path).unwrap();
        assert_eq!(journal.records.len(), 4);
        journal.append(UtcTime(2), &"Ben".parse().unwrap(), Operation::Timestamp { timestamp: 4 }).unwrap();
        assert_eq!(Journal::read(&path).unwrap().records.len(), 5);
    }

    #[test]
    fn a_line_that_was_changed_or_taken_out_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        filled(&path);
        let text = String::from_utf8(disk::read(&path).unwrap()).unwrap();
        std::fs::write(&path, text.replace("\"timestamp\":2", "\"timestamp\":9")).unwrap();
        assert!(matches!(Journal::read(&path), Err(PublishError::Damaged { .. })));
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        std::fs::write(&path, [lines[0], lines[2], lines[3]].concat()).unwrap();
        assert!(matches!(Journal::read(&path), Err(PublishError::Damaged { .. })));
    }
}
