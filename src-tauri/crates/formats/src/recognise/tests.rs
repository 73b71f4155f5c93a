//! Each list is recognised by its own reader and by no other.

use super::{STREAMS, stream};
use crate::ListKind::{
    self, ChecksumList, EncaseHash, HashKeeper, HashTable, Hashdeep, Icse, NsrlSqlite, NsrlText, Vics,
};

const SAMPLES: &[(ListKind, &[u8])] = &[
    (Vics, b"{\"@odata.context\":"),
    (Vics, b"\xEF\xBB\xBF\r\n {\n  \"value\": ["),
    (Vics, b"{\"@odata.context\":\"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media\",\"value\":["),
    (EncaseHash, b"HASH\r\n\xFF\0"),
    (Hashdeep, b"%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## \n"),
    (
        NsrlText,
        b"\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\",\"OpSystemCode\",\"SpecialCode\"\r\n",
    ),
    (HashKeeper, b"\"file_id\",\"hashset_id\",\"file_name\",\"directory\",\"hash\",\"file_size\"\r\n"),
    (Icse, b"MD5;SHA1;PhotoDNA;Image ID;Is distributed\r\n"),
    (Icse, b"\xEF\xBB\xBFBaseline;Series name;md5\n"),
    (NsrlSqlite, b"BEGIN TRANSACTION;\nINSERT INTO FILE(sha256,sha1) VALUES('a','b');\n"),
    (ChecksumList, b"900150983cd24fb0d6963f7d28e17f72  a.jpg\n"),
    (ChecksumList, b"SHA256 (a.jpg) = ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"),
    (ChecksumList, b"MD5\n900150983cd24fb0d6963f7d28e17f72\n"),
    (ChecksumList, b"900150983cd24fb0d6963f7d28e17f72  a\nb\0"),
    (ChecksumList, b"900150983cd24fb0d6963f7d28e17f72,a.jpg\n"),
    (ChecksumList, b"\r\nAlgorithm  Hash  Path\r\n---  ---  ---\r\nMD5 900150983cd24fb0d6963f7d28e17f72 C:\\a\r\n"),
    (HashTable, b"Name,MD5\na.jpg,900150983cd24fb0d6963f7d28e17f72\n"),
    (HashTable, b"MD5;Category;PhotoDNA\n900150983cd24fb0d6963f7d28e17f72;1;\n"),
    (HashTable, b"\"Algorithm\",\"Hash\",\"Path\"\n\"MD5\",\"900150983cd24fb0d6963f7d28e17f72\",\"a\"\n"),
    (Icse, b"MD5,SHA1,PhotoDNA,Image ID,Is distributed,Series name\n"),
];

#[test]
fn each_list_has_one_reader() {
    for (kind, sample) in SAMPLES {
        let readers: Vec<_> =
            STREAMS.iter().filter(|reader| (reader.recognises)(sample)).map(|reader| reader.kind).collect();
        assert_eq!(readers, [*kind], "{}", sample.escape_ascii());
    }
}

#[test]
fn what_is_no_list_has_none() {
    for bytes in [
        &b""[..],
        b"\n",
        b"a;b;c\n1;2;3\n",
        b"MD5,SHA1\n1,2\n",
        b"\"ProductCode\",\"ProductName\"\n",
        b"HASH\r\n",
        b"%%%% size,md5,filename\n",
        b"SELECT * FROM FILE;\n",
        b"<html><body>900150983cd24fb0d6963f7d28e17f72</body></html>",
        b"\xFF\xD8\xFF\xE0\0\x10JFIF",
        &[0; 4096],
    ] {
        assert!(stream(bytes).is_none(), "{}", bytes.escape_ascii());
    }
}
