//! Why a record of a list cannot become an entry.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

/// Says why a record of a list cannot become an entry. The rest of the list goes on.
///
/// The list is closed, so that whoever shows a reason has words of its own for each; what `Display` gives is the sentence in
/// English, and that is what stores and scripts have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum EntryRefusal {
    /// The digest is that of an empty file, which says nothing about any picture.
    #[error("digest of an empty file")]
    EmptyFile,
    /// The record has no MD5, SHA-1 or SHA-256.
    #[error("no digest")]
    NoDigest,
    /// A digest has the wrong length or a character that is no hex digit.
    #[error("not a digest")]
    BadDigest,
    /// All that stands in place of the digests are zeros or ones, which lists write for "none".
    #[error("placeholder digest")]
    Placeholder,
    /// The digest is one that was stored as a number, so that digits of it are lost.
    #[error("digest that was stored as a number")]
    DigestAsNumber,
    /// The digest is of a kind such as SHA-512.
    #[error("digest of a kind that is not looked up")]
    OtherDigest,
    /// Digests stand beside each other, and nothing says which is which.
    #[error("several digests in a row, and no line that names the columns")]
    SeveralDigests,
    /// The cells are not where the head of the list says.
    #[error("row with other columns than the list")]
    OtherColumns,
    /// A size or a code that has to be a number is none.
    #[error("file size or code that is no number")]
    NoNumber,
    /// The category is none.
    #[error("a category that is neither a whole number nor a code")]
    NoCategory,
    /// The category is longer than any code.
    #[error("the category has more than {bytes_max} bytes")]
    LongCategory {
        /// Longest code that is stored, bytes.
        bytes_max: usize,
    },
    /// An element of a JSON list is no object.
    #[error("a record that is no object")]
    NoObject,
    /// A field stands twice in a record, and nothing says which counts.
    #[error("a field occurs twice")]
    FieldTwice,
    /// NSRL marks the file as malicious.
    #[error("marked as malicious by its publisher")]
    Malicious,
    /// NSRL marks the file as special.
    #[error("marked as special by its publisher")]
    Special,
    /// The file belongs to a product that a person left out.
    #[error("of a product that was left out")]
    ExcludedProduct,
    /// A known set has a row that IPED marks as ordinary.
    #[error("status `known`, which IPED writes for ordinary files")]
    MarkedOrdinary,
    /// A set of ordinary files has a row that IPED marks as known material.
    #[error("status `alert` or `pedo` in a set of ordinary files")]
    MarkedKnown,
}

impl Serialize for EntryRefusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Gives counts of refusals by their sentences, in the order of these.
pub fn refused_in_words(refused: &BTreeMap<EntryRefusal, u64>) -> BTreeMap<String, u64> {
    refused.iter().map(|(why, count)| (why.to_string(), *count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_its_sentence_for_stores_and_scripts() {
        let refused = BTreeMap::from([(EntryRefusal::NoDigest, 2), (EntryRefusal::LongCategory { bytes_max: 32 }, 1)]);
        let words =
            BTreeMap::from([("no digest".to_owned(), 2), ("the category has more than 32 bytes".to_owned(), 1)]);
        assert_eq!(refused_in_words(&refused), words);
        assert_eq!(serde_json::to_value(&refused).unwrap(), serde_json::to_value(&words).unwrap());
    }
}
