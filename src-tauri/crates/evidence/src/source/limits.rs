//! The limits of reading, each with its reason.

/// Holds every limit of listing and reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Archives inside archives that are opened; deeper ones are refused. Real mail and phone exports have two or three.
    pub archive_depth: u32,
    /// Members of one archive; those beyond are refused together.
    pub archive_entries: u64,
    /// Bytes that an archive, or a member, may become for each packed byte. Photos stay below 2, text below 30,
    /// bombs are above 1,000.
    pub archive_ratio: u64,
    /// Unpacked bytes below which no ratio is held against an archive or a member: a small one harms nobody.
    pub archive_ratio_free_bytes: u64,
    /// Length of one member, unpacked.
    pub member_bytes: u64,
    /// Length of a member that is unpacked into memory: a picture, or an archive that is opened in its turn.
    pub memory_member_bytes: u64,
    /// Length of a path inside the source. A folder deeper than that is refused as a whole.
    pub path_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            archive_depth: 4,
            archive_entries: 1_000_000,
            archive_ratio: 200,
            archive_ratio_free_bytes: 16 << 20,
            member_bytes: 4 << 30,
            memory_member_bytes: 1 << 30,
            path_bytes: 256 << 10,
        }
    }
}
