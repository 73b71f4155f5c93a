//! The sample that whoever signs an export looks at first: some of the items that leave, drawn without anybody's choice.
//!
//! An item's place in the draw is SHA-256 over `zeef sample 1`, the hash of the ledger's operation that asked for the
//! export, and the item's SHA-256; the smallest are the sample. So it is the same for everybody who looks and whenever they
//! look, and nobody picks it: neither who signs nor who asks knows that hash before the request stands in the ledger, with
//! its time and after all that was done before. Whoever asks again in order to draw another one leaves a request for each.
//!
//! What a set hides is not drawn, although it may leave: nobody has to see it again.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use casefile::{CaseFile, ExportRow, SampleLook, SetWords};
use domain::{CategoryCode, ClassifiedItem, Sha256, Visibility};
use sha2::Digest as _;

use crate::view::leads::{ExportSample, SampleItem};
use crate::{Error, Setting};

/// Items of a sample; all, where fewer leave.
pub const SAMPLE_ITEMS: usize = 20;

/// Draws the sample of a request, and tells what of it this person has looked at since it was asked for.
pub(super) fn draw(case: &CaseFile, row: &ExportRow, setting: &Setting<'_>) -> Result<ExportSample, Error> {
    let mut drawn: BTreeMap<[u8; 32], (Sha256, Option<CategoryCode>)> = BTreeMap::new();
    let (mut leaves, mut failed) = (0_u32, None);
    case.classified_each(row.asked.what, SetWords::LeftOut, &mut |item| {
        leaves += 1;
        let place = place(&row.hash, &item.digests.sha256);
        // Only what would be drawn is asked about: most items are not.
        if drawn.len() < SAMPLE_ITEMS || drawn.last_key_value().is_some_and(|(last, _)| place < *last) {
            match is_hidden(case, &item) {
                Ok(true) => {}
                Ok(false) => {
                    drawn.insert(place, (item.digests.sha256, item.category));
                    if drawn.len() > SAMPLE_ITEMS {
                        drawn.pop_last();
                    }
                }
                Err(error) => failed = Some(error),
            }
        }
        if failed.is_some() || setting.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    if setting.is_stopped() {
        return Err(Error::stopped());
    }
    Ok(ExportSample { leaves, items: told(case, row, drawn.into_values())?, tiles: Vec::new() })
}

/// Says how much of a sample was looked at, and whether something of it could be looked at and was not.
pub(super) fn looked(sample: &ExportSample) -> (SampleLook, bool) {
    let of = sample.items.len() as u32;
    let looked = sample.items.iter().filter(|item| item.looked).count() as u32;
    (SampleLook { of, looked }, sample.items.iter().any(|item| item.has_picture && !item.looked))
}

fn told(
    case: &CaseFile,
    row: &ExportRow,
    drawn: impl Iterator<Item = (Sha256, Option<CategoryCode>)>,
) -> Result<Vec<SampleItem>, Error> {
    let mut items = Vec::new();
    for (sha256, category) in drawn {
        let Some(number) = case.number_of(&sha256)? else { continue };
        let has_picture = case.thumbnail_of(number)?.is_some();
        let category = category.map(|code| code.0);
        items.push(SampleItem { number, sha256: sha256.to_string(), category, has_picture, looked: false });
    }
    let numbers: Vec<u32> = items.iter().map(|item| item.number).collect();
    let seen = case.seen_among(&numbers, row.at)?;
    items.iter_mut().for_each(|item| item.looked = seen.contains(&item.number));
    Ok(items)
}

/// What nobody has decided about can be hidden by a set; what a person has decided about is shown.
fn is_hidden(case: &CaseFile, item: &ClassifiedItem) -> Result<bool, Error> {
    if item.category.is_some() || !item.votes.is_empty() {
        return Ok(false);
    }
    let rules = case.number_of(&item.digests.sha256)?.map(|number| case.rules_of(&[number])).transpose()?;
    Ok(rules.is_some_and(|rules| rules.iter().any(|(_, rule)| matches!(rule, Visibility::Hidden { .. }))))
}

fn place(asked: &Sha256, item: &Sha256) -> [u8; 32] {
    let mut hasher = sha2::Sha256::new();
    hasher.update(b"zeef sample 1");
    hasher.update(asked.0);
    hasher.update(item.0);
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_request_draws_other_items() {
        let order = |asked: u8| {
            let mut items: Vec<u8> = (0..100).collect();
            items.sort_by_key(|item| place(&Sha256([asked; 32]), &Sha256([*item; 32])));
            items.truncate(SAMPLE_ITEMS);
            items
        };
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
    }

    #[test]
    fn what_has_no_picture_need_not_be_looked_at() {
        let item =
            |has_picture, looked| SampleItem { number: 1, sha256: String::new(), category: None, has_picture, looked };
        let of = |items: &[SampleItem]| looked(&ExportSample { leaves: 9, items: items.to_vec(), tiles: Vec::new() });
        assert_eq!(of(&[item(true, true), item(false, false)]), (SampleLook { of: 2, looked: 1 }, false));
        assert_eq!(of(&[item(true, true), item(true, false)]), (SampleLook { of: 2, looked: 1 }, true));
        assert_eq!(of(&[]), (SampleLook { of: 0, looked: 0 }, false));
    }
}
