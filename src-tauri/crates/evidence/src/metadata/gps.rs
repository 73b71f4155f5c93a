//! Reads a place from GPS metadata, or none: a hemisphere is never guessed, and a damaged number is never repaired.

use domain::GpsFix;

use super::tiff::{Directory, Entry, kind};
use super::{Remarks, text};

/// Heights beyond this are no heights, metres.
const ALTITUDE_M_MAX: f64 = 100_000.0;

/// Names one of the two angles of a place.
#[derive(Clone, Copy)]
struct Axis {
    /// Letter of the positive hemisphere.
    positive: u8,
    /// Letter of the negative hemisphere.
    negative: u8,
    /// Largest angle, degrees.
    degrees_max: f64,
    no_hemisphere: &'static str,
    no_angle: &'static str,
}

const LATITUDE: Axis = Axis {
    positive: b'N',
    negative: b'S',
    degrees_max: 90.0,
    no_hemisphere: "the GPS latitude has no hemisphere; no place is taken from it",
    no_angle: "the GPS latitude is no angle of at most 90 degrees; no place is taken from it",
};
const LONGITUDE: Axis = Axis {
    positive: b'E',
    negative: b'W',
    degrees_max: 180.0,
    no_hemisphere: "the GPS longitude has no hemisphere; no place is taken from it",
    no_angle: "the GPS longitude is no angle of at most 180 degrees; no place is taken from it",
};
const ZERO: &str = "the GPS place is exactly 0, 0, which devices write when they have none; no place is taken from it";
const HALF: &str = "the GPS metadata hold only one of latitude and longitude; no place is taken from it";

/// Reads the place that EXIF's GPS directory states.
pub(super) fn fix(entries: &[Entry<'_>], remarks: &mut Remarks) -> Option<GpsFix> {
    let tag = |tag: u16| entries.iter().find(|entry| entry.directory == Directory::Gps && entry.tag == tag);
    let (latitude, longitude) = match (tag(0x02), tag(0x04)) {
        (None, None) => return None,
        (Some(latitude), Some(longitude)) => (latitude, longitude),
        _ => {
            remarks.add(HALF);
            return None;
        }
    };
    let latitude = angle(LATITUDE, tag(0x01), latitude, remarks);
    let longitude = angle(LONGITUDE, tag(0x03), longitude, remarks);
    let (latitude, longitude) = (latitude?, longitude?);
    if latitude == 0.0 && longitude == 0.0 {
        remarks.add(ZERO);
        return None;
    }
    if tag(0x09).and_then(Entry::text) == Some(b"V") {
        remarks.add("the GPS status is V: the receiver had no fresh position");
    }
    if let Some(datum) = tag(0x12).and_then(Entry::text)
        && !matches!(datum.to_ascii_uppercase().as_slice(), b"WGS-84" | b"WGS84" | b"WGS 84" | b"WGS_84")
    {
        remarks.add(&format!("the GPS map datum is {}, not WGS-84; the place is not converted", text::shown(datum)));
    }
    Some(GpsFix { latitude, longitude, altitude_m: altitude(tag(0x05), tag(0x06), remarks) })
}

/// Reads degrees, minutes and seconds with their hemisphere, as signed degrees.
fn angle(axis: Axis, hemisphere: Option<&Entry<'_>>, value: &Entry<'_>, remarks: &mut Remarks) -> Option<f64> {
    let letter = match hemisphere.and_then(Entry::text) {
        Some([letter]) => letter.to_ascii_uppercase(),
        _ => 0,
    };
    let sign = match letter {
        letter if letter == axis.positive => 1.0,
        letter if letter == axis.negative => -1.0,
        _ => {
            remarks.add(axis.no_hemisphere);
            return None;
        }
    };
    let part = |index: u64| value.rational(index).and_then(quotient).filter(|part| *part >= 0.0);
    let degrees = match (value.count, part(0), part(1), part(2)) {
        (3, Some(degrees), Some(minutes), Some(seconds)) => sum(degrees, minutes, seconds),
        _ => None,
    };
    let angle = degrees.filter(|degrees| *degrees <= axis.degrees_max);
    if angle.is_none() {
        remarks.add(axis.no_angle);
    }
    // Zero has no sign: a place on the equator is the same from both sides.
    angle.map(|angle| if angle == 0.0 { 0.0 } else { sign * angle })
}

/// Adds the parts of an angle. 60 itself occurs where a device rounds up.
fn sum(degrees: f64, minutes: f64, seconds: f64) -> Option<f64> {
    let sum = degrees + minutes / 60.0 + seconds / 3600.0;
    (minutes <= 60.0 && seconds <= 60.0 && sum.is_finite()).then_some(sum)
}

/// Divides a rational; one with the denominator 0 is no number.
fn quotient((upper, lower): (i64, i64)) -> Option<f64> {
    (lower != 0).then(|| upper as f64 / lower as f64)
}

fn altitude(reference: Option<&Entry<'_>>, value: Option<&Entry<'_>>, remarks: &mut Remarks) -> Option<f64> {
    let value = value?;
    // EXIF 3.0: 0 and 2 are above, 1 and 3 below; 0 is the default. Some writers use a digit as text.
    let below = match reference.map(|entry| (entry.kind, entry.bytes.first())) {
        None | Some((kind::BYTE, Some(0 | 2))) | Some((kind::ASCII, Some(b'0'))) => false,
        Some((kind::BYTE, Some(1 | 3))) | Some((kind::ASCII, Some(b'1'))) => true,
        Some(_) => {
            remarks.add("the GPS altitude says neither above nor below; it is left out");
            return None;
        }
    };
    let metres = value.rational(0).and_then(quotient).filter(|metres| metres.abs() <= ALTITUDE_M_MAX);
    if metres.is_none() {
        remarks.add("the GPS altitude is no height; it is left out");
    }
    metres.map(|metres| if below { -metres } else { metres })
}

/// Reads the place that XMP states: angles as `DDD,MM.mmk` or `DDD,MM,SSk`, `k` being the hemisphere (XMP part 2, 2.5).
pub(super) fn xmp_fix(latitude: Option<&str>, longitude: Option<&str>, remarks: &mut Remarks) -> Option<GpsFix> {
    let (latitude, longitude) = match (latitude, longitude) {
        (None, None) => return None,
        (Some(latitude), Some(longitude)) => (latitude, longitude),
        _ => {
            remarks.add(HALF);
            return None;
        }
    };
    let (latitude, longitude) = (xmp_angle(LATITUDE, latitude, remarks), xmp_angle(LONGITUDE, longitude, remarks));
    let (latitude, longitude) = (latitude?, longitude?);
    if latitude == 0.0 && longitude == 0.0 {
        remarks.add(ZERO);
        return None;
    }
    Some(GpsFix { latitude, longitude, altitude_m: None })
}

fn xmp_angle(axis: Axis, text: &str, remarks: &mut Remarks) -> Option<f64> {
    let text = text.trim();
    let sign = match text.bytes().last().map(|letter| letter.to_ascii_uppercase()) {
        Some(letter) if letter == axis.positive => 1.0,
        Some(letter) if letter == axis.negative => -1.0,
        _ => {
            remarks.add(axis.no_hemisphere);
            return None;
        }
    };
    // Only digits and one point: neither "nan" nor "1e9" nor a second sign.
    let part = |text: &str| {
        let plain = text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        text.parse::<f64>().ok().filter(|_| plain)
    };
    let parts: Vec<Option<f64>> = text[..text.len() - 1].splitn(4, ',').map(part).collect();
    let angle = match parts[..] {
        [Some(degrees), Some(minutes)] => sum(degrees, minutes, 0.0),
        [Some(degrees), Some(minutes), Some(seconds)] => sum(degrees, minutes, seconds),
        _ => None,
    };
    let angle = angle.filter(|angle| *angle <= axis.degrees_max);
    if angle.is_none() {
        remarks.add(axis.no_angle);
    }
    angle.map(|angle| if angle == 0.0 { 0.0 } else { sign * angle })
}

/// Tells whether two places are further apart than rounding explains.
pub(super) fn disagree(a: GpsFix, b: GpsFix) -> bool {
    const DEGREES: f64 = 0.01;
    (a.latitude - b.latitude).abs() > DEGREES || (a.longitude - b.longitude).abs() > DEGREES
}
