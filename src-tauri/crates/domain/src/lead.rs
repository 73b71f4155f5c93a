//! Leads: what may identify a victim, an offender or a place, and what it rests on.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Sha256, UserName, UtcTime};

/// Most characters of the name of a lead or of a series.
pub const LEAD_NAME_CHARS_MAX: usize = 200;
/// Most characters of the free text of a lead.
pub const LEAD_TEXT_CHARS_MAX: usize = 20_000;
/// Most labels of one lead.
pub const LEAD_LABELS_MAX: usize = 100;
/// Most points of an outlined region.
pub const REGION_POINTS_MAX: usize = 500;
/// Shortest side of a region, in pixels of the picture.
pub const REGION_SIDE_MIN: u32 = 4;

/// Numbers a lead within its case, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LeadId(pub u32);

impl fmt::Display for LeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Numbers a piece of evidence within its case, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EvidenceId(pub u64);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $noun:literal { $($(#[$each:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$each])* $variant),+ }

        impl $name {
            /// Lists all, in the order in which people read them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Gives the word that commands and files use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text).ok_or_else(|| {
                    let all: Vec<&str> = Self::ALL.iter().map(|one| one.as_str()).collect();
                    format!("{} is one of {}, not `{text}`", $noun, all.join(", "))
                })
            }
        }
    };
}

words! {
    /// Names what a lead may identify.
    LeadKind, "a kind of lead" {
        /// A victim, under a code name.
        Victim = "victim",
        /// An offender.
        Offender = "offender",
        /// A place.
        Place = "place",
        /// An object.
        Object = "object",
        /// Something written.
        Text = "text",
        /// A device.
        Device = "device",
        /// An account, nickname, address or number.
        Account = "account",
        /// How other leads belong together.
        Relation = "relation",
    }
}

words! {
    /// Names how far a lead is.
    LeadState, "a state of a lead" {
        /// Nobody follows it yet.
        Open = "open",
        /// Somebody follows it.
        Followed = "followed",
        /// It was given to others, who follow it.
        Shared = "shared",
        /// Whom or what it meant is known.
        Identified = "identified",
        /// It is not followed any more.
        Closed = "closed",
    }
}

/// Holds the code of a label within its vocabulary, e.g. `building.socket-f`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LabelCode(pub String);

impl fmt::Display for LabelCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Tells whether a child may be in danger now, and whether somebody has taken that up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "risk", rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing says so.
    #[default]
    None,
    /// A child may be at risk now, and nobody has taken it.
    Now,
    /// Somebody has taken it.
    Taken {
        /// Who.
        by: UserName,
        /// When.
        at: UtcTime,
    },
}

/// Holds a place that a lead names (WGS 84), no more exact than what is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LeadPlace {
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// Radius in which it lies, metres, from 1.
    pub radius_m: u32,
}

/// Holds what people say of a lead. Each change makes a new one; those before are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeadContent {
    /// What it may identify.
    pub kind: LeadKind,
    /// How far it is.
    pub state: LeadState,
    /// Short name. A victim's is a code name, never the real one.
    pub name: String,
    /// Labels of the vocabulary.
    pub labels: BTreeSet<LabelCode>,
    /// Vocabulary that the labels are of, as `id/version`; empty where there are no labels.
    pub vocabulary: String,
    /// Free text.
    pub text: String,
    /// Series that its items belong to.
    pub series: Option<String>,
    /// Where, if that is known.
    pub place: Option<LeadPlace>,
    /// Leads that it is about, or belongs with.
    pub related: BTreeSet<LeadId>,
    /// Whether a child may be at risk now.
    pub risk: Risk,
}

impl LeadContent {
    /// Makes an open lead that has a kind and a name.
    pub fn new(kind: LeadKind, name: &str) -> Self {
        Self {
            kind,
            state: LeadState::Open,
            name: name.to_owned(),
            labels: BTreeSet::new(),
            vocabulary: String::new(),
            text: String::new(),
            series: None,
            place: None,
            related: BTreeSet::new(),
            risk: Risk::None,
        }
    }

    /// Checks what no vault may keep: a lead without a name, a text that is too long, a place that is none.
    pub fn check(&self) -> Result<(), LeadError> {
        let fits = |text: &str| text.chars().count() <= LEAD_NAME_CHARS_MAX && !text.trim().is_empty();
        if !fits(&self.name) {
            return Err(LeadError::Name);
        }
        if self.series.as_deref().is_some_and(|series| !fits(series)) {
            return Err(LeadError::Series);
        }
        if self.text.chars().count() > LEAD_TEXT_CHARS_MAX {
            return Err(LeadError::Text);
        }
        if self.labels.len() > LEAD_LABELS_MAX || self.labels.is_empty() != self.vocabulary.is_empty() {
            return Err(LeadError::Labels);
        }
        if let Some(place) = self.place {
            let LeadPlace { latitude, longitude, radius_m } = place;
            let on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
            if !on_earth || radius_m == 0 {
                return Err(LeadError::Place);
            }
        }
        Ok(())
    }
}

/// Says what is wrong with a lead or with a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeadError {
    /// The name is empty or too long.
    #[error("a lead needs a name of 1 to {LEAD_NAME_CHARS_MAX} characters")]
    Name,
    /// The name of the series is empty or too long.
    #[error("a series needs a name of 1 to {LEAD_NAME_CHARS_MAX} characters")]
    Series,
    /// The free text is too long.
    #[error("the text of a lead has at most {LEAD_TEXT_CHARS_MAX} characters")]
    Text,
    /// Too many labels, or labels of no vocabulary.
    #[error("a lead has at most {LEAD_LABELS_MAX} labels, and names the vocabulary that they are of")]
    Labels,
    /// The place is not on the earth, or has no radius.
    #[error("a place has a latitude of -90 to 90, a longitude of -180 to 180 and a radius of 1 metre or more")]
    Place,
    /// The region is too small, has too many points, or lies outside of its picture.
    #[error(
        "a region lies within its picture, is {REGION_SIDE_MIN} pixels or more on each side, and has 3 to {REGION_POINTS_MAX} points"
    )]
    Region,
}

/// Holds the form of a region, in pixels of the upright picture from its upper left corner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "shape", rename_all = "kebab-case")]
pub enum Shape {
    /// A box.
    Rectangle {
        /// Left edge.
        x: u32,
        /// Upper edge.
        y: u32,
        /// Width.
        width: u32,
        /// Height.
        height: u32,
    },
    /// An outline; its last point is joined to its first.
    Polygon {
        /// Corners, (x, y).
        points: Vec<(u32, u32)>,
    },
}

/// Holds a part of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Width of the upright picture that it was drawn in, pixels.
    pub picture_width: u32,
    /// Its height.
    pub picture_height: u32,
    /// Form.
    #[serde(flatten)]
    pub shape: Shape,
}

impl Region {
    /// Gives the smallest box around it: left, upper edge, width, height. `None` of an outline without points.
    pub fn bounds(&self) -> Option<(u32, u32, u32, u32)> {
        match &self.shape {
            Shape::Rectangle { x, y, width, height } => Some((*x, *y, *width, *height)),
            Shape::Polygon { points } => {
                let left = points.iter().map(|point| point.0).min()?;
                let top = points.iter().map(|point| point.1).min()?;
                let right = points.iter().map(|point| point.0).max()?;
                let bottom = points.iter().map(|point| point.1).max()?;
                Some((left, top, right - left, bottom - top))
            }
        }
    }

    /// Checks that it lies within its picture and is large enough to mean something.
    pub fn check(&self) -> Result<(), LeadError> {
        if let Shape::Polygon { points } = &self.shape
            && !(3..=REGION_POINTS_MAX).contains(&points.len())
        {
            return Err(LeadError::Region);
        }
        if let Shape::Polygon { points } = &self.shape
            && doubled_area(points) == 0
        {
            return Err(LeadError::Region);
        }
        let (x, y, width, height) = self.bounds().ok_or(LeadError::Region)?;
        let ends = |start: u32, length: u32, whole: u32| start.checked_add(length).is_some_and(|end| end <= whole);
        let within = ends(x, width, self.picture_width) && ends(y, height, self.picture_height);
        if within && width >= REGION_SIDE_MIN && height >= REGION_SIDE_MIN { Ok(()) } else { Err(LeadError::Region) }
    }
}

/// Gives twice the area of an outline, by the shoelace formula; 0 of points on one line, which hold nothing.
fn doubled_area(points: &[(u32, u32)]) -> i128 {
    let next = points.iter().cycle().skip(1);
    let cross = |((x, y), (to_x, to_y)): (&(u32, u32), &(u32, u32))| {
        i128::from(*x) * i128::from(*to_y) - i128::from(*to_x) * i128::from(*y)
    };
    points.iter().zip(next).map(cross).sum::<i128>().abs()
}

/// Holds what a lead rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The item.
    pub item: Sha256,
    /// What of it.
    pub part: EvidencePart,
    /// Few words on what it shows, e.g. `Curtain`; may be empty.
    pub caption: String,
}

/// Tells what of an item a lead rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "kebab-case")]
pub enum EvidencePart {
    /// All of it.
    Whole,
    /// A region of the picture.
    Region(Region),
    /// A value of its metadata.
    Metadata {
        /// Where it stood, as in [`crate::MetadataValue`].
        group: String,
        /// Name of the tag.
        name: String,
        /// Value as it stood.
        raw: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rectangle(x: u32, y: u32, width: u32, height: u32) -> Region {
        Region { picture_width: 100, picture_height: 50, shape: Shape::Rectangle { x, y, width, height } }
    }

    #[test]
    fn a_region_lies_within_its_picture() {
        assert!(rectangle(0, 0, 100, 50).check().is_ok());
        assert!(rectangle(1, 0, 100, 50).check().is_err(), "it reaches over the edge");
        assert!(rectangle(u32::MAX, 0, 4, 4).check().is_err(), "a sum that does not fit is outside");
        assert!(rectangle(0, 0, 3, 50).check().is_err(), "too narrow to mean anything");
        let outline = |points: &[(u32, u32)]| Region {
            picture_width: 100,
            picture_height: 50,
            shape: Shape::Polygon { points: points.to_vec() },
        };
        assert_eq!(outline(&[(10, 5), (20, 5), (15, 40)]).bounds(), Some((10, 5, 10, 35)));
        assert!(outline(&[(10, 5), (20, 5)]).check().is_err(), "two points are a line");
        assert!(outline(&[]).check().is_err());
        assert!(outline(&[(0, 0), (10, 10), (20, 20)]).check().is_err(), "points on a line hold nothing");
        assert!(outline(&[(0, 0), (10, 10), (20, 0)]).check().is_ok());
    }

    #[test]
    fn a_lead_needs_a_name_and_a_place_on_the_earth() {
        let mut lead = LeadContent::new(LeadKind::Victim, "Willow");
        assert!(lead.check().is_ok());
        lead.place = Some(LeadPlace { latitude: 91.0, longitude: 0.0, radius_m: 10 });
        assert_eq!(lead.check(), Err(LeadError::Place));
        lead.place = Some(LeadPlace { latitude: f64::NAN, longitude: 0.0, radius_m: 10 });
        assert_eq!(lead.check(), Err(LeadError::Place));
        assert_eq!(LeadContent::new(LeadKind::Victim, "  ").check(), Err(LeadError::Name));
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for kind in LeadKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for state in LeadState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert!("followd".parse::<LeadState>().unwrap_err().contains("followed"));
    }
}
