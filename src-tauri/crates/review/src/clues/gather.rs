//! Gathers the items that share a clue.

use std::collections::{BTreeMap, BTreeSet};

use domain::{LeadPlace, SourceId, escaped};

use super::device::{device, model_name, serial};
use super::{ClueKind, EmbeddedPicture, Row, place};

/// Most clues of one kind that are given: the strongest. A case of a million items has more folders than anybody reads.
pub const CLUES_OF_A_KIND_MAX: usize = 2_000;
/// Most numbers that may be missing between two neighbours of a run: those that were deleted, that are hidden, or that are
/// no pictures.
pub(crate) const SEQUENCE_GAP_MAX: u32 = 5;
/// Fewest items of a run.
pub(crate) const SEQUENCE_ITEMS_MIN: usize = 3;

/// Holds a clue: what items share by their data.
#[derive(Debug, Clone, PartialEq)]
pub struct Clue {
    /// What it is about.
    pub kind: ClueKind,
    /// What it is, safe to show: e.g. `Canon EOS 2000D, 063021`. Empty for the two signs, which have no value.
    pub value: String,
    /// Place, of a clue that is one.
    pub place: Option<LeadPlace>,
    /// Numbers of all items that have it, rising.
    pub items: Vec<u32>,
    /// How many of them are among those that were asked about.
    pub among: u32,
}

/// Lists clues, the strongest kind first, and of each kind those that most of the items asked about have.
///
/// Without `among` all items are asked about, and a clue is what at least two of them share, or a sign that one bears. With
/// it, only clues are listed that at least one of those items (numbers, in any order) has; `items` still names all that
/// have it, because those others are what the clue leads to.
pub fn clues(rows: &[Row], among: Option<&[u32]>) -> Vec<Clue> {
    let asked: Option<BTreeSet<u32>> = among.map(|among| among.iter().copied().collect());
    let mut found = by_text(rows);
    found.extend(by_place(rows));
    found.extend(sequences(rows).into_iter().map(|run| (ClueKind::Sequence, run.value, None, run.items)));
    let mut clues: Vec<Clue> = found
        .into_iter()
        .filter_map(|(kind, value, place, mut items)| {
            items.sort_unstable();
            items.dedup();
            let inside = match &asked {
                None => items.len(),
                Some(asked) => items.iter().filter(|item| asked.contains(item)).count(),
            };
            let is_sign = matches!(kind, ClueKind::ThumbnailDiffers | ClueKind::Original);
            let enough = if asked.is_some() || is_sign { inside > 0 } else { inside > 1 };
            // A number of items fits, as each has its own.
            enough.then_some(Clue { kind, value, place, items, among: inside as u32 })
        })
        .collect();
    clues.sort_by(|a, b| {
        let count = |clue: &Clue| (std::cmp::Reverse(clue.among), std::cmp::Reverse(clue.items.len()));
        a.kind
            .cmp(&b.kind)
            .then(count(a).cmp(&count(b)))
            .then_with(|| a.value.cmp(&b.value))
            .then(a.items.cmp(&b.items))
    });
    let mut of_kind = BTreeMap::new();
    clues.retain(|clue| {
        let count = of_kind.entry(clue.kind).or_insert(0);
        *count += 1;
        *count <= CLUES_OF_A_KIND_MAX
    });
    clues
}

type Found = (ClueKind, String, Option<LeadPlace>, Vec<u32>);

/// Gathers what is the same text.
fn by_text(rows: &[Row]) -> Vec<Found> {
    let mut texts: BTreeMap<(ClueKind, String), Vec<u32>> = BTreeMap::new();
    let mut put = |kind, value: String, number| {
        if !value.is_empty() {
            texts.entry((kind, value)).or_default().push(number);
        }
    };
    let mut signs: BTreeMap<ClueKind, Vec<u32>> = BTreeMap::new();
    for row in rows {
        let text = |part: &Option<String>| part.as_deref().map(str::trim).unwrap_or_default().to_owned();
        let device = device(&row.camera);
        if device.has_serial {
            put(ClueKind::Serial, device.name, row.number);
        }
        put(ClueKind::LensSerial, serial(row.camera.lens_serial.as_deref()).unwrap_or_default().to_owned(), row.number);
        put(ClueKind::Owner, text(&row.camera.owner), row.number);
        put(ClueKind::Software, text(&row.camera.software), row.number);
        put(ClueKind::Camera, model_name(&text(&row.camera.make), &text(&row.camera.model)), row.number);
        put(ClueKind::Folder, folder(row.source, &row.folder), row.number);
        if row.signs.thumbnail == EmbeddedPicture::Differs {
            signs.entry(ClueKind::ThumbnailDiffers).or_default().push(row.number);
        }
        if row.signs.is_original() {
            signs.entry(ClueKind::Original).or_default().push(row.number);
        }
    }
    let texts = texts.into_iter().map(|((kind, value), items)| (kind, value, None, items));
    let signs = signs.into_iter().map(|(kind, items)| (kind, String::new(), None, items));
    texts.chain(signs).collect()
}

/// Writes a folder with the number of its source, as two sources may have folders of one name.
fn folder(source: SourceId, folder: &[u8]) -> String {
    format!("{source}: {}/", escaped(folder))
}

fn by_place(rows: &[Row]) -> Vec<Found> {
    let places: Vec<(u32, LeadPlace)> =
        rows.iter().filter_map(|row| row.place.map(|place| (row.number, place))).collect();
    let points = place::points(&places).into_iter();
    points.map(|point| (ClueKind::Place, place::shown(&point.place), Some(point.place), point.items)).collect()
}

/// Holds a run of names whose numbers go on within a folder.
pub(crate) struct Run {
    /// First and last name, e.g. `IMG_2207 to IMG_2231` with an arrow between them.
    pub value: String,
    /// Items, by their number in the name.
    pub items: Vec<u32>,
}

/// Finds the runs.
pub(crate) fn sequences(rows: &[Row]) -> Vec<Run> {
    type Form<'a> = (SourceId, &'a [u8], Vec<u8>, u8, &'a [u8]);
    let mut forms: BTreeMap<Form<'_>, Vec<(u32, u32, usize)>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        let name = &row.name;
        if let Some((number, digits)) = name.number {
            let form = (row.source, &*row.folder, name.before.to_ascii_lowercase(), digits, &*name.behind);
            forms.entry(form).or_default().push((number, row.number, at));
        }
    }
    let mut runs = Vec::new();
    for mut members in forms.into_values() {
        members.sort_unstable();
        let goes_on = |a: &(u32, u32, usize), b: &(u32, u32, usize)| b.0 - a.0 <= SEQUENCE_GAP_MAX + 1;
        for run in members.chunk_by(goes_on) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            // Names that differ in their case alone may have one number twice.
            if run.len() >= SEQUENCE_ITEMS_MIN && last.0 > first.0 {
                let stem = |row: &Row| {
                    let whole = &row.name.whole;
                    let point = whole.iter().rposition(|byte| *byte == b'.').filter(|point| *point > 0);
                    escaped(&whole[..point.unwrap_or(whole.len())])
                };
                let value = format!("{} → {}", stem(&rows[first.2]), stem(&rows[last.2]));
                runs.push(Run { value, items: run.iter().map(|member| member.1).collect() });
            }
        }
    }
    runs
}
