//! Checks what a decoder claims, as if a stranger had sent it.

use domain::{Decoded, Facts, PdqVariant, Thumbnail};

use crate::protocol::{
    DecodeLimits, METADATA_NAME_BYTES_MAX, METADATA_RAW_BYTES_MAX, METADATA_VALUES_MAX, REMARKS_MAX,
    SENTENCE_CHARS_MAX, THUMBNAIL_SIDE_MAX,
};

/// Takes facts and thumbnail from their bytes, or says what is wrong with them.
pub(super) fn decoded(
    facts: &[u8],
    jpeg: Vec<u8>,
    (width, height): (u32, u32),
    limits: &DecodeLimits,
) -> Result<Decoded, &'static str> {
    let facts: Facts = serde_json::from_slice(facts).map_err(|_| "the facts are not in the agreed form")?;
    check_measures(&facts, limits)?;
    check_texts(&facts)?;
    let sides = 1..=THUMBNAIL_SIDE_MAX;
    if !sides.contains(&width) || !sides.contains(&height) {
        return Err("the thumbnail has an impossible size");
    }
    // The thumbnail goes on to programs that are not confined, so its own header may not claim another size.
    if baseline_size(&jpeg) != Some((width, height)) {
        return Err("the thumbnail is no baseline JPEG of the size that is claimed");
    }
    Ok(Decoded { facts, thumbnail: Thumbnail { width, height, jpeg } })
}

/// Checks the size of rendered pixels against what was wished and what there is room for.
pub(super) fn rendered((width, height): (u32, u32), longest_px: u32, pixels_max: u32) -> Result<(), &'static str> {
    let sides = 1..=longest_px;
    let pixels = u64::from(width) * u64::from(height);
    if !sides.contains(&width) || !sides.contains(&height) || pixels > pixels_max.into() {
        return Err("the rendered picture has an impossible size");
    }
    Ok(())
}

fn check_measures(facts: &Facts, limits: &DecodeLimits) -> Result<(), &'static str> {
    let sides = 1..=limits.side_px;
    let pixels = u64::from(facts.width) * u64::from(facts.height);
    if !sides.contains(&facts.width) || !sides.contains(&facts.height) || pixels > limits.pixels {
        return Err("the picture has an impossible size");
    }
    if !(1..=8).contains(&facts.exif_orientation) {
        return Err("the orientation is none of the eight");
    }
    if facts.pdq.as_ref().is_some_and(|pdq| pdq.quality > 100 || pdq.variant != PdqVariant::Sampled512) {
        return Err("the PDQ value has an impossible quality or variant");
    }
    if let Some(fix) = &facts.gps {
        let altitude_known = fix.altitude_m.is_none_or(f64::is_finite);
        if !(-90.0..=90.0).contains(&fix.latitude) || !(-180.0..=180.0).contains(&fix.longitude) || !altitude_known {
            return Err("the place is not on the earth");
        }
    }
    Ok(())
}

fn check_texts(facts: &Facts) -> Result<(), &'static str> {
    let camera = &facts.camera;
    let parts = [&camera.make, &camera.model, &camera.serial, &camera.lens_serial, &camera.software, &camera.owner];
    let names = parts.into_iter().flatten();
    let names = names.chain(facts.taken.iter().map(|taken| &taken.local));
    let names = names.chain(facts.taken.iter().filter_map(|taken| taken.offset.as_ref()));
    let names = names.chain(facts.metadata.iter().flat_map(|value| [&value.group, &value.name]));
    let long_name = names.into_iter().any(|name| name.len() > METADATA_NAME_BYTES_MAX);
    let long_raw = facts.metadata.iter().any(|value| value.raw.len() > METADATA_RAW_BYTES_MAX);
    // A character takes four bytes at most.
    let long_remark = facts.remarks.iter().any(|remark| remark.len() > SENTENCE_CHARS_MAX * 4);
    let many = facts.metadata.len() > METADATA_VALUES_MAX || facts.remarks.len() > REMARKS_MAX;
    if long_name || long_raw || long_remark || many {
        return Err("the metadata is longer than agreed");
    }
    Ok(())
}

/// Gives width and height of a baseline JPEG of one or three components (ITU-T T.81, annex B), walking its segments.
fn baseline_size(jpeg: &[u8]) -> Option<(u32, u32)> {
    let mut rest = jpeg.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let (&[0xff, marker, high, low], _) = rest.split_first_chunk::<4>()? else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let segment = rest.get(4..2 + length)?;
        match (marker, segment) {
            (0xc0, &[8, y1, y0, x1, x0, 1 | 3, ..]) => {
                let (height, width) = (u16::from_be_bytes([y1, y0]), u16::from_be_bytes([x1, x0]));
                return Some((width.into(), height.into()));
            }
            // Application data, tables and comments may come before the frame; any other frame may not.
            (0xe0..=0xef | 0xdb | 0xc4 | 0xdd | 0xfe, _) => rest = &rest[2 + length..],
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Start of a baseline JPEG of the given size.
    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 11, 8];
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.extend([1, 1, 0x11, 0]);
        bytes
    }

    fn facts(change: impl FnOnce(&mut Facts)) -> Vec<u8> {
        let mut facts = Facts {
            width: 640,
            height: 480,
            exif_orientation: 1,
            frames: None,
            pdq: None,
            image_hash: domain::ImageHash(1),
            camera: domain::Camera::default(),
            gps: None,
            taken: None,
            metadata: Vec::new(),
            remarks: Vec::new(),
        };
        change(&mut facts);
        serde_json::to_vec(&facts).unwrap()
    }

    fn check(facts: &[u8], jpeg: Vec<u8>, size: (u32, u32)) -> Result<Decoded, &'static str> {
        decoded(facts, jpeg, size, &DecodeLimits::default())
    }

    #[test]
    fn rendered_pixels_have_to_fit_the_wish_and_the_room() {
        assert!(rendered((64, 48), 64, 4096).is_ok());
        for size in [(65, 48), (48, 65), (0, 48), (64, 0), (u32::MAX, u32::MAX)] {
            assert!(rendered(size, 64, 4096).is_err(), "{size:?}");
        }
        assert!(rendered((64, 64), 64, 4095).is_err());
    }

    #[test]
    fn an_honest_answer_is_taken() {
        let taken = check(&facts(|_| {}), jpeg(512, 384), (512, 384)).unwrap();
        assert_eq!((taken.facts.width, taken.thumbnail.width), (640, 512));
    }

    #[test]
    fn lies_about_the_picture_are_found() {
        let lies: [fn(&mut Facts); 9] = [
            |facts| facts.width = 0,
            |facts| facts.height = 32_769,
            |facts| (facts.width, facts.height) = (32_768, 32_768),
            |facts| facts.exif_orientation = 9,
            |facts| facts.remarks = vec![String::new(); REMARKS_MAX + 1],
            |facts| facts.remarks = vec!["x".repeat(SENTENCE_CHARS_MAX * 4 + 1)],
            |facts| facts.camera.serial = Some("x".repeat(METADATA_NAME_BYTES_MAX + 1)),
            |facts| facts.gps = Some(domain::GpsFix { latitude: 91.0, longitude: 0.0, altitude_m: None }),
            |facts| {
                let orientations = [domain::Pdq([0; 32]); 8];
                facts.pdq = Some(domain::PdqSet { variant: PdqVariant::Sampled512, quality: 101, orientations });
            },
        ];
        for (index, lie) in lies.into_iter().enumerate() {
            assert!(check(&facts(lie), jpeg(512, 384), (512, 384)).is_err(), "lie {index} was believed");
        }
        assert!(check(b"[]", jpeg(512, 384), (512, 384)).is_err());
    }

    #[test]
    fn lies_about_the_thumbnail_are_found() {
        for (bytes, size) in [
            (jpeg(512, 384), (384, 512)),
            (jpeg(600, 600), (600, 600)),
            (jpeg(0, 0), (0, 0)),
            (b"\x89PNG\r\n\x1a\n".to_vec(), (1, 1)),
            (Vec::new(), (1, 1)),
            (jpeg(65_535, 65_535), (512, 512)),
            (vec![0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xc0], (1, 1)),
        ] {
            assert!(check(&facts(|_| {}), bytes, size).is_err());
        }
    }
}
