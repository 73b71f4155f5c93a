//! Entries of the tar archive (ustar): made and read in the plainest form alone. Extensions, links and folders are refused
//! by their type, so that nothing of a header but a name and a length has a meaning.

use tar::{EntryType, Header};

use super::fault::Fault;
use super::manifest::Name;

/// Length of a header, and the unit in which the archive is filled up.
pub(crate) const BLOCK_BYTES: usize = 512;
/// Where the sum of a header stands in it.
const SUM_FIELD: std::ops::Range<usize> = 148..156;
/// Blocks of zeros that end an archive.
pub(crate) const END_BYTES: usize = 2 * BLOCK_BYTES;

/// Makes the header of a plain file.
pub(crate) fn header(name: &str, bytes: u64, seconds: i64) -> Result<[u8; BLOCK_BYTES], Fault> {
    let mut header = Header::new_ustar();
    header.set_path(name).map_err(|source| Fault::Io { action: "name a file in", source })?;
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(u64::try_from(seconds).unwrap_or(0));
    header.set_entry_type(EntryType::Regular);
    header.set_cksum();
    Ok(*header.as_bytes())
}

/// Gives the number of zeros that follow a file of this length.
pub(crate) fn padding(bytes: u64) -> usize {
    (BLOCK_BYTES - (bytes % BLOCK_BYTES as u64) as usize) % BLOCK_BYTES
}

/// Reads a header; `after` names the file before it. `None` is a block of zeros: the end of the archive.
pub(crate) fn read(block: &[u8; BLOCK_BYTES], after: &str) -> Result<Option<(Name, u64)>, Fault> {
    if block.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let header = Header::from_byte_slice(block);
    let sum = |byte: (usize, &u8)| if SUM_FIELD.contains(&byte.0) { u32::from(b' ') } else { u32::from(*byte.1) };
    let sum: u32 = block.iter().enumerate().map(sum).sum();
    if header.cksum().ok() != Some(sum) {
        return Err(Fault::Extra { after: after.to_owned() });
    }
    let name = header.path_bytes();
    let is_plain = matches!(header.entry_type(), EntryType::Regular);
    let has_link = header.link_name_bytes().is_some();
    if !is_plain || has_link || (header.as_ustar().is_none() && header.as_gnu().is_none()) {
        return Err(Fault::NotPlain { name: domain::escaped(&name) });
    }
    let bytes = header.entry_size().map_err(|_| Fault::NotPlain { name: domain::escaped(&name) })?;
    Ok(Some((Name::read(&name)?, bytes)))
}
