//! Places: how exact a fix is by the way in which it is written, and which fixes cannot be told apart.
//!
//! A place is never made more exact than its data. A fix lies within a whole step of its last written digit, because
//! some devices round and others cut off; within what the device states as its error (`GPSHPositioningError`); and never
//! within less than [`RADIUS_M_MIN`], which is what a good receiver reaches.

use std::collections::HashMap;

use domain::{Facts, GpsFix, LeadPlace};

/// Smallest radius of a fix, metres.
pub const RADIUS_M_MIN: u32 = 10;
/// Largest radius of a fix, metres: half of the way around the earth.
const RADIUS_M_MAX: f64 = 20_015_115.0;
/// Mean radius of the earth, metres (IUGG).
const EARTH_M: f64 = 6_371_008.8;
/// Metres of a degree along a meridian.
const DEGREE_M: f64 = EARTH_M * std::f64::consts::PI / 180.0;

/// Gives the place of an item with the radius in which it lies.
pub fn of(facts: &Facts) -> Option<LeadPlace> {
    let fix = facts.gps?;
    let written = written_radius_m(facts, fix).unwrap_or_default();
    let stated = value(facts, "gps", "GPSHPositioningError").and_then(quotient).unwrap_or_default();
    let radius = written.max(stated).max(f64::from(RADIUS_M_MIN)).min(RADIUS_M_MAX);
    // Between the two limits, so it fits.
    Some(LeadPlace { latitude: fix.latitude, longitude: fix.longitude, radius_m: radius.ceil() as u32 })
}

/// Gives the distance between two places along the earth's surface, metres, on a sphere (haversine).
pub fn distance_m(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
    let (d_lat, d_lon) = ((b.0 - a.0).to_radians(), (b.1 - a.1).to_radians());
    let h = (d_lat / 2.0).sin().powi(2) + lat_a.cos() * lat_b.cos() * (d_lon / 2.0).sin().powi(2);
    // Rounding can bring it over 1, which has no arc sine.
    2.0 * EARTH_M * h.sqrt().min(1.0).asin()
}

/// Tells whether two places may be one: whether the circles in which they lie touch.
pub fn may_be_one(a: &LeadPlace, b: &LeadPlace) -> bool {
    let distance = distance_m((a.latitude, a.longitude), (b.latitude, b.longitude));
    distance <= f64::from(a.radius_m) + f64::from(b.radius_m)
}

/// Writes a place with no more digits than its radius bears, e.g. `51.924 N, 4.478 E ± 110 m`.
pub fn shown(place: &LeadPlace) -> String {
    // A step of the last digit is at most a quarter longer than the radius.
    let digits = ((DEGREE_M / f64::from(place.radius_m.max(1))).log10() - 0.1).ceil().clamp(0.0, 5.0) as usize;
    let side = |degrees: f64, positive, negative| if degrees < 0.0 { negative } else { positive };
    format!(
        "{:.digits$} {}, {:.digits$} {} ± {}",
        place.latitude.abs(),
        side(place.latitude, 'N', 'S'),
        place.longitude.abs(),
        side(place.longitude, 'E', 'W'),
        length(place.radius_m),
    )
}

/// Holds the figures of a place as [`shown`] writes them, for whoever says them in another language.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// Latitude, degrees north.
    pub latitude: f64,
    /// Longitude, degrees east.
    pub longitude: f64,
    /// Digits behind the point that the radius bears.
    pub digits: u32,
    /// Radius as it is told, metres.
    pub radius_m: u32,
}

/// Reads what [`shown`] wrote; `None` for any other text.
pub fn read(text: &str) -> Option<Shown> {
    let (places, length) = text.split_once(" ± ")?;
    let (latitude, longitude) = places.split_once(", ")?;
    let degrees = |text: &str, positive: &str, negative: &str| -> Option<(f64, usize)> {
        let (number, side) = text.split_once(' ')?;
        let sign = if side == positive { 1.0 } else { -1.0 };
        let digits = number.split_once('.').map_or(0, |(_, digits)| digits.len());
        (side == positive || side == negative).then_some((sign * number.parse::<f64>().ok()?, digits))
    };
    let ((latitude, digits), (longitude, other)) = (degrees(latitude, "N", "S")?, degrees(longitude, "E", "W")?);
    let (number, unit) = length.split_once(' ')?;
    let metres = match unit {
        "m" => 1,
        "km" => 1_000,
        _ => return None,
    };
    let radius_m = number.parse::<u32>().ok()?.checked_mul(metres)?;
    (digits == other).then_some(Shown { latitude, longitude, digits: digits as u32, radius_m })
}

/// Writes a length with two digits that count, rounded up.
fn length(metres: u32) -> String {
    let (mut value, mut unit) = (metres, 1);
    while value >= 100 {
        value = value.div_ceil(10);
        unit *= 10;
    }
    let metres = u64::from(value) * unit;
    if metres >= 10_000 { format!("{} km", metres / 1000) } else { format!("{metres} m") }
}

/// Holds one point: places that are not told apart at the precision of their data.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The most exact of its places, and the radius in which all of them lie with theirs.
    pub place: LeadPlace,
    /// Numbers of the items, rising.
    pub items: Vec<u32>,
}

/// Gathers places into points, the one with most items first.
///
/// Places are taken by radius, the smallest first. Each joins the nearest point whose first place is within that place's
/// radius, if it is not more than twice as coarse: a place that is known to a kilometre does not blur one that is known to
/// ten metres. So the answer does not depend on the order of the items, and no chain of places joins two that differ.
pub fn points(places: &[(u32, LeadPlace)]) -> Vec<Point> {
    let mut order: Vec<&(u32, LeadPlace)> = places.iter().collect();
    order.sort_by(|(a, one), (b, other)| {
        let by_radius = one.radius_m.cmp(&other.radius_m);
        let by_latitude = one.latitude.total_cmp(&other.latitude);
        by_radius.then(by_latitude).then(one.longitude.total_cmp(&other.longitude)).then(a.cmp(b))
    });
    let mut gathered: Vec<Gathered> = Vec::new();
    let mut cells = Cells::default();
    for (item, place) in order {
        let nearest = cells.near(place).filter_map(|at| joins(&gathered[at].first, place).map(|metres| (metres, at)));
        // Of two that are equally near, the one that came first.
        let nearest = nearest.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        match nearest {
            Some((metres, at)) => gathered[at].take(*item, place, metres),
            None => {
                cells.put(place, gathered.len());
                gathered.push(Gathered { first: *place, radius: f64::from(place.radius_m), items: vec![*item] });
            }
        }
    }
    let mut points: Vec<Point> = gathered.into_iter().map(Gathered::finish).collect();
    points.sort_by(|a, b| b.items.len().cmp(&a.items.len()).then(a.items.cmp(&b.items)));
    points
}

/// Gives the distance of a place from the first of a point, if it joins that point.
fn joins(first: &LeadPlace, place: &LeadPlace) -> Option<f64> {
    let metres = distance_m((first.latitude, first.longitude), (place.latitude, place.longitude));
    let as_exact = place.radius_m <= first.radius_m.saturating_mul(2);
    (as_exact && metres <= f64::from(first.radius_m)).then_some(metres)
}

struct Gathered {
    first: LeadPlace,
    radius: f64,
    items: Vec<u32>,
}

impl Gathered {
    fn take(&mut self, item: u32, place: &LeadPlace, metres: f64) {
        self.radius = self.radius.max(metres + f64::from(place.radius_m)).min(RADIUS_M_MAX);
        self.items.push(item);
    }

    fn finish(mut self) -> Point {
        self.items.sort_unstable();
        self.items.dedup();
        Point { place: LeadPlace { radius_m: self.radius.ceil() as u32, ..self.first }, items: self.items }
    }
}

/// The first places of all points, in cubes of space whose side is twice the power of two below their radius: a place
/// that joins a point lies in the point's cube or beside it. In space there is neither a date line nor a pole.
#[derive(Default)]
struct Cells(HashMap<(u32, [i64; 3]), Vec<usize>>);

impl Cells {
    fn put(&mut self, place: &LeadPlace, at: usize) {
        let class = class(place);
        self.0.entry((class, cube(place, class))).or_default().push(at);
    }

    /// Lists the points that a place may join. Their first place is at most as coarse, and at least half as coarse.
    fn near(&self, place: &LeadPlace) -> impl Iterator<Item = usize> {
        let class = class(place);
        [Some(class), class.checked_sub(1)].into_iter().flatten().flat_map(move |class| {
            let [x, y, z] = cube(place, class);
            (0..27).flat_map(move |beside: i64| {
                let cube = [x + beside % 3 - 1, y + beside / 3 % 3 - 1, z + beside / 9 - 1];
                self.0.get(&(class, cube)).into_iter().flatten().copied()
            })
        })
    }
}

fn class(place: &LeadPlace) -> u32 {
    place.radius_m.max(1).ilog2()
}

fn cube(place: &LeadPlace, class: u32) -> [i64; 3] {
    let (latitude, longitude) = (place.latitude.to_radians(), place.longitude.to_radians());
    let side = 2.0 * f64::from(class).exp2();
    let point = [latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()];
    point.map(|part| (part * EARTH_M / side).floor() as i64)
}

/// Gives the radius that the written digits bear, metres; none where the values that the place comes from are not there.
fn written_radius_m(facts: &Facts, fix: GpsFix) -> Option<f64> {
    let steps = exif_steps(facts, fix).or_else(|| xmp_steps(facts))?;
    let (latitude, longitude) = (steps.0 * DEGREE_M, steps.1 * DEGREE_M * fix.latitude.to_radians().cos().abs());
    Some(latitude.hypot(longitude))
}

/// Gives the steps of latitude and longitude as EXIF writes them, degrees; none where the place does not come from there,
/// because EXIF's was no place and XMP's was.
fn exif_steps(facts: &Facts, fix: GpsFix) -> Option<(f64, f64)> {
    const SAME_DEGREES: f64 = 1e-9;
    let angle = |name, degrees: f64| {
        let parts = value(facts, "gps", name).and_then(parts)?;
        let [whole, minutes, seconds] = parts.map(|(upper, lower)| upper as f64 / lower as f64);
        let is_source = (whole + minutes / 60.0 + seconds / 3600.0 - degrees.abs()).abs() < SAME_DEGREES;
        is_source.then_some(parts)
    };
    let (latitude, longitude) = (angle("GPSLatitude", fix.latitude)?, angle("GPSLongitude", fix.longitude)?);
    // Parts that are 0 in both angles were not written: a device that knows minutes writes `0/1` for the seconds.
    let is_zero = |at: usize| latitude[at].0 == 0 && longitude[at].0 == 0;
    let last = if !is_zero(2) {
        2
    } else if !is_zero(1) {
        1
    } else {
        0
    };
    let unit = [1.0, 60.0, 3600.0][last];
    let zeros = zeros(latitude[last]).min(zeros(longitude[last]));
    let step = |(_, lower): (u64, u64)| 10_f64.powi(zeros as i32) / lower as f64 / unit;
    Some((step(latitude[last]), step(longitude[last])))
}

/// Counts the zeros at the end of a decimal fraction, of at most as many as stand behind the point. Zeros at the end of
/// both angles are not taken for digits: software writes six of them for a place that it knows with two.
fn zeros((upper, lower): (u64, u64)) -> u32 {
    let places = lower.ilog10();
    if 10_u64.checked_pow(places) != Some(lower) {
        return 0;
    }
    (0..places).take_while(|at| upper % 10_u64.pow(at + 1) == 0).count() as u32
}

/// Reads the three rationals of an angle.
fn parts(raw: &str) -> Option<[(u64, u64); 3]> {
    let mut parts = raw.split(' ').map(|part| {
        let (upper, lower) = part.split_once('/')?;
        Some((upper.parse::<u64>().ok()?, lower.parse::<u64>().ok().filter(|lower| *lower > 0)?))
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

/// Gives the steps of latitude and longitude as XMP writes them, `DDD,MM.mmk` or `DDD,MM,SSk`, degrees.
fn xmp_steps(facts: &Facts) -> Option<(f64, f64)> {
    let step = |name: &str| {
        let text = value(facts, "xmp", name)?.trim();
        let parts: Vec<&str> = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).split(',').collect();
        let unit = match parts.len() {
            2 => 60.0,
            3 => 3600.0,
            _ => return None,
        };
        let digits = parts.last()?.split_once('.').map_or(0, |(_, digits)| digits.trim_end_matches('0').len());
        Some(10_f64.powi(-(digits.min(15) as i32)) / unit)
    };
    let (latitude, longitude) = (step("exif:GPSLatitude")?, step("exif:GPSLongitude")?);
    // Zeros at the end are digits where the other angle has some there.
    let finer = latitude.min(longitude);
    Some((finer, finer))
}

fn value<'a>(facts: &'a Facts, group: &str, name: &str) -> Option<&'a str> {
    facts.metadata.iter().find(|value| value.group == group && value.name == name).map(|value| value.raw.as_str())
}

fn quotient(raw: &str) -> Option<f64> {
    let (upper, lower) = raw.split_once('/')?;
    let (upper, lower) = (upper.parse::<f64>().ok()?, lower.parse::<f64>().ok()?);
    let quotient = upper / lower;
    (quotient.is_finite() && quotient >= 0.0).then_some(quotient)
}
