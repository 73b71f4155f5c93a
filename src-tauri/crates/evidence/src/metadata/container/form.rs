//! What a JPEG tells by its form: how it is coded, and whose data it carries in which order.
//!
//! Cameras write baseline frames, and EXIF first; editors and services write other segments, and many of them progressive
//! frames. Neither proves anything by itself; both can be looked up.

use domain::MetadataValue;

/// Most names of segments that are kept. A camera writes up to five kinds.
const NAMES_MAX: usize = 32;

/// Segments that are told apart by what they begin with: marker, beginning, name.
const KNOWN: &[(u8, &[u8], &str)] = &[
    (0xe0, b"JFIF\0", "JFIF"),
    (0xe0, b"JFXX\0", "JFXX"),
    (0xe1, b"Exif\0", "Exif"),
    (0xe1, b"http://ns.adobe.com/xap/1.0/\0", "XMP"),
    (0xe1, b"http://ns.adobe.com/xmp/extension/\0", "XMP extension"),
    (0xe2, b"ICC_PROFILE\0", "ICC"),
    (0xe2, b"MPF\0", "MPF"),
    (0xe2, b"FPXR\0", "FPXR"),
    (0xec, b"Ducky", "Ducky"),
    (0xed, b"Photoshop 3.0\0", "Photoshop"),
    (0xee, b"Adobe", "Adobe"),
];

/// Gathers the form while the segments are walked.
#[derive(Default)]
pub(super) struct Form {
    frame: Option<&'static str>,
    names: Vec<String>,
}

impl Form {
    /// Takes a segment: its marker and its content.
    pub(super) fn see(&mut self, marker: u8, content: &[u8]) {
        match marker {
            0xe0..=0xef => self.name(marker, content),
            0xfe => self.push("Comment".to_owned()),
            // The start of a frame (ITU-T T.81, table B.1); the first counts.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                self.frame.get_or_insert(match marker {
                    0xc0 => "baseline",
                    0xc1 => "extended",
                    0xc2 => "progressive",
                    0xc3 => "lossless",
                    _ => "other",
                });
            }
            _ => {}
        }
    }

    fn name(&mut self, marker: u8, content: &[u8]) {
        let known = KNOWN.iter().find(|(of, head, _)| *of == marker && content.starts_with(head));
        self.push(known.map_or_else(|| format!("APP{}", marker - 0xe0), |(_, _, name)| (*name).to_owned()));
    }

    /// Adds a name; pieces of one kind that follow each other are one.
    fn push(&mut self, name: String) {
        if self.names.len() < NAMES_MAX && self.names.last() != Some(&name) {
            self.names.push(name);
        }
    }

    /// Gives what was seen.
    pub(super) fn values(self) -> Vec<MetadataValue> {
        let value = |name: &str, raw: String| MetadataValue { group: "container".into(), name: name.into(), raw };
        let frame = self.frame.map(|frame| value("JPEG.Frame", frame.to_owned()));
        let segments = (!self.names.is_empty()).then(|| value("JPEG.Segments", self.names.join(", ")));
        frame.into_iter().chain(segments).collect()
    }
}
