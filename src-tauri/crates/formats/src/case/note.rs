//! What a person should read about a case: of the file as a whole, and of what was set aside in its records.
//!
//! Both lists are closed, so that whoever shows them has words of its own for each; what `Display` gives is the sentence in
//! English, and that is what a terminal and scripts have.

use std::fmt;

use serde::{Serialize, Serializer};

use super::PathRefusal;

/// Says something about the file as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseNote {
    /// More of the case follows in another file.
    Continues,
    /// The context is none of Project VIC's.
    OtherContext,
    /// The version of VICS is not known.
    OtherVersion,
    /// The file has no context.
    NoContext,
    /// Nothing says whose scheme the codes are of.
    NoScheme,
    /// The file names another profile than a person chose.
    OtherProfile,
    /// The file declares another number of media than it has records.
    Declared {
        /// Media, as the file declares them.
        media: u64,
        /// Records that it holds.
        records: u64,
    },
    /// The archive holds cases of both forms, and one was read.
    BothKinds,
}

/// Says what was set aside in a record that is kept, or passed over beside the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetAside {
    /// A small picture of the file.
    Miniature,
    /// A text that is too long to be kept.
    LongText,
    /// A part of a list that is no object.
    NoPart,
    /// A text that is too long, in a field that is not known.
    CutField,
    /// A text that is too long, in an element.
    CutElement,
    /// A text with bytes that are no characters.
    NoCharacters,
    /// A field of VICS whose value cannot be used.
    Field {
        /// Its name in the form; never as the file has it.
        name: &'static str,
    },
    /// An element of C4All whose text cannot be used.
    Element {
        /// Its name in the form; never as the file has it.
        name: &'static str,
    },
    /// A digest of an empty file.
    EmptyDigest,
    /// A part of a record with another MD5 than the record's.
    OtherMd5,
    /// A perceptual value that is only its own name.
    PerceptualName,
    /// A perceptual value with a wrong length or alphabet.
    PerceptualForm,
    /// Two perceptual values of one kind that contradict each other.
    PerceptualTwo,
    /// A place without a path and a name.
    NoPlace,
    /// `IsPrecategorized` without a category.
    Precategorized,
    /// A case that is no object.
    NoCase,
    /// A record that is no object.
    NoRecord,
    /// An `&` that was not escaped.
    Ampersand,
    /// An element that is no picture or film.
    NoMedia,
    /// A path of a stored file that may not be followed.
    Path(PathRefusal),
}

/// Says how often something was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseRemark {
    /// What.
    pub what: SetAside,
    /// How often; each occurrence counts, also several in one record.
    pub count: u64,
}

impl fmt::Display for CaseNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Continues => "The file says that more of the case follows in another file",
            Self::OtherContext => "The file's context is none of Project VIC's; it is read by the names of its fields",
            Self::OtherVersion => "This version of VICS is not known to Zeef; it was read like version 2.0",
            Self::NoContext => "The file has no context; it was recognised by the names of its fields",
            Self::NoScheme => "The file names no scheme: choose the profile that its categories belong to",
            Self::OtherProfile => "The file names another profile than the one that was chosen; the chosen one counts",
            Self::Declared { media, records } => {
                return write!(
                    f,
                    "The file declares {media} media and holds {records} records; tools count differently"
                );
            }
            Self::BothKinds => {
                "The archive holds a VICS case and a C4All index: the VICS case was read, the index was not"
            }
        })
    }
}

impl fmt::Display for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Miniature => "Miniature, a small picture of the file, not kept",
            Self::LongText => "text of more than 1 MiB, not kept",
            Self::NoPart => "part of a list that is no object, not kept",
            Self::CutField => "text of more than 1 MiB in a field that is not known, cut",
            Self::CutElement => "text of more than 1 MiB, cut",
            Self::NoCharacters => "text with bytes that are no UTF-8, shown as U+FFFD",
            Self::Field { name } => {
                return write!(f, "{name} that is none, or stands twice: kept as it stood, and not used");
            }
            Self::Element { name } => return write!(f, "{name} that is none, kept as it stood, and not used"),
            Self::EmptyDigest => "digest of an empty file, kept as it stood, and not used",
            Self::OtherMd5 => "part of a record with another MD5 than the record's, kept with it",
            Self::PerceptualName => "perceptual value with only its own name, kept as it stood, and not used",
            Self::PerceptualForm => "perceptual value with a wrong length or alphabet, kept as it stood, and not used",
            Self::PerceptualTwo => "two different perceptual values of one kind, kept as they stood, and not used",
            Self::NoPlace => "place without a path and a name",
            Self::Precategorized => "IsPrecategorized without a Category, which is no verdict",
            Self::NoCase => "case that is no object, passed over",
            Self::NoRecord => "record that is no object, passed over",
            Self::Ampersand => "`&` that was not escaped, kept as it stood",
            Self::NoMedia => "element that is no picture or film, passed over",
            Self::Path(why) => return write!(f, "{why}"),
        })
    }
}

impl fmt::Display for CaseRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}", self.count, self.what)
    }
}

impl Serialize for CaseNote {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for CaseRemark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_and_remarks_are_their_sentences_for_scripts() {
        let note = CaseNote::Declared { media: 3, records: 40 };
        let remark = CaseRemark { what: SetAside::Path(PathRefusal::Climbs), count: 2 };
        assert_eq!(
            serde_json::to_value((note, remark)).unwrap(),
            serde_json::json!([
                "The file declares 3 media and holds 40 records; tools count differently",
                "2 × path of a stored file that climbs out with `..`, not followed",
            ])
        );
        let remark = CaseRemark { what: SetAside::Field { name: "MediaSize" }, count: 12 };
        assert_eq!(remark.to_string(), "12 × MediaSize that is none, or stands twice: kept as it stood, and not used");
    }
}
