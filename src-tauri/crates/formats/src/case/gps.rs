//! Takes a place from what a tool wrote of one. Tools write it in many ways and some leave the hemisphere out: then there
//! is no place, because half of a guess lies on the wrong side of the earth.

use domain::GpsFix;

use super::CaseProperty;

/// Names that tools give to one value that holds both coordinates, in small letters and digits alone.
const PAIRS: [&str; 6] = ["latlon", "latlong", "gpslatlon", "gpslatlong", "gpsposition", "gpscoordinates"];

/// Finds the place that the rows tell: the pair where there is one, else latitude and longitude with their hemispheres.
/// None where something is missing, doubtful, or contradicts itself.
pub(crate) fn place(rows: &[CaseProperty]) -> Option<GpsFix> {
    let mut pair = Found::default();
    let mut parts: [Found; 4] = Default::default();
    for row in rows {
        let name = plain(&row.name);
        if PAIRS.contains(&name.as_str()) {
            pair.take(&row.value);
            continue;
        }
        let name = name.strip_prefix("gps").unwrap_or(&name);
        match name {
            "latitude" => parts[0].take(&row.value),
            "latituderef" => parts[1].take(&row.value),
            "longitude" => parts[2].take(&row.value),
            "longituderef" => parts[3].take(&row.value),
            _ => {}
        }
    }
    if let Found::One(text) = &pair {
        return split(text);
    }
    let [Found::One(latitude), latitude_ref, Found::One(longitude), longitude_ref] = &parts else { return None };
    fix(axis(latitude, latitude_ref.text()?, Axis::Latitude)?, axis(longitude, longitude_ref.text()?, Axis::Longitude)?)
}

/// Holds a value that may stand in several rows: one value, or no value because they differ.
#[derive(Debug, Default)]
enum Found {
    #[default]
    Nothing,
    One(String),
    Several,
}

impl Found {
    fn take(&mut self, text: &str) {
        let text = text.trim();
        match self {
            _ if text.is_empty() => {}
            Self::Nothing => *self = Self::One(text.to_owned()),
            Self::One(before) if before == text => {}
            _ => *self = Self::Several,
        }
    }

    /// Gives the text; that of nothing is empty.
    fn text(&self) -> Option<&str> {
        match self {
            Self::Nothing => Some(""),
            Self::One(text) => Some(text),
            Self::Several => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    Latitude,
    Longitude,
}

fn fix(latitude: f64, longitude: f64) -> Option<GpsFix> {
    let on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
    // Exactly 0/0 is what devices write that know no place.
    let is_nowhere = latitude == 0.0 && longitude == 0.0;
    (on_earth && !is_nowhere).then_some(GpsFix { latitude, longitude, altitude_m: None })
}

/// Splits one text into two coordinates, at the only place where it can be split.
fn split(text: &str) -> Option<GpsFix> {
    for separator in [";", "/", ", "] {
        if let Some((one, other)) = text.split_once(separator) {
            return if other.contains(separator) { None } else { both(one, other) };
        }
    }
    if let Some((one, other)) = text.split_once(',') {
        // With a second comma one of them can be decimal: nobody knows which.
        return if other.contains(',') { spaced(text) } else { both(one, other) };
    }
    spaced(text)
}

fn spaced(text: &str) -> Option<GpsFix> {
    let mut words = text.split_whitespace();
    let (one, other) = (words.next()?, words.next()?);
    if words.next().is_some() { None } else { both(one, other) }
}

/// Reads both halves of a pair. In a pair the sign is the hemisphere, or a letter is.
fn both(one: &str, other: &str) -> Option<GpsFix> {
    let half = |text: &str, of: Axis| match without_letter(text.trim()) {
        (text, "") => decimal(text),
        (text, letter) => axis(text, letter, of),
    };
    fix(half(one, Axis::Latitude)?, half(other, Axis::Longitude)?)
}

fn without_letter(text: &str) -> (&str, &str) {
    match text.char_indices().next_back() {
        Some((at, letter)) if matches!(letter.to_ascii_uppercase(), 'N' | 'S' | 'E' | 'W') => {
            (&text[..at], &text[at..])
        }
        _ => (text, ""),
    }
}

/// Reads one coordinate whose hemisphere stands in `reference`. A minus says it too, unless the reference contradicts it.
fn axis(text: &str, reference: &str, axis: Axis) -> Option<f64> {
    let degrees = degrees(text)?;
    let negative = match (axis, plain(reference).as_str()) {
        (Axis::Latitude, "n" | "north") | (Axis::Longitude, "e" | "east") => false,
        (Axis::Latitude, "s" | "south") | (Axis::Longitude, "w" | "west") => true,
        (_, "") if degrees < 0.0 => return Some(degrees),
        _ => return None,
    };
    match (negative, degrees < 0.0) {
        (false, true) => None,
        (true, false) => Some(-degrees),
        _ => Some(degrees),
    }
}

/// Reads degrees, or degrees, minutes and seconds: `12.5`, `12,5`, `12 deg 34'56.78"`, `12° 34' 56"`, `41, 53, 2.44`.
fn degrees(text: &str) -> Option<f64> {
    if let Some(number) = decimal(text) {
        return Some(number);
    }
    let text = text.replace("deg", " ");
    let blank = |c: char| if matches!(c, '°' | '\'' | '"' | '′' | '″' | ';' | ':') { ' ' } else { c };
    let text: String = text.chars().map(blank).collect();
    // A comma before a blank separates; one between digits is decimal.
    let numbers: Option<Vec<f64>> = text.split_whitespace().map(|word| decimal(word.trim_end_matches(','))).collect();
    let numbers = numbers?;
    let (whole, minutes, seconds) = match numbers[..] {
        [whole, minutes, seconds] => (whole, minutes, seconds),
        [whole, minutes] => (whole, minutes, 0.0),
        _ => return None,
    };
    let fits = (0.0..60.0).contains(&minutes) && (0.0..60.0).contains(&seconds) && whole.fract() == 0.0;
    let size = whole.abs() + minutes / 60.0 + seconds / 3600.0;
    fits.then_some(if whole.is_sign_negative() { -size } else { size })
}

/// Reads a plain number with a point or a decimal comma; words such as `NaN` and `inf` are none.
fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    if !plain || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let points = digits.bytes().filter(|byte| !byte.is_ascii_digit()).count();
    if points > 1 {
        return None;
    }
    text.replace(',', ".").parse().ok()
}

/// Gives the letters and digits alone, in small letters, so that `GPS Latitude Ref` and `GPSLatitudeRef` are one name.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[(&str, &str)], want: Option<(f64, f64)>) {
        let rows: Vec<CaseProperty> = rows
            .iter()
            .map(|(name, value)| CaseProperty { name: (*name).into(), value: (*value).into(), unknown: Vec::new() })
            .collect();
        let got = place(&rows).map(|fix| (fix.latitude, fix.longitude));
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        let same = match (got, want) {
            (Some(got), Some(want)) => near(got.0, want.0) && near(got.1, want.1),
            (None, None) => true,
            _ => false,
        };
        assert!(same, "{rows:?} gave {got:?}, not {want:?}");
    }

    fn parts(latitude: &str, north: &str, longitude: &str, east: &str, want: Option<(f64, f64)>) {
        let rows = [
            ("GPS Latitude", latitude),
            ("GPSLatitudeRef", north),
            ("GPS Longitude", longitude),
            ("GPS Longitude Ref", east),
        ];
        check(&rows, want);
    }

    #[test]
    fn the_styles_of_tools_are_read() {
        let seconds = 12.0 + 34.0 / 60.0 + 56.78 / 3600.0;
        parts("12 deg 34'56.78\"", "North", "12 deg 34' 56.78\"", "West", Some((seconds, -seconds)));
        parts("41, 53, 2.44", "N", "12, 29, 0", "E", Some((41.0 + 53.0 / 60.0 + 2.44 / 3600.0, 12.0 + 29.0 / 60.0)));
        parts("52,37", "S", "4.9", "e", Some((-52.37, 4.9)));
        parts("-12.5", "S", "-70.25", "", Some((-12.5, -70.25)));
        check(&[("Lat/Lon", "52.37 / 4.9")], Some((52.37, 4.9)));
        check(&[("Lat/Lon", "52.37, -4.9")], Some((52.37, -4.9)));
        check(&[("Lat/Lon", "52,37; 4,9")], Some((52.37, 4.9)));
        check(&[("lat/lon", "52,37 4,9")], Some((52.37, 4.9)));
        check(&[("GPS Position", "52.37 S, 4.9 W")], Some((-52.37, -4.9)));
    }

    #[test]
    fn the_pair_is_preferred() {
        let rows = [("Lat/Lon", "52.5,4.5"), ("Latitude", "1"), ("Longitude", "2")];
        check(&rows, Some((52.5, 4.5)));
    }

    #[test]
    fn what_is_missing_is_never_guessed() {
        parts("52.37", "", "4.9", "", None);
        parts("52.37", "N", "4.9", "", None);
        parts("52.37", "none", "4.9", "E", None);
        parts("-52.37", "N", "4.9", "E", None);
        parts("52.37", "E", "4.9", "N", None);
        check(&[("Latitude", "52"), ("LatitudeRef", "N")], None);
        check(
            &[("Latitude", "52"), ("Latitude", "53"), ("LatitudeRef", "N"), ("Longitude", "4"), ("LongitudeRef", "E")],
            None,
        );
        check(&[("Lat/Lon", "52,37,4,9")], None);
        check(&[("Lat/Lon", "52,37, 4,9")], Some((52.37, 4.9)));
    }

    #[test]
    fn what_lies_nowhere_is_refused() {
        parts("0", "N", "0", "E", None);
        parts("0", "N", "0.1", "E", Some((0.0, 0.1)));
        parts("90.1", "N", "4", "E", None);
        parts("NaN", "N", "4", "E", None);
        parts("inf", "N", "4", "E", None);
        parts("41, 60, 2", "N", "4", "E", None);
        check(&[("Lat/Lon", "52 181")], None);
        check(&[("Lat/Lon", "NaN NaN")], None);
        check(&[("Lat/Lon", "0.0, 0.0")], None);
    }
}
