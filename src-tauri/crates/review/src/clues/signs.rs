//! Signs of a camera original: what the metadata of a picture say about how it came to be.
//!
//! Each sign is a fact that anybody can look up among the values of the item. None of them proves anything: metadata can
//! be written by hand. Together they say where to look first.

use domain::Facts;

/// Largest distance of the 64-bit hashes at which an embedded small picture shows its picture.
pub const THUMBNAIL_FITS_MAX: u32 = 8;
/// Smallest distance at which it shows something else. Between the two nothing is said.
pub const THUMBNAIL_DIFFERS_MIN: u32 = 16;

/// Words that name software which changes pictures or their metadata, in small letters. What a camera or a phone writes
/// as its own version is none of them.
const EDITORS: &[&str] = &[
    "photoshop",
    "lightroom",
    "gimp",
    "paint.net",
    "paintshop",
    "snapseed",
    "picsart",
    "facetune",
    "meitu",
    "vsco",
    "affinity",
    "capture one",
    "darktable",
    "rawtherapee",
    "digikam",
    "picasa",
    "acdsee",
    "irfanview",
    "xnview",
    "faststone",
    "photoscape",
    "pixlr",
    "canva",
    "polarr",
    "instagram",
    "imagemagick",
    "graphicsmagick",
    "exiftool",
    "photofiltre",
    "corel",
    "luminar",
    "dxo photolab",
    "topaz",
    "remini",
    "faceapp",
    "beautyplus",
    "photodirector",
    "pixelmator",
    "microsoft windows photo",
    "windows photo editor",
    "google photos",
    "adobe",
    "inpixio",
    "krita",
    "inkscape",
    "stable diffusion",
    "midjourney",
    "dall-e",
    "firefly",
];

/// Tells how an embedded small picture stands to its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmbeddedPicture {
    /// There is none, or nobody has compared it.
    #[default]
    Unknown,
    /// It shows the same.
    Fits,
    /// The measures are too near to say.
    Unsure,
    /// It shows something else.
    Differs,
}

/// Holds the signs of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signs {
    /// Make and model are named.
    pub camera_named: bool,
    /// The size that EXIF states: `Some(true)` when it is that of the picture, `None` when none is stated.
    pub size_fits: Option<bool>,
    /// It names a time of taking, an exposure time, an aperture and a sensitivity.
    pub exposed: bool,
    /// It has the note that makers put into what their devices write, and most editors leave out.
    pub maker_note: bool,
    /// Something says that it was edited: software, a history, an editor's segments, or a progressive coding.
    pub edited: bool,
    /// Its embedded small picture.
    pub thumbnail: EmbeddedPicture,
}

impl Signs {
    /// Reads the signs from what the decoder found out.
    pub fn of(facts: &Facts) -> Self {
        Self {
            camera_named: facts.camera.make.is_some() && facts.camera.model.is_some(),
            size_fits: size_fits(facts),
            exposed: is_exposed(facts),
            maker_note: has(facts, "MakerNote"),
            edited: is_edited(facts),
            thumbnail: thumbnail(facts),
        }
    }

    /// Tells whether all that a camera original needs is there: a device, a size in EXIF that is the picture's, how it was
    /// exposed, and no sign of editing; and an embedded small picture, if there is one, that does not show something else.
    pub fn is_original(self) -> bool {
        let fits = self.size_fits == Some(true) && self.thumbnail != EmbeddedPicture::Differs;
        self.camera_named && fits && self.exposed && !self.edited
    }

    /// Tells whether the metadata are as whole as a camera writes them: how it was exposed, and the maker's note.
    pub fn is_whole(self) -> bool {
        self.camera_named && self.exposed && self.maker_note
    }
}

fn raw<'a>(facts: &'a Facts, group: &str, name: &str) -> Option<&'a str> {
    facts.metadata.iter().find(|value| value.group == group && value.name == name).map(|value| value.raw.as_str())
}

/// Compares the sides that EXIF states with those of the picture, either way round: some devices write them as stored,
/// others as seen.
fn size_fits(facts: &Facts) -> Option<bool> {
    let side = |name| raw(facts, "exif", name).and_then(|raw| raw.parse::<u32>().ok()).filter(|side| *side > 0);
    let (width, height) = (side("PixelXDimension")?, side("PixelYDimension")?);
    let stated = (width.min(height), width.max(height));
    Some(stated == (facts.width.min(facts.height), facts.width.max(facts.height)))
}

fn has(facts: &Facts, name: &str) -> bool {
    raw(facts, "exif", name).is_some_and(|raw| !raw.is_empty())
}

fn is_exposed(facts: &Facts) -> bool {
    let any = |names: [&str; 2]| names.into_iter().any(|name| has(facts, name));
    let exposed = any(["ExposureTime", "ShutterSpeedValue"]) && any(["FNumber", "ApertureValue"]);
    facts.taken.is_some() && exposed && any(["PhotographicSensitivity", "ISOSpeed"])
}

fn is_edited(facts: &Facts) -> bool {
    const WRITERS: [(&str, &str); 7] = [
        ("exif", "ImageEditor"),
        ("exif", "ImageEditingSoftware"),
        ("exif", "RAWDevelopingSoftware"),
        ("exif", "MetadataEditingSoftware"),
        ("exif", "PhotoshopSettings"),
        ("xmp", "stEvt:action"),
        ("xmp", "stEvt:softwareAgent"),
    ];
    let written = WRITERS.iter().any(|(group, name)| raw(facts, group, name).is_some_and(|raw| !raw.is_empty()));
    // What IPTC calls a picture that was put together, or made by a program: the last word of an address.
    let source = raw(facts, "xmp", "Iptc4xmpExt:DigitalSourceType").unwrap_or_default().to_lowercase();
    let made = ["composite", "algorithmic", "software"].iter().any(|word| source.contains(word));
    let names =
        [facts.camera.software.as_deref(), raw(facts, "exif", "Software"), raw(facts, "xmp", "xmp:CreatorTool")];
    let editor = names.into_iter().flatten().any(|name| {
        let name = name.to_lowercase();
        EDITORS.iter().any(|editor| name.contains(editor))
    });
    let progressive = raw(facts, "container", "JPEG.Frame").is_some_and(|frame| frame == "progressive");
    let segments = raw(facts, "container", "JPEG.Segments").unwrap_or_default();
    let of_editor = segments.split(", ").any(|segment| matches!(segment, "Photoshop" | "Adobe" | "Ducky"));
    written || made || editor || progressive || of_editor
}

fn thumbnail(facts: &Facts) -> EmbeddedPicture {
    let distance = raw(facts, "derived", "thumbnail.distance").and_then(|raw| raw.parse::<u32>().ok());
    match distance {
        None => EmbeddedPicture::Unknown,
        Some(distance) if distance <= THUMBNAIL_FITS_MAX => EmbeddedPicture::Fits,
        Some(distance) if distance >= THUMBNAIL_DIFFERS_MIN => EmbeddedPicture::Differs,
        Some(_) => EmbeddedPicture::Unsure,
    }
}
