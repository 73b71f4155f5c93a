//! Tar archives: plain and packed, every form of long name, sparse files, and what is damaged.

use ::tar::{Builder, EntryType, Header};

use super::zips::read_in_folder;
use super::*;

fn header(kind: EntryType, length: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(length);
    header.set_mtime(1_600_000_000);
    header
}

fn plain_tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = header(EntryType::Regular, bytes.len() as u64);
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// One member written by hand: header with that kind and name, bytes, padding.
fn raw(kind: u8, name: &[u8], bytes: &[u8]) -> Vec<u8> {
    raw_with(kind, name, bytes, |_| {})
}

fn raw_with(kind: u8, name: &[u8], bytes: &[u8], change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name);
    block[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
    block[136..147].copy_from_slice(b"13727540400");
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    change(&mut block);
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block.extend_from_slice(bytes);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (key, value) in records {
        let rest = format!(" {key}={value}\n");
        let mut length = rest.len();
        while length != rest.len() + length.to_string().len() {
            length = rest.len() + length.to_string().len();
        }
        body.extend_from_slice(format!("{length}{rest}").as_bytes());
    }
    raw(b'x', b"pax", &body)
}

fn ended(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), vec![0; 1024]].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut writer = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

#[test]
fn plain_and_packed_tars_give_the_same() {
    let photo = [b"\xff\xd8\xff".to_vec(), noise(1, 700_000)].concat();
    let inner = plain_tar(&[("inner.jpg", &photo[..1000])]);
    let bytes = plain_tar(&[("a/1.jpg", &photo), ("empty", b""), ("inner.tar", &inner), ("../2", b"two")]);
    let dir = tempfile::tempdir().unwrap();
    let zstd = ruzstd::encoding::compress_to_vec(&bytes[..], ruzstd::encoding::CompressionLevel::Fastest);
    let two_frames = [&zstd[..], b"\x50\x2a\x4d\x18\x03\0\0\0abc"].concat();
    let padded = [gzip(&bytes[..5000]), gzip(&bytes[5000..]), vec![0; 3000]].concat();
    for packed in [bytes.clone(), padded, bzip2(&bytes), two_frames] {
        fs::write(dir.path().join("x"), packed).unwrap();
        let source = Source::open(&dir.path().join("x")).unwrap();
        assert_eq!(source.kind(), SourceKind::Tar);
        let outcomes = read_all(&source, &Limits::default());
        let wanted = ["a/1.jpg ok", "empty Empty", "inner.tar ok", "inner.tar!/inner.jpg ok", "../2 ok"];
        assert_eq!(lines(&outcomes), wanted);
        assert_eq!(outcomes[0].1, Ok(digests(&photo)));
        let found = list(&source, &Limits::default()).remove(0);
        assert_eq!(found.times.modified, Some(UtcTime(1_600_000_000_000_000)));
        let FoundContent::Readable(readable) = found.content else { panic!() };
        let reading = readable.read(&Limits::default(), &mut ReadBuffer::new()).unwrap();
        assert_eq!(read_whole(reading.descriptor().unwrap()), photo);
    }
}

#[test]
fn an_archive_of_the_xz_program_is_read() {
    // `printf 'hello hello hello' | tar … | xz` of one member, made once; 1 KiB of zeros packs to little.
    let xz = |bytes: &[u8]| {
        let mut child = std::process::Command::new("xz")
            .args(["-9", "-c"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .ok()?;
        child.stdin.take()?.write_all(bytes).ok()?;
        Some(child.wait_with_output().ok()?.stdout)
    };
    let Some(packed) = xz(&plain_tar(&[("a.jpg", &noise(1, 100_000)), ("b", b"bee")])) else {
        eprintln!("skipped: needs the program xz");
        return;
    };
    let outcomes = read_in_folder(&packed);
    assert_eq!(lines(&outcomes), ["x ok", "x!/a.jpg ok", "x!/b ok"]);
    assert_eq!(outcomes[1].1, Ok(digests(&noise(1, 100_000))));
}

#[test]
fn one_packed_file_is_one_member() {
    let mut writer = flate2::GzBuilder::new()
        .filename("holiday.jpg")
        .mtime(1_500_000_000)
        .write(Vec::new(), flate2::Compression::default());
    writer.write_all(b"\xff\xd8\xffphoto").unwrap();
    let named = writer.finish().unwrap();
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("named.gz"), named).unwrap();
    fs::write(dir.path().join("photo.jpg.bz2"), bzip2(b"\xff\xd8\xffphoto")).unwrap();
    let damaged = gzip(&noise(1, 5000));
    fs::write(dir.path().join("short.gz"), &damaged[..3000]).unwrap();
    assert_eq!(
        lines(&read_folder(dir.path())),
        [
            "named.gz ok",
            "named.gz!/holiday.jpg ok",
            "photo.jpg.bz2 ok",
            "photo.jpg.bz2!/photo.jpg ok",
            "short.gz ok",
            "short.gz!/short Archive"
        ]
    );
    assert!(matches!(Source::open(&dir.path().join("named.gz")), Err(EvidenceError::NotASource { .. })));
}

#[test]
fn long_names_of_every_form_are_read() {
    let long = format!("{}/{}.jpg", "d".repeat(120), "f".repeat(200));
    let ustar = raw_with(b'0', b"name.jpg", b"3", |block| block[345..351].copy_from_slice(b"prefix"));
    let bytes = ended(&[
        raw(b'L', b"././@LongLink", [long.as_bytes(), b"\0"].concat().as_slice()),
        raw(b'0', b"cut", b"1"),
        pax(&[("path", "pax/é.jpg"), ("mtime", "1700000000.25"), ("LIBARCHIVE.creationtime", "-1.5")]),
        raw(b'0', b"other", b"2"),
        ustar,
        raw(b'0', b"\xff\n", b"4"),
    ]);
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x"), bytes).unwrap();
    let found = list(&Source::open(&dir.path().join("x")).unwrap(), &Limits::default());
    let names: Vec<&[u8]> = found.iter().map(|found| &found.path.0[..]).collect();
    assert_eq!(names, [long.as_bytes(), "pax/é.jpg".as_bytes(), b"prefix/name.jpg", b"\xff\n"]);
    assert_eq!(found[1].times.modified, Some(UtcTime(1_700_000_000_250_000)));
    assert_eq!(found[1].times.created, Some(UtcTime(-1_500_000)));
}

#[test]
fn links_and_devices_are_refused() {
    let bytes = ended(&[
        raw(b'2', b"link", b""),
        raw(b'1', b"hard", b""),
        raw(b'3', b"device", b""),
        raw(b'6', b"pipe", b""),
        raw(b'5', b"folder/", b""),
        raw(b'7', b"contiguous", b"x"),
        raw(b'\0', b"old", b"y"),
    ]);
    assert_eq!(
        lines(&read_in_folder(&bytes)),
        [
            "x ok",
            "x!/link Link",
            "x!/hard Link",
            "x!/device Special",
            "x!/pipe Special",
            "x!/contiguous ok",
            "x!/old ok"
        ]
    );
}

#[test]
fn sparse_files_of_every_form_are_whole() {
    let whole = [vec![0; 1000], b"one".to_vec(), vec![0; 500], b"two".to_vec(), vec![0; 494]].concat();
    let old = raw_with(b'S', b"old", b"onetwo", |block| {
        block[257..265].copy_from_slice(b"ustar  \0");
        for (at, value) in [(386, 1000), (398, 3), (410, 1503), (422, 3), (483, 2000)] {
            block[at..at + 11].copy_from_slice(format!("{value:011o}").as_bytes());
        }
    });
    let mut inner = b"2\n1000\n3\n1503\n3\n".to_vec();
    inner.resize(512, 0);
    inner.extend_from_slice(b"onetwo");
    let bytes = ended(&[
        old,
        pax(&[
            ("GNU.sparse.size", "2000"),
            ("GNU.sparse.numblocks", "2"),
            ("GNU.sparse.offset", "1000"),
            ("GNU.sparse.numbytes", "3"),
            ("GNU.sparse.offset", "1503"),
            ("GNU.sparse.numbytes", "3"),
        ]),
        raw(b'0', b"pax-0.0", b"onetwo"),
        pax(&[("GNU.sparse.name", "pax-0.1"), ("GNU.sparse.size", "2000"), ("GNU.sparse.map", "1000,3,1503,3")]),
        raw(b'0', b"other", b"onetwo"),
        pax(&[
            ("GNU.sparse.major", "1"),
            ("GNU.sparse.minor", "0"),
            ("GNU.sparse.name", "pax-1.0"),
            ("GNU.sparse.realsize", "2000"),
        ]),
        raw(b'0', b"other", &inner),
        pax(&[("GNU.sparse.name", "lying"), ("GNU.sparse.size", "20"), ("GNU.sparse.map", "1000,3")]),
        raw(b'0', b"other", b"one"),
        raw(b'0', b"after", b"x"),
    ]);
    for bytes in [bytes.clone(), gzip(&bytes)] {
        let outcomes = read_in_folder(&bytes);
        let wanted =
            ["x ok", "x!/old ok", "x!/pax-0.0 ok", "x!/pax-0.1 ok", "x!/pax-1.0 ok", "x!/lying Archive", "x!/after ok"];
        assert_eq!(lines(&outcomes), wanted);
        assert!(outcomes[1..5].iter().all(|(_, outcome)| *outcome == Ok(digests(&whole))), "{outcomes:?}");
    }
}

#[test]
fn a_sparse_bomb_ends_at_the_ratio() {
    let bytes = ended(&[
        pax(&[
            ("GNU.sparse.name", "bomb"),
            ("GNU.sparse.size", "1099511627776"),
            ("GNU.sparse.map", "1099511627773,3"),
        ]),
        raw(b'0', b"x", b"one"),
    ]);
    assert_eq!(lines(&read_in_folder(&bytes)), ["x ok", "x!/bomb Archive"]);
    assert_eq!(lines(&read_in_folder(&gzip(&bytes))), ["x ok", "x!/bomb Archive"]);
}

#[test]
fn a_packed_bomb_ends_at_the_ratio() {
    let bytes = gzip(&plain_tar(&[("first", b"1"), ("zeros", &vec![0; 40 << 20]), ("last", b"2")]));
    let outcomes = read_in_folder(&bytes);
    assert_eq!(lines(&outcomes)[..3], ["x ok", "x!/first ok", "x!/zeros Archive"]);
    assert!(lines(&outcomes).last().unwrap() == "x!/ Archive");
}

#[test]
fn joined_archives_and_padding_are_read_to_the_end() {
    let bytes = [plain_tar(&[("1", b"1")]), vec![0; 8192], plain_tar(&[("2", b"2")]), b"garbage".to_vec()].concat();
    assert_eq!(lines(&read_in_folder(&bytes)), ["x ok", "x!/1 ok", "x!/2 ok"]);
}

#[test]
fn a_tar_that_is_cut_off_or_damaged_gives_what_is_left() {
    let whole = plain_tar(&[("1", &noise(1, 3000)), ("2", &noise(2, 3000))]);
    for cut in [whole[..6000].to_vec(), gzip(&whole)[..5000].to_vec()] {
        let outcomes = read_in_folder(&cut);
        assert_eq!(lines(&outcomes), ["x ok", "x!/1 ok", "x!/2 Archive", "x!/ Archive"]);
    }
    let mut damaged = whole;
    damaged[3584 + 20] ^= 0xff;
    let outcomes = read_in_folder(&damaged);
    assert_eq!(lines(&outcomes), ["x ok", "x!/1 ok", "x!/ Archive"]);
    assert!(refusal_of(&outcomes, "x!/").detail.contains("byte 3584"));
}

#[test]
fn large_numbers_and_long_heads_are_bounded() {
    let huge = raw_with(b'0', b"huge", b"", |block| {
        block[124..136].copy_from_slice(b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff");
    });
    assert_eq!(lines(&read_in_folder(&ended(std::slice::from_ref(&huge)))), ["x ok", "x!/huge Archive", "x!/ Archive"]);
    assert_eq!(lines(&read_in_folder(&gzip(&ended(&[huge])))), ["x ok", "x!/huge Archive", "x!/ Archive"]);
    let head = raw_with(b'x', b"head", b"", |block| block[124..135].copy_from_slice(b"77777777777"));
    assert_eq!(lines(&read_in_folder(&ended(&[head]))), ["x ok", "x!/ Archive"]);
}

#[test]
fn members_of_a_packed_tar_may_all_be_collected_before_any_is_read() {
    let photos: Vec<Vec<u8>> = (0..5).map(|seed| [b"\xff\xd8\xff".to_vec(), noise(seed, 60_000)].concat()).collect();
    let names: Vec<String> = (0..5).map(|index| format!("{index}.jpg")).collect();
    let members: Vec<(&str, &[u8])> =
        names.iter().zip(&photos).map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.tgz"), gzip(&plain_tar(&members))).unwrap();
    for (found, bytes) in
        list(&Source::open(&dir.path().join("x.tgz")).unwrap(), &Limits::default()).into_iter().zip(&photos)
    {
        let FoundContent::Readable(readable) = found.content else { panic!() };
        let reading = readable.read(&Limits::default(), &mut ReadBuffer::new()).unwrap();
        assert_eq!((reading.digests, read_whole(reading.descriptor().unwrap())), (digests(bytes), bytes.clone()));
    }
}
