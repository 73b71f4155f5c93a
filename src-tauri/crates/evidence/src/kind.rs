//! The type of a content, told by its bytes and never by its name; and names that claim another type.

use domain::{MediaClass, MediaType};

use MediaClass::{Archive, Audio, Other, Picture, Video};

/// Type of bytes that tell nothing.
const UNKNOWN: &str = "application/octet-stream";

/// Magic numbers: where they stand, the bytes, the type. The first that fits counts, so longer ones come first.
#[rustfmt::skip]
const MAGIC: &[(usize, &[u8], &str, MediaClass)] = &[
    (0, b"\xff\xd8\xff", "image/jpeg", Picture),
    (0, b"\x89PNG\r\n\x1a\n", "image/png", Picture),
    (0, b"GIF87a", "image/gif", Picture),
    (0, b"GIF89a", "image/gif", Picture),
    (0, b"\xff\x0a", "image/jxl", Picture),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl", Picture),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2", Other),
    (0, b"\xff\x4f\xff\x51", "image/jp2", Other),
    (0, b"8BPS\0", "image/vnd.adobe.photoshop", Other),
    (8, b"CR\x02", "image/x-canon-cr2", Other),
    (0, b"IIU\0", "image/x-panasonic-rw2", Other),
    (0, b"IIRO", "image/x-olympus-orf", Other),
    (0, b"IIRS", "image/x-olympus-orf", Other),
    (0, b"MMOR", "image/x-olympus-orf", Other),
    (0, b"FUJIFILMCCD-RAW", "image/x-fuji-raf", Other),
    (0, b"FOVb", "image/x-sigma-x3f", Other),
    (0, b"II\xbc", "image/jxr", Other),
    (0, b"II*\0", "image/tiff", Picture),
    (0, b"MM\0*", "image/tiff", Picture),
    (0, b"II+\0", "image/tiff", Picture),
    (0, b"MM\0+", "image/tiff", Picture),
    (0, b"\x76\x2f\x31\x01", "image/x-exr", Other),
    (0, b"qoif", "image/qoi", Other),
    (0, b"gimp xcf ", "image/x-xcf", Other),
    (0, b"DDS ", "image/vnd.ms-dds", Other),
    (0, b"AT&TFORM", "image/vnd.djvu", Other),
    (0, b"icns", "image/icns", Other),
    (0, b"\x1a\x45\xdf\xa3", "video/x-matroska", Video),
    (0, b"FLV\x01", "video/x-flv", Video),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf", Video),
    (0, b"\0\0\x01\xba", "video/mpeg", Video),
    (0, b"\0\0\x01\xb3", "video/mpeg", Video),
    (0, b".RMF", "application/vnd.rn-realmedia", Video),
    (0, b"ID3", "audio/mpeg", Audio),
    (0, b"fLaC", "audio/flac", Audio),
    (0, b"#!AMR", "audio/amr", Audio),
    (0, b"#!SILK_V3", "audio/silk", Audio),
    (0, b"\x02#!SILK_V3", "audio/silk", Audio),
    (0, b"MThd", "audio/midi", Audio),
    (0, b"caff\0\x01", "audio/x-caf", Audio),
    (0, b".snd", "audio/basic", Audio),
    (0, b"\x1f\x8b\x08", "application/gzip", Archive),
    (0, b"\xfd7zXZ\0", "application/x-xz", Archive),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd", Archive),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", Archive),
    (0, b"Rar!\x1a\x07", "application/vnd.rar", Archive),
    (0, b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed", Archive),
    (0, b"\x04\x22\x4d\x18", "application/x-lz4", Archive),
    (0, b"LZIP\x01", "application/x-lzip", Archive),
    (0, b"\x1f\x9d", "application/x-compress", Archive),
    (0, b"!<arch>\n", "application/x-archive", Archive),
    (0, b"070701", "application/x-cpio", Archive),
    (0, b"070702", "application/x-cpio", Archive),
    (0, b"070707", "application/x-cpio", Archive),
    (2, b"-lh5-", "application/x-lzh-compressed", Archive),
    (0, b"EVF\x09\x0d\x0a\xff\0", "application/x-ewf", Other),
    (0, b"KDMV", "application/x-vmdk", Other),
    (0, b"QFI\xfb", "application/x-qcow2", Other),
    (0, b"%PDF-", "application/pdf", Other),
    (0, b"%!PS", "application/postscript", Other),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3", Other),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", Other),
    (0, b"{\\rtf", "application/rtf", Other),
    (0, b"bplist00", "application/x-bplist", Other),
    (0, b"\x7fELF", "application/x-elf", Other),
    (0, b"\xca\xfe\xba\xbe", "application/x-mach-o-or-java", Other),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary", Other),
    (0, b"dex\n03", "application/x-dex", Other),
    (0, b"FWS", "application/x-shockwave-flash", Other),
    (0, b"CWS", "application/x-shockwave-flash", Other),
    (0, b"ZWS", "application/x-shockwave-flash", Other),
    (0, b"wOFF", "font/woff", Other),
    (0, b"wOF2", "font/woff2", Other),
    (0, b"OTTO\0", "font/otf", Other),
    (0, b"\0\x01\0\0\0", "font/ttf", Other),
    (0, b"\x4c\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut", Other),
];

/// Tells the type of a content by its first bytes: 4 KiB, or all of a shorter one.
///
/// Pictures are exactly the types that the decoder is given: `image/jpeg`, `png`, `gif`, `webp`, `tiff`, `bmp`, `heic`,
/// `heif`, `avif` and `jxl`.
pub fn media_type(first_bytes: &[u8]) -> MediaType {
    let (mime, class) = tell(first_bytes);
    MediaType { mime: mime.to_owned(), class }
}

fn tell(bytes: &[u8]) -> (&'static str, MediaClass) {
    let magic = || MAGIC.iter().find(|(at, magic, ..)| has(bytes, *at, magic)).map(|row| (row.2, row.3));
    // Tar comes after the magic numbers: bytes that pass for a picture too must be shown as one.
    let told = branded(bytes).or_else(|| riff(bytes)).or_else(|| zipped(bytes)).or_else(magic).or_else(|| tar(bytes));
    match told {
        Some(("video/x-matroska", class)) if contains(&bytes[..bytes.len().min(64)], b"webm") => ("video/webm", class),
        Some(told) => told,
        None => weakly(bytes).or_else(|| text(bytes)).unwrap_or((UNKNOWN, Other)),
    }
}

fn has(bytes: &[u8], at: usize, magic: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(magic))
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// ISO base media files (ISO/IEC 14496-12) by their brands.
fn branded(bytes: &[u8]) -> Option<(&'static str, MediaClass)> {
    // The first byte of the length of this short box is 0, which no name at the start of a tar archive begins with.
    if !has(bytes, 4, b"ftyp") || bytes[0] != 0 {
        return None;
    }
    let size = u32::from_be_bytes(*bytes.first_chunk()?) as usize;
    let brands = bytes.get(8..size.min(bytes.len()).max(12)).unwrap_or_default();
    // The major brand, then the compatible ones; the number between them is no brand.
    let mut all = brands.chunks_exact(4).enumerate().filter(|(index, _)| *index != 1).map(|(_, brand)| brand);
    // Brands of pictures in general count only where no other does.
    let is_general = brands.chunks_exact(4).any(|brand| matches!(brand, b"mif1" | b"mif2" | b"msf1"));
    let otherwise = if is_general { ("image/heif", Picture) } else { ("video/mp4", Video) };
    Some(all.find_map(brand).unwrap_or(otherwise))
}

fn brand(brand: &[u8]) -> Option<(&'static str, MediaClass)> {
    Some(match brand {
        b"avif" | b"avis" => ("image/avif", Picture),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" => ("image/heic", Picture),
        b"crx " => ("image/x-canon-cr3", Other),
        b"qt  " => ("video/quicktime", Video),
        b"M4A " | b"M4B " | b"M4P " => ("audio/mp4", Audio),
        b"M4V " | b"M4VH" | b"M4VP" | b"isom" | b"iso2" | b"iso4" | b"iso5" | b"iso6" | b"mp41" | b"mp42" | b"avc1"
        | b"MSNV" | b"dash" | b"mmp4" | b"f4v " => ("video/mp4", Video),
        [b'3', b'g', b'p', _] => ("video/3gpp", Video),
        [b'3', b'g', b'2', _] => ("video/3gpp2", Video),
        _ => return None,
    })
}

fn riff(bytes: &[u8]) -> Option<(&'static str, MediaClass)> {
    match (bytes.get(..4)?, bytes.get(8..12)?) {
        (b"RIFF", b"WEBP") => Some(("image/webp", Picture)),
        (b"RIFF", b"AVI ") => Some(("video/x-msvideo", Video)),
        (b"RIFF" | b"RF64", b"WAVE") => Some(("audio/wav", Audio)),
        (b"FORM", b"AIFF" | b"AIFC") => Some(("audio/aiff", Audio)),
        _ => None,
    }
}

/// Tells whether a content is a zip archive, whatever is made of zip archives.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    // A member, an archive without one, or the mark of an archive that was split and joined.
    has(bytes, 0, b"PK\x03\x04") || has(bytes, 0, b"PK\x05\x06") || has(bytes, 0, b"PK\x07\x08PK\x03\x04")
}

/// Zip archives, and what its first member says that it is: office files are opened like any other.
fn zipped(bytes: &[u8]) -> Option<(&'static str, MediaClass)> {
    if !is_zip(bytes) {
        return None;
    }
    let name_len = bytes.get(26..28).map_or(0, |field| usize::from(u16::from_le_bytes([field[0], field[1]])));
    let name = bytes.get(30..30 + name_len).unwrap_or_default();
    let mime = match name {
        b"mimetype" if contains(bytes, b"application/epub+zip") => "application/epub+zip",
        b"mimetype" if contains(bytes, b"application/vnd.oasis.opendocument.") => "application/vnd.oasis.opendocument",
        b"[Content_Types].xml" | b"_rels/.rels" => "application/vnd.openxmlformats-officedocument",
        b"AndroidManifest.xml" => "application/vnd.android.package-archive",
        b"META-INF/MANIFEST.MF" | b"META-INF/" => "application/java-archive",
        _ => "application/zip",
    };
    Some((mime, Archive))
}

fn tar(bytes: &[u8]) -> Option<(&'static str, MediaClass)> {
    crate::source::is_tar(bytes).then_some(("application/x-tar", Archive))
}

/// Types with little to know them by, so that more than their first bytes is asked.
fn weakly(bytes: &[u8]) -> Option<(&'static str, MediaClass)> {
    let u16_at = |at: usize| bytes.get(at..at + 2).map(|field| u16::from_le_bytes([field[0], field[1]]));
    if has(bytes, 0, b"BM")
        && matches!(u16_at(14), Some(12 | 16 | 40 | 52 | 56 | 64 | 108 | 124))
        && u16_at(16) == Some(0)
    {
        return Some(("image/bmp", Picture));
    }
    // QuickTime files of before there were brands start with one of these boxes.
    let is_box =
        bytes.get(4..8).is_some_and(|name| matches!(name, b"moov" | b"mdat" | b"wide" | b"pnot" | b"skip" | b"free"));
    if is_box && bytes.first_chunk().is_some_and(|size| !(2..8).contains(&u32::from_be_bytes(*size))) {
        return Some(("video/quicktime", Video));
    }
    if has(bytes, 0, b"BZh") && (has(bytes, 4, b"1AY&SY") || has(bytes, 4, b"\x17\x72\x45\x38\x50\x90")) {
        return Some(("application/x-bzip2", Archive));
    }
    // Icons and cursors: a count, then entries whose fourth byte is 0.
    if has(bytes, 0, b"\0\0")
        && matches!(u16_at(2), Some(1 | 2))
        && matches!(u16_at(4), Some(1..=64))
        && bytes.get(9) == Some(&0)
    {
        return Some(("image/vnd.microsoft.icon", Other));
    }
    if has(bytes, 0, b"OggS") {
        let is_video = contains(&bytes[..bytes.len().min(512)], b"\x80theora");
        return Some(if is_video { ("video/ogg", Video) } else { ("audio/ogg", Audio) });
    }
    if has(bytes, 0, b"MZ") && bytes.len() >= 64 {
        return Some(("application/vnd.microsoft.portable-executable", Other));
    }
    if (0..3).all(|index| has(bytes, index * 188, b"G")) || (0..3).all(|index| has(bytes, 4 + index * 192, b"G")) {
        return Some(("video/mp2t", Video));
    }
    if has(bytes, 32_769, b"CD001") {
        return Some(("application/x-iso9660-image", Other));
    }
    mpeg_audio(bytes)
}

/// Frames of MPEG audio (ISO/IEC 11172-3) or of AAC in ADTS: the sync bits, and no reserved value in the fields.
fn mpeg_audio(bytes: &[u8]) -> Option<(&'static str, MediaClass)> {
    let [0xff, second, third, ..] = *bytes else { return None };
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    if second & 0xf6 == 0xf0 && third >> 2 & 15 < 13 {
        return Some(("audio/aac", Audio));
    }
    let is_mpeg = second & 0xe0 == 0xe0 && version != 1 && layer != 0;
    let is_frame = is_mpeg && !matches!(third >> 4, 0 | 15) && third >> 2 & 3 != 3;
    is_frame.then_some(("audio/mpeg", Audio))
}

fn text(bytes: &[u8]) -> Option<(&'static str, MediaClass)> {
    let sample = &bytes[..bytes.len().min(4096)];
    let valid = match std::str::from_utf8(sample) {
        Ok(text) => text,
        // A character that the end of the sample cuts.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&sample[..error.valid_up_to()]).unwrap_or(""),
        Err(_) => return None,
    };
    let is_text = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}');
    let text = valid.trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() || !valid.chars().all(is_text) {
        return None;
    }
    let start: String = text.chars().take(1024).collect::<String>().to_ascii_lowercase();
    let mime = if start.contains("<svg") && start.starts_with('<') {
        "image/svg+xml"
    } else if start.starts_with("<!doctype html") || start.starts_with("<html") {
        "text/html"
    } else if start.starts_with("<?xml") {
        "application/xml"
    } else {
        "text/plain"
    };
    Some((mime, Other))
}

/// Extensions and the types that files of that name may be. Only those whose meaning is beyond doubt.
#[rustfmt::skip]
const EXTENSIONS: &[(&[&str], &[&str])] = &[
    (&["jpg", "jpeg", "jpe", "jfif"], &["image/jpeg"]),
    (&["png"], &["image/png"]),
    (&["gif"], &["image/gif"]),
    (&["webp"], &["image/webp"]),
    (&["tif", "tiff"], &["image/tiff"]),
    (&["bmp", "dib"], &["image/bmp"]),
    (&["heic", "heif", "hif", "heics", "heifs"], &["image/heic", "image/heif"]),
    (&["avif", "avifs"], &["image/avif"]),
    (&["jxl"], &["image/jxl"]),
    (&["jp2", "j2k", "jpf", "jpx"], &["image/jp2"]),
    (&["psd"], &["image/vnd.adobe.photoshop"]),
    (&["ico", "cur"], &["image/vnd.microsoft.icon", "image/png"]),
    (&["svg"], &["image/svg+xml", "application/xml"]),
    (&["dng", "nef", "arw", "pef", "srw", "nrw"], &["image/tiff"]),
    (&["cr2"], &["image/x-canon-cr2"]),
    (&["cr3"], &["image/x-canon-cr3"]),
    (&["mp4", "m4v", "mov", "qt", "3gp", "3gpp", "3g2", "m4a", "m4b", "f4v"],
     &["video/mp4", "video/quicktime", "video/3gpp", "video/3gpp2", "audio/mp4"]),
    (&["avi"], &["video/x-msvideo"]),
    (&["mkv", "webm", "mka"], &["video/x-matroska", "video/webm"]),
    (&["mpg", "mpeg", "vob", "m2v"], &["video/mpeg", "video/mp2t"]),
    (&["wmv", "asf", "wma"], &["video/x-ms-asf"]),
    (&["flv"], &["video/x-flv"]),
    (&["mp3"], &["audio/mpeg"]),
    (&["wav"], &["audio/wav", "audio/mpeg"]),
    (&["flac"], &["audio/flac", "audio/mpeg"]),
    (&["ogg", "ogv", "oga", "opus"], &["audio/ogg", "video/ogg"]),
    (&["zip"], &["application/zip", "application/java-archive", "application/vnd.openxmlformats-officedocument",
                 "application/vnd.oasis.opendocument", "application/epub+zip", "application/vnd.android.package-archive"]),
    (&["docx", "xlsx", "pptx", "docm", "xlsm", "pptm"],
     &["application/vnd.openxmlformats-officedocument", "application/zip", "application/x-ole-storage"]),
    (&["odt", "ods", "odp", "odg"], &["application/vnd.oasis.opendocument", "application/zip"]),
    (&["epub"], &["application/epub+zip", "application/zip"]),
    (&["gz", "tgz", "svgz"], &["application/gzip"]),
    (&["bz2", "tbz2"], &["application/x-bzip2"]),
    (&["xz", "txz"], &["application/x-xz"]),
    (&["zst"], &["application/zstd"]),
    (&["tar"], &["application/x-tar"]),
    (&["7z"], &["application/x-7z-compressed"]),
    (&["rar"], &["application/vnd.rar"]),
    (&["pdf"], &["application/pdf"]),
    (&["doc", "xls", "ppt", "msi"], &["application/x-ole-storage", "application/rtf", "text/html", "application/xml",
                                      "application/vnd.openxmlformats-officedocument", "text/plain"]),
    (&["exe", "dll", "sys"], &["application/vnd.microsoft.portable-executable"]),
    (&["txt", "log", "csv", "ini"], &["text/plain", "text/html", "application/xml", "image/svg+xml"]),
];

/// Gives the extension of a path, in lower case, if it stands for another type than the content has.
///
/// No extension, an unknown one, and a content that tells nothing never disagree.
pub(crate) fn wrong_extension(path: &[u8], media: &MediaType) -> Option<String> {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    let dot = name.iter().rposition(|byte| *byte == b'.').filter(|at| *at > 0)?;
    let extension = std::str::from_utf8(&name[dot + 1..]).ok()?.to_ascii_lowercase();
    let (_, types) = EXTENSIONS.iter().find(|(extensions, _)| extensions.contains(&extension.as_str()))?;
    let agrees = media.mime == UNKNOWN || types.contains(&media.mime.as_str());
    (!agrees).then_some(extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], mime: &str, class: MediaClass) {
        assert_eq!(media_type(bytes), MediaType { mime: mime.to_owned(), class });
    }

    fn ftyp(brands: &[&[u8; 4]]) -> Vec<u8> {
        let mut out = (16 + 4 * (brands.len() as u32 - 1)).to_be_bytes().to_vec();
        out.extend_from_slice(b"ftyp");
        out.extend_from_slice(brands[0]);
        out.extend_from_slice(&[0; 4]);
        brands[1..].iter().for_each(|brand| out.extend_from_slice(*brand));
        out
    }

    #[test]
    fn pictures_are_known_by_their_first_bytes() {
        check(b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg", Picture);
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png", Picture);
        check(b"GIF89a", "image/gif", Picture);
        check(b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp", Picture);
        check(b"MM\0*\0\0\0\x08", "image/tiff", Picture);
        check(b"II+\0\x08\0\0\0", "image/tiff", Picture);
        check(b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0", "image/bmp", Picture);
        check(b"\xff\x0a\xfa\x1f", "image/jxl", Picture);
        check(b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ", "image/jxl", Picture);
        check(&ftyp(&[b"heic", b"mif1", b"heic"]), "image/heic", Picture);
        check(&ftyp(&[b"mif1", b"mif1", b"heic"]), "image/heic", Picture);
        check(&ftyp(&[b"mif1", b"avif", b"mif1"]), "image/avif", Picture);
        check(&ftyp(&[b"mif1", b"mif1"]), "image/heif", Picture);
        check(&ftyp(&[b"avis", b"msf1"]), "image/avif", Picture);
    }

    #[test]
    fn what_the_decoder_is_not_given_is_no_picture() {
        check(&ftyp(&[b"crx ", b"isom"]), "image/x-canon-cr3", Other);
        check(b"II*\0\x10\0\0\0CR\x02\0", "image/x-canon-cr2", Other);
        check(b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0", "image/vnd.microsoft.icon", Other);
        check(b"8BPS\0\x01", "image/vnd.adobe.photoshop", Other);
        check(b"<?xml version=\"1.0\"?>\n<svg xmlns='http://www.w3.org/2000/svg'>", "image/svg+xml", Other);
    }

    #[test]
    fn video_and_sound_are_told_apart() {
        check(&ftyp(&[b"isom", b"mp42"]), "video/mp4", Video);
        check(&ftyp(&[b"XXXX"]), "video/mp4", Video);
        check(&ftyp(&[b"qt  "]), "video/quicktime", Video);
        check(&ftyp(&[b"3gp5"]), "video/3gpp", Video);
        check(&ftyp(&[b"M4A ", b"isom"]), "audio/mp4", Audio);
        check(b"\0\0\0\x08wide\0\0\0\0mdat", "video/quicktime", Video);
        check(b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "video/webm", Video);
        check(b"RIFF\0\0\0\0AVI LIST", "video/x-msvideo", Video);
        check(b"\xff\xfb\x90\x64", "audio/mpeg", Audio);
        check(b"\xff\xf1\x50\x80", "audio/aac", Audio);
    }

    #[test]
    fn archives_and_office_files_are_opened() {
        check(b"PK\x05\x06", "application/zip", Archive);
        let mut office = b"PK\x03\x04".to_vec();
        office.resize(26, 0);
        office.extend_from_slice(&[19, 0, 0, 0]);
        office.extend_from_slice(b"[Content_Types].xml");
        check(&office, "application/vnd.openxmlformats-officedocument", Archive);
        check(b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", Archive);
    }

    #[test]
    fn text_and_noise_are_not_media() {
        check("één regel\n".as_bytes(), "text/plain", Other);
        check(b"", UNKNOWN, Other);
        check(b"\x01\x02\x03\x04", UNKNOWN, Other);
        check(b"\xff\xff\xff\xff", UNKNOWN, Other);
    }

    #[test]
    fn extensions_disagree_only_beyond_doubt() {
        let wrong =
            |path: &str, mime: &str| wrong_extension(path.as_bytes(), &MediaType { mime: mime.into(), class: Other });
        assert_eq!(wrong("a/b.PNG", "image/jpeg").as_deref(), Some("png"));
        assert_eq!(wrong("b.jfif", "image/jpeg"), None);
        assert_eq!(wrong("b", "image/jpeg"), None);
        assert_eq!(wrong("x.jpg/b", "image/png"), None);
        assert_eq!(wrong(".jpg", "image/png"), None);
        assert_eq!(wrong("b.dat", "image/jpeg"), None);
        assert_eq!(wrong("b.jpg", UNKNOWN), None);
        assert_eq!(wrong("b.docx", "image/jpeg").as_deref(), Some("docx"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_a_type(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..600)) {
            media_type(&bytes);
        }
    }
}
