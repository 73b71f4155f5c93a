//! What the rooms below say in English, as words for which the window has sentences of its own in both languages.

use serde::Serialize;

/// Says something that a room below says in English, by a word for which the window has a sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Remark {
    /// Word that the window switches on.
    pub code: RemarkCode,
    /// Figures that stand in it, in their order.
    pub figures: Vec<Figure>,
    /// The whole of it in English, escaped.
    pub text: String,
}

/// Holds what stands in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Figure {
    /// A number, which is written as the language writes numbers.
    Count(u64),
    /// A code or the number of a version, which is written as it is.
    Name(String),
}

/// Names what is said. A new one is no program until the window has words for it in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum RemarkCode {
    /// Only the English text is known: it was kept by an older version of this program, or came with a case or a package
    /// of others.
    Other,

    /// Nobody has signed the scheme off.
    SchemeIllustration,

    /// One version adds or changes too much.
    WaitVersionAdds,
    /// One version withdraws too much.
    WaitVersionWithdraws,
    /// All versions together add or change too much.
    WaitAdds,
    /// All versions together withdraw too much.
    WaitWithdraws,
    /// Good sets have too many of the entries too.
    WaitQuarantined,
    /// All entries mean something else.
    WaitMeaning,

    /// The digest is that of an empty file.
    RowEmptyFile,
    /// The row has no digest.
    RowNoDigest,
    /// What stands in place of the digest is none.
    RowBadDigest,
    /// The digest stands for "none".
    RowPlaceholder,
    /// The digest was stored as a number.
    RowDigestNumber,
    /// The digest is of a kind that is not looked up.
    RowDigestKind,
    /// There are several digests, and nothing says which is which.
    RowSeveral,
    /// The row has other columns than the list.
    RowColumns,
    /// A size or a code is no number.
    RowNumber,
    /// The category is none.
    RowCategory,
    /// The category is too long.
    RowCategoryLong,
    /// The record is no object.
    RowNoObject,
    /// A field stands twice.
    RowTwice,
    /// NSRL marks it as malicious.
    RowMalicious,
    /// NSRL marks it as special.
    RowSpecial,
    /// It is of a product that was left out.
    RowProduct,
    /// IPED marks it as ordinary.
    RowOrdinary,
    /// IPED marks it as known material.
    RowAlert,

    /// Nothing would be imported.
    OpenNothing,
    /// Two files have the same content.
    OpenTwice,
    /// The files are of two schemes.
    OpenTwoSets,
    /// Nobody has said whose categories they are.
    OpenProfile,
    /// Nobody has said what a code means here.
    OpenMeaning,
    /// A set of ordinary files has categories.
    OpenJudged,
    /// An answer for a code has no effect.
    OpenIdle,

    /// More of the case follows in another file.
    CaseContinues,
    /// The context of the file is none of Project VIC's.
    CaseContext,
    /// The version of VICS is not known.
    CaseVersion,
    /// The file has no context.
    CaseNoContext,
    /// Nothing says whose scheme the codes are of.
    CaseNoScheme,
    /// The file names another profile than the one that was chosen.
    CaseOtherProfile,
    /// The file declares another number of media than it has records.
    CaseDeclared,
    /// The archive holds cases of both forms.
    CaseBoth,
    /// A small picture was not kept.
    CaseMiniature,
    /// A text was too long and was not kept.
    CaseLong,
    /// A part of a list is no object.
    CasePart,
    /// A text was too long and was cut.
    CaseCut,
    /// A text has bytes that are no characters.
    CaseBytes,
    /// A value cannot be used.
    CaseField,
    /// A digest is that of an empty file.
    CaseEmptyDigest,
    /// A part of a record has another MD5.
    CaseOtherMd5,
    /// A perceptual value cannot be used.
    CasePerceptual,
    /// Two perceptual values of one kind contradict each other.
    CasePerceptualTwo,
    /// A place has no path and no name.
    CaseNoPlace,
    /// A record is called categorized, and has no category.
    CasePrecategorized,
    /// A case is no object.
    CaseNoCase,
    /// A record is no object.
    CaseNoRecord,
    /// An `&` was not escaped.
    CaseAmpersand,
    /// An element is no picture or film.
    CaseElement,
    /// A path of a stored file starts at a root, a drive or another machine.
    CasePathAbsolute,
    /// A path of a stored file climbs out.
    CasePathClimbs,
    /// A path of a stored file has a zero byte.
    CasePathZero,

    /// A part of a file is damaged.
    VerifyDamaged,
    /// The ledger does not follow.
    VerifyChain,
    /// Rows are not what an operation recorded.
    VerifyRows,
    /// What is in force does not follow from the operations.
    VerifyReplay,
    /// A row refers to one that is not there.
    VerifyReference,
    /// A hide lacks its reason.
    VerifyHide,
    /// Something known was decoded.
    VerifyKnownDecoded,
    /// Derived rows contradict themselves or the ground.
    VerifyDerived,
    /// The sums are wrong.
    VerifySums,
    /// The key file is another one.
    VerifyKeys,
    /// Items are neither shown nor hidden.
    VerifyPending,
    /// The ledger lacks the head that was noted.
    VerifyNotedHead,
    /// Items are hidden by versions that are not in force.
    VerifyOtherVersion,
    /// An item is hidden by an entry that the set does not have.
    VerifyNotInSet,
    /// An item is hidden by an entry that a person has called wrong.
    VerifyCalledWrong,
}
