//! Files that describe what lies beside them: the case of another tool, as it was read to its end.
//!
//! They are no content that somebody has to judge, so the place of each is passed over. To hide a picture in that way must
//! not be possible: the file is read, digested and looked up like any other, and is passed over only where its bytes are
//! those that were read as a description, they are no media, no set knows them, and no record of the description means them
//! (which whoever joins the records holds). A copy anywhere else is an item.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use casefile::{CaseFile, Record, RecordContent};
use domain::{Digests, MediaClass, Sha256, SourcePath};
use evidence::Source;
use formats::case::{CaseDescription, slashed};

use crate::Error;
use crate::load::STATED;

/// A file that describes media, on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Description {
    /// The file, or the archive that it is a member of.
    file: PathBuf,
    /// Name of the member with `/` between its parts, as it is shown.
    member: Option<String>,
    sha256: Sha256,
}

impl Description {
    /// Gives those that were read out of one file.
    pub fn of(file: &Path, found: &[CaseDescription]) -> Vec<Self> {
        let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let one = |found: &CaseDescription| Self {
            file: file.clone(),
            member: found.member.as_ref().map(SourcePath::shown),
            sha256: found.sha256,
        };
        found.iter().map(one).collect()
    }

    /// Gives those that the case knows of: what its loads of other tools' cases noted.
    pub fn of_case(case: &CaseFile) -> Result<Vec<Self>, Error> {
        let mut all = Vec::new();
        for row in case.sources()?.into_iter().filter(|row| row.kind == STATED) {
            let Some(summary) = case.load_summary(row.id)? else { continue };
            let noted = summary["descriptions"].as_array().into_iter().flatten();
            all.extend(noted.filter_map(|noted| {
                Some(Self {
                    file: row.root.clone(),
                    member: noted["member"].as_str().map(str::to_owned),
                    sha256: noted["sha256"].as_str()?.parse().ok()?,
                })
            }));
        }
        Ok(all)
    }

    /// Names its place in a source, as it is shown; `None` where it lies elsewhere.
    pub fn place_in(&self, root: &Path) -> Option<String> {
        let below = self.file.strip_prefix(root).ok()?;
        let below = SourcePath(slashed(below.as_os_str().as_encoded_bytes())).shown();
        match &self.member {
            Some(member) if below.is_empty() => Some(member.clone()),
            Some(member) => Some(format!("{below}!/{member}")),
            None => Some(below),
        }
    }
}

/// The descriptions that lie in one source.
#[derive(Debug, Default)]
pub(crate) struct DescriptionsHere {
    places: HashMap<String, Vec<Sha256>>,
}

impl DescriptionsHere {
    pub fn of(all: &[Description], source: &Source) -> Self {
        let mut places: HashMap<String, Vec<Sha256>> = HashMap::new();
        for one in all {
            if let Some(place) = one.place_in(source.root()) {
                places.entry(place).or_default().push(one.sha256);
            }
        }
        Self { places }
    }

    /// Gives the digests of what was read where that is a description and nothing else.
    pub fn passed_over(&self, record: &Record) -> Option<Digests> {
        let RecordContent::Item(item) = &record.content else { return None };
        if self.places.is_empty() || item.media.class != MediaClass::Other || !item.hits.is_empty() {
            return None;
        }
        let at = self.places.get(&SourcePath(slashed(&record.path.0)).shown())?;
        at.contains(&item.digests.sha256).then_some(item.digests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, member: Option<&str>, root: &str, want: Option<&str>) {
        let one = Description { file: file.into(), member: member.map(str::to_owned), sha256: Sha256([1; 32]) };
        assert_eq!(one.place_in(Path::new(root)).as_deref(), want, "{file} {member:?} in {root}");
    }

    #[test]
    fn a_description_has_its_place_in_every_source_that_holds_it() {
        check("/a/b/case.json", None, "/a/b", Some("case.json"));
        check("/a/b/case.json", None, "/a", Some("b/case.json"));
        check("/a/b/case.json", None, "/a/bc", None);
        check("/a/b/case.json", None, "/c", None);
        check("/a/x.zip", Some("out/Pictures.json"), "/a/x.zip", Some("out/Pictures.json"));
        check("/a/x.zip", Some("out/Pictures.json"), "/a", Some("x.zip!/out/Pictures.json"));
    }
}
