//! Zip archives: what writers make, what they do wrong, and what is made to harm.

use std::io::Cursor;

use ::zip::write::{FileOptions, SimpleFileOptions};
use ::zip::{CompressionMethod, ZipWriter};

use super::*;

pub(super) fn plain_zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    zip_by(CompressionMethod::Deflated, members)
}

fn zip_by(method: CompressionMethod, members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options: SimpleFileOptions = FileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A zip archive written by hand, so that it can lie.
#[derive(Default)]
struct RawZip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

#[derive(Clone)]
struct RawMember<'a> {
    name: &'a [u8],
    method: u16,
    flags: u16,
    packed: &'a [u8],
    size: u32,
    crc: u32,
    made_by: u16,
    mode: u32,
    extra: &'a [u8],
    local_extra: &'a [u8],
}

fn stored<'a>(name: &'a [u8], bytes: &'a [u8]) -> RawMember<'a> {
    RawMember {
        name,
        method: 0,
        flags: 0,
        packed: bytes,
        size: bytes.len() as u32,
        crc: crc32fast::hash(bytes),
        made_by: 0x031e,
        mode: 0o100_644,
        extra: b"",
        local_extra: b"",
    }
}

impl RawZip {
    fn local(&mut self, member: &RawMember<'_>) -> u32 {
        let at = self.bytes.len() as u32;
        self.bytes.extend_from_slice(b"PK\x03\x04\x14\0");
        for field in [member.flags, member.method, 0x6c32, 0x5a6f] {
            self.bytes.extend(field.to_le_bytes());
        }
        for field in [member.crc, member.packed.len() as u32, member.size] {
            self.bytes.extend(field.to_le_bytes());
        }
        self.bytes.extend((member.name.len() as u16).to_le_bytes());
        self.bytes.extend((member.local_extra.len() as u16).to_le_bytes());
        self.bytes.extend_from_slice(member.name);
        self.bytes.extend_from_slice(member.local_extra);
        self.bytes.extend_from_slice(member.packed);
        at
    }

    fn central(&mut self, member: &RawMember<'_>, at: u32) {
        self.entries += 1;
        let out = &mut self.directory;
        out.extend_from_slice(b"PK\x01\x02");
        for field in [member.made_by, 20, member.flags, member.method, 0x6c32, 0x5a6f] {
            out.extend(field.to_le_bytes());
        }
        for field in [member.crc, member.packed.len() as u32, member.size] {
            out.extend(field.to_le_bytes());
        }
        for field in [member.name.len() as u16, member.extra.len() as u16, 0, 0, 0] {
            out.extend(field.to_le_bytes());
        }
        out.extend((member.mode << 16).to_le_bytes());
        out.extend(at.to_le_bytes());
        out.extend_from_slice(member.name);
        out.extend_from_slice(member.extra);
    }

    fn add(mut self, member: RawMember<'_>) -> Self {
        let at = self.local(&member);
        self.central(&member, at);
        self
    }

    fn finish(self) -> Vec<u8> {
        let (mut out, at) = (self.bytes.clone(), self.bytes.len() as u32);
        out.extend_from_slice(&self.directory);
        out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        out.extend(self.entries.to_le_bytes());
        out.extend(self.entries.to_le_bytes());
        out.extend((self.directory.len() as u32).to_le_bytes());
        out.extend(at.to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        out
    }
}

/// Reads an archive as a file in a folder.
pub(super) fn read_in_folder(bytes: &[u8]) -> Vec<Outcome> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x"), bytes).unwrap();
    read_folder(dir.path())
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

#[test]
fn members_of_a_source_have_their_own_names_and_those_of_an_archive_a_label() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = plain_zip(&[("a/b.jpg", b"\xff\xd8\xffone"), ("../../etc/passwd", b"two"), ("/abs", b"three")]);
    fs::write(dir.path().join("x.zip"), &bytes).unwrap();
    let source = Source::open(&dir.path().join("x.zip")).unwrap();
    assert_eq!(source.kind(), SourceKind::Zip);
    assert_eq!(lines(&read_all(&source, &Limits::default())), ["a/b.jpg ok", "../../etc/passwd ok", "/abs ok"]);
    assert!(source.contains(&dir.path().join("x.zip")));
    assert!(!source.contains(dir.path()));
    let labels = ["x.zip ok", "x.zip!/a/b.jpg ok", "x.zip!/../../etc/passwd ok", "x.zip!//abs ok"];
    assert_eq!(lines(&read_folder(dir.path())), labels);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_member_reaches_the_decoder_sealed_and_named_by_its_digest() {
    let dir = tempfile::tempdir().unwrap();
    let picture = [b"\xff\xd8\xff".to_vec(), noise(3, 2 << 20)].concat();
    for (method, name) in [(CompressionMethod::Deflated, "d.zip"), (CompressionMethod::Stored, "s.zip")] {
        fs::write(dir.path().join(name), zip_by(method, &[("p.jpg", &picture), ("v.bin", &picture[5..])])).unwrap();
        let source = Source::open(&dir.path().join(name)).unwrap();
        for (found, bytes) in list(&source, &Limits::default()).into_iter().zip([&picture[..], &picture[5..]]) {
            let FoundContent::Readable(readable) = found.content else { panic!() };
            let reading = readable.read(&Limits::default(), &mut ReadBuffer::new()).unwrap();
            assert_eq!(reading.digests, digests(bytes));
            let file = reading.descriptor().unwrap();
            let link = fs::read_link(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file))).unwrap();
            assert!(link.to_string_lossy().contains(&reading.digests.sha256.to_string()));
            assert!(rustix::io::write(&file, b"x").is_err() && rustix::fs::ftruncate(&file, 1).is_err());
            assert_eq!(read_whole(file), bytes);
        }
    }
}

#[test]
fn duplicates_and_odd_names_are_each_kept() {
    let raw =
        RawZip::default().add(stored(b"same", b"one")).add(stored(b"same", b"two")).add(stored(b"\xff\xfe", b"3"));
    let outcomes = read_in_folder(&raw.add(stored(b"", b"4")).finish());
    assert_eq!(lines(&outcomes), ["x ok", "x!/same ok", "x!/same ok", "x!/\\xff\\xfe ok", "x!/ ok"]);
    assert_ne!(outcomes[1].1, outcomes[2].1);
}

#[test]
fn what_cannot_be_unpacked_is_refused_with_the_rest_read() {
    let mut encrypted = stored(b"encrypted", b"secret");
    encrypted.flags = 1;
    let mut aes = stored(b"aes", b"secret");
    aes.method = 99;
    let mut strange = stored(b"strange", b"bytes");
    strange.method = 77;
    let mut link = stored(b"link", b"/etc/passwd");
    link.mode = 0o120_777;
    let mut device = stored(b"device", b"x");
    device.mode = 0o020_666;
    let mut wrong = stored(b"crc", b"bytes");
    wrong.crc ^= 1;
    let packed = deflated(b"hello");
    let lying = |name: &'static [u8], size| RawMember { method: 8, size, packed: &packed, ..stored(name, b"hello") };
    let raw = [encrypted, aes, strange, link, device, wrong, lying(b"long", 4), lying(b"short", 6), lying(b"right", 5)]
        .into_iter()
        .fold(RawZip::default(), RawZip::add)
        .add(stored(b"empty", b""))
        .add(stored(b"folder/", b""));
    assert_eq!(
        lines(&read_in_folder(&raw.finish())),
        [
            "x ok",
            "x!/encrypted Archive",
            "x!/aes Archive",
            "x!/strange Archive",
            "x!/link Link",
            "x!/device Special",
            "x!/crc Archive",
            "x!/long Archive",
            "x!/short Archive",
            "x!/right ok",
            "x!/empty Empty"
        ]
    );
}

#[test]
fn every_packing_gives_the_same_bytes() {
    let bytes = [noise(1, 5000), vec![b'a'; 50_000]].concat();
    let bzip2 = {
        let mut writer = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::default());
        writer.write_all(&bytes).unwrap();
        writer.finish().unwrap()
    };
    let zstd = ruzstd::encoding::compress_to_vec(&bytes[..], ruzstd::encoding::CompressionLevel::Fastest);
    let deflate = deflated(&bytes);
    let by = |method, packed| RawMember { method, packed, ..stored(b"m", &bytes) };
    let parts: [(u16, &[u8]); 4] = [(0, &bytes), (8, &deflate), (12, &bzip2), (93, &zstd)];
    for (method, packed) in parts {
        let outcomes = read_in_folder(&RawZip::default().add(by(method, packed)).finish());
        assert_eq!(outcomes[1].1, Ok(digests(&bytes)), "method {method}");
    }
}

#[test]
fn times_are_moments_only_where_the_archive_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut unix = vec![0x55, 0x54, 5, 0, 1];
    unix.extend(1_700_000_000_u32.to_le_bytes());
    let mut unix_local = vec![0x55, 0x54, 13, 0, 7];
    [1_700_000_000_u32, 1_700_000_100, 1_600_000_000].iter().for_each(|time| unix_local.extend(time.to_le_bytes()));
    let mut windows = vec![0x0a, 0, 32, 0, 0, 0, 0, 0, 1, 0, 24, 0];
    let ticks = |seconds: u64| (seconds + 11_644_473_600) * 10_000_000 + 1_234_560;
    [1_700_000_000, 0, 1_500_000_000].iter().for_each(|time| {
        windows.extend(if *time == 0 { 0_u64 } else { ticks(*time) }.to_le_bytes());
    });
    let raw = RawZip::default()
        .add(stored(b"dos", b"1"))
        .add(RawMember { extra: &unix, local_extra: &unix_local, ..stored(b"unix", b"2") })
        .add(RawMember { extra: &windows, ..stored(b"windows", b"3") });
    fs::write(dir.path().join("x"), raw.finish()).unwrap();
    let found = list(&Source::open(&dir.path().join("x")).unwrap(), &Limits::default());
    let raw = Some("2025-03-15 13:33:36".to_owned());
    let moment = |seconds: i64, micros: i64| Some(UtcTime(seconds * 1_000_000 + micros));
    assert_eq!(found[0].times, FileTimes { raw: raw.clone(), ..FileTimes::default() });
    let unix = FileTimes {
        modified: moment(1_700_000_000, 0),
        accessed: moment(1_700_000_100, 0),
        created: moment(1_600_000_000, 0),
        raw: raw.clone(),
    };
    assert_eq!(found[1].times, unix);
    let windows = FileTimes {
        modified: moment(1_700_000_000, 123_456),
        accessed: None,
        created: moment(1_500_000_000, 123_456),
        raw,
    };
    assert_eq!(found[2].times, windows);
}

#[test]
fn bytes_before_and_a_comment_behind_do_not_matter() {
    let mut bytes = plain_zip(&[("a", b"one"), ("b", b"two")]);
    let end = bytes.len();
    bytes[end - 2..].copy_from_slice(&60_u16.to_le_bytes());
    // A comment that looks like the end of another archive.
    bytes.extend_from_slice(b"PK\x05\x06");
    bytes.extend_from_slice(&[0; 56]);
    assert_eq!(lines(&read_in_folder(&bytes)), ["x ok", "x!/a ok", "x!/b ok"]);
    // A program in front makes it another type by content, so it is opened as a source is: by its bytes at the start.
    let shifted = [b"PK\x07\x08".to_vec(), plain_zip(&[("a", b"one")])].concat();
    assert_eq!(lines(&read_in_folder(&shifted)), ["x ok", "x!/a ok"]);
}

#[test]
fn a_directory_that_lies_is_noticed() {
    let mut places = RawZip::default().add(stored(b"good", b"1"));
    places.central(&stored(b"nowhere", b"2"), 9_999_999);
    places.central(&stored(b"inside", b"3"), 7);
    let outcomes = read_in_folder(&places.finish());
    assert_eq!(lines(&outcomes), ["x ok", "x!/good ok", "x!/nowhere Archive", "x!/inside Archive"]);
    let mut count = RawZip::default().add(stored(b"good", b"1"));
    count.entries = 9;
    let outcomes = read_in_folder(&count.finish());
    assert_eq!(lines(&outcomes), ["x ok", "x!/good ok", "x!/ Archive"]);
    assert!(refusal_of(&outcomes, "x!/").detail.contains("states 9 members and has 1"));
    let mut method = RawZip::default();
    let member = stored(b"m", b"bytes");
    let at = method.local(&member);
    method.central(&RawMember { method: 8, ..member }, at);
    assert_eq!(lines(&read_in_folder(&method.finish())), ["x ok", "x!/m Archive"]);
}

#[test]
fn members_that_share_bytes_are_read_once() {
    let mut bomb = RawZip::default();
    let kernel = deflated(&vec![0; 1 << 20]);
    let member = RawMember {
        method: 8,
        packed: &kernel,
        size: 1 << 20,
        crc: crc32fast::hash(&vec![0; 1 << 20]),
        ..stored(b"", b"")
    };
    let at = bomb.local(&member);
    for _ in 0..1000 {
        bomb.central(&member, at);
    }
    let outcomes = read_in_folder(&bomb.finish());
    assert_eq!(outcomes.len(), 1001);
    assert!(outcomes[1].1.is_ok());
    assert!(
        outcomes[2..].iter().all(|(_, outcome)| outcome.as_ref().is_err_and(|why| why.code == RefusalCode::Archive))
    );
}

#[test]
fn bombs_end_at_the_ratio() {
    let zeros = vec![0; 20 << 20];
    let one = plain_zip(&[("zeros", &zeros)]);
    let outcomes = read_in_folder(&one);
    assert_eq!(lines(&outcomes), ["x ok", "x!/zeros Archive"]);
    assert!(refusal_of(&outcomes, "x!/zeros").detail.contains("200 times"));
    // Each below the length that no ratio is held against, all together far above.
    let half = &zeros[..10 << 20];
    let outcomes = read_in_folder(&plain_zip(&[("1", half), ("2", half), ("3", half)]));
    assert_eq!(lines(&outcomes), ["x ok", "x!/1 ok", "x!/2 Archive", "x!/3 Archive"]);
}

#[test]
fn archives_in_archives_are_opened_to_a_depth_and_no_further() {
    let mut bytes = plain_zip(&[("core", b"core")]);
    for level in 0..6 {
        bytes = plain_zip(&[(&format!("{level}.zip"), &bytes), ("beside", b"beside")]);
    }
    let outcomes = read_in_folder(&bytes);
    assert_eq!(
        lines(&outcomes),
        [
            "x ok",
            "x!/5.zip ok",
            "x!/5.zip!/4.zip ok",
            "x!/5.zip!/4.zip!/3.zip ok",
            "x!/5.zip!/4.zip!/3.zip!/2.zip ok",
            "x!/5.zip!/4.zip!/3.zip!/2.zip!/ Archive",
            "x!/5.zip!/4.zip!/3.zip!/beside ok",
            "x!/5.zip!/4.zip!/beside ok",
            "x!/5.zip!/beside ok",
            "x!/beside ok",
        ]
    );
    // Sixteen in each of five levels, as the best known bomb has them: the outermost archive's allowance ends it.
    let mut bomb = plain_zip(&[("zeros", &vec![0; 4 << 20])]);
    for _ in 0..4 {
        let names: Vec<String> = (0..16).map(|index| format!("{index:x}.zip")).collect();
        let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &bomb[..])).collect();
        bomb = plain_zip(&members);
    }
    let outcomes = read_in_folder(&bomb);
    let unpacked: u64 = outcomes.iter().filter_map(|(_, outcome)| outcome.as_ref().ok()).map(|d| d.size_bytes).sum();
    assert!(unpacked <= (16 << 20) + 200 * bomb.len() as u64, "{unpacked} bytes were unpacked");
}

#[test]
fn too_many_members_are_refused_together() {
    let limits = Limits { archive_entries: 3, ..Limits::default() };
    let dir = tempfile::tempdir().unwrap();
    let members: [(&str, &[u8]); 5] = [("1", b"1"), ("2", b"2"), ("3", b"3"), ("4", b"4"), ("5", b"5")];
    fs::write(dir.path().join("x"), plain_zip(&members)).unwrap();
    let outcomes = read_all(&Source::open(dir.path()).unwrap(), &limits);
    assert_eq!(lines(&outcomes), ["x ok", "x!/1 ok", "x!/2 ok", "x!/3 ok", "x!/ Archive"]);
}

#[test]
fn a_member_over_a_limit_is_refused_and_a_long_archive_inside_is_not_unpacked() {
    let dir = tempfile::tempdir().unwrap();
    let inner = zip_by(CompressionMethod::Stored, &[("photo", &noise(1, 100_000))]);
    fs::write(dir.path().join("x"), plain_zip(&[("long", &noise(2, 300_000)), ("inner.zip", &inner)])).unwrap();
    let limits = Limits { member_bytes: 200_000, memory_member_bytes: 50_000, ..Limits::default() };
    let outcomes = read_all(&Source::open(dir.path()).unwrap(), &limits);
    assert_eq!(lines(&outcomes), ["x ok", "x!/long Archive", "x!/inner.zip ok", "x!/inner.zip!/ Archive"]);
}

#[test]
fn a_zip_that_was_cut_off_gives_what_is_left() {
    let photos: Vec<Vec<u8>> = (0..4).map(|seed| noise(seed, 40_000)).collect();
    let members: Vec<(String, &[u8])> =
        photos.iter().enumerate().map(|(at, bytes)| (format!("{at}.jpg"), &bytes[..])).collect();
    let members: Vec<(&str, &[u8])> = members.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let whole = plain_zip(&members);
    let outcomes = read_in_folder(&whole[..100_000]);
    assert_eq!(lines(&outcomes), ["x ok", "x!/0.jpg ok", "x!/1.jpg ok", "x!/2.jpg Archive", "x!/ Archive"]);
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("cut.zip"), &whole[..100_000]).unwrap();
    let source = Source::open(&dir.path().join("cut.zip")).unwrap();
    let mut count = 0;
    let error = source.walk(&Limits::default(), &mut |_| {
        count += 1;
        Continue(())
    });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("cut.zip") && error.contains("directory is missing"), "{error}");
    assert_eq!(count, 3);
}

#[test]
fn a_stream_of_a_zip_that_was_cut_off_gives_what_is_left() {
    // Written without going back, so that lengths stand behind the members.
    let mut writer = ZipWriter::new_stream(Vec::new());
    let photos: Vec<Vec<u8>> = (0..3).map(|seed| noise(seed, 40_000)).collect();
    for (at, bytes) in photos.iter().enumerate() {
        writer
            .start_file(
                format!("{at}.jpg"),
                SimpleFileOptions::default().compression_method(CompressionMethod::Deflated),
            )
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    let whole = writer.finish().unwrap().into_inner();
    assert_eq!(lines(&read_in_folder(&whole)), ["x ok", "x!/0.jpg ok", "x!/1.jpg ok", "x!/2.jpg ok"]);
    let outcomes = read_in_folder(&whole[..100_000]);
    assert_eq!(lines(&outcomes), ["x ok", "x!/0.jpg ok", "x!/1.jpg ok", "x!/2.jpg Archive", "x!/ Archive"]);
    assert_eq!(outcomes[1].1, Ok(digests(&photos[0])));
}

#[test]
fn kinds_that_are_not_opened_say_so() {
    let outcomes = read_in_folder(b"7z\xbc\xaf\x27\x1c\0\x04rest");
    assert_eq!(lines(&outcomes), ["x ok", "x!/ Archive"]);
    assert!(refusal_of(&outcomes, "x!/").detail.contains("not opened"));
}

#[test]
fn a_large_archive_is_found_by_its_64_bit_records() {
    let mut raw = RawZip::default();
    let extra: Vec<u8> =
        [&[1_u8, 0, 24, 0][..], &5_u64.to_le_bytes(), &5_u64.to_le_bytes(), &0_u64.to_le_bytes()].concat();
    let member = RawMember { extra: &extra, ..stored(b"large", b"bytes") };
    raw.local(&member);
    raw.central(&member, u32::MAX);
    // Lengths of all ones say that the extra field has them.
    raw.directory[20..28].fill(0xff);
    let mut out = raw.bytes.clone();
    let (at, length) = (out.len() as u64, raw.directory.len() as u64);
    out.extend_from_slice(&raw.directory);
    let record_at = out.len() as u64;
    out.extend_from_slice(b"PK\x06\x06");
    out.extend_from_slice(&44_u64.to_le_bytes());
    out.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    [1, 1, length, at].iter().for_each(|field: &u64| out.extend(field.to_le_bytes()));
    out.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    out.extend(record_at.to_le_bytes());
    out.extend_from_slice(&[1, 0, 0, 0]);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    let outcomes = read_in_folder(&out);
    assert_eq!(lines(&outcomes), ["x ok", "x!/large ok"]);
    assert_eq!(outcomes[1].1, Ok(digests(b"bytes")));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn what_was_written_is_what_is_read(
        members in proptest::collection::vec(("[a-z/]{1,12}", proptest::collection::vec(0_u8..4, 1..3000), proptest::bool::ANY), 0..12)
    ) {
        let raw = members.iter().enumerate().fold(RawZip::default(), |raw, (index, (name, bytes, is_packed))| {
            let name = format!("{name}{index}");
            if !is_packed {
                return raw.add(stored(name.as_bytes(), bytes));
            }
            let packed = deflated(bytes);
            raw.add(RawMember { method: 8, packed: &packed, ..stored(name.as_bytes(), bytes) })
        });
        let outcomes = read_in_folder(&raw.finish());
        let wanted: Vec<_> = members.iter().map(|(_, bytes, _)| Ok(digests(bytes))).collect();
        let got: Vec<_> = outcomes[1..].iter().map(|(_, outcome)| outcome.clone()).collect();
        proptest::prop_assert_eq!(got, wanted);
    }
}

#[test]
fn an_archive_that_changes_gives_no_picture_that_was_not_digested() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.zip");
    let photo = [b"\xff\xd8\xff".to_vec(), noise(1, 5000)].concat();
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        fs::write(&path, zip_by(method, &[("1.jpg", &photo), ("2.jpg", &photo)])).unwrap();
        let found = list(&Source::open(&path).unwrap(), &Limits::default());
        let readables: Vec<Readable> = found
            .into_iter()
            .map(|found| {
                let FoundContent::Readable(readable) = found.content else { panic!() };
                readable
            })
            .collect();
        let reading = readables[0].read(&Limits::default(), &mut ReadBuffer::new()).unwrap();
        let mut file = fs::File::options().write(true).open(&path).unwrap();
        file.write_all(&noise(2, 9000)).unwrap();
        let later = std::time::UNIX_EPOCH + std::time::Duration::from_secs(7);
        file.set_modified(later).unwrap();
        let why = readables[1].read(&Limits::default(), &mut ReadBuffer::new()).unwrap_err();
        assert!(matches!(why.code, RefusalCode::Changed | RefusalCode::Archive), "{why:?}");
        match (method, reading.descriptor()) {
            // What was unpacked into memory is what was digested, whatever became of the archive.
            (CompressionMethod::Deflated, Ok(file)) => assert_eq!(read_whole(file), photo),
            (_, outcome) => assert_eq!(outcome.unwrap_err().code, RefusalCode::Changed),
        }
    }
}
