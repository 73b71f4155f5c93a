//! Views: what a query found, frozen until it is refreshed, so that nothing moves under a finger.

use std::collections::BTreeMap;
use std::sync::Arc;

use review::table::{
    Facet as TableFacet, Found, Item, NEEDS_HUMAN, Order as TableOrder, Pick, Query, Shelf as TableShelf, State, Text,
};

use super::rows::sentence_of;
use super::{Items, Session};
use crate::view::detail::Sentence;
use crate::view::grid::{
    Facet, FacetGroup, FacetValue, Facets, Order, Shelf, ShelfCount, TILES_MAX, Tile, TileState, TileSuggestion,
    ViewHead, ViewQuery,
};
use crate::{Code, Error};

/// Most views that are open at once; beyond, the one that was used longest ago is closed.
pub const VIEWS_MAX: usize = 32;
/// Most numbers that are given at once.
pub const NUMBERS_MAX: u32 = 100_000;

/// The open views.
#[derive(Default)]
pub(super) struct Views {
    open: BTreeMap<u32, View>,
    /// Views that were opened so far: the next has this number and one.
    opened: u32,
    /// Goes up with every use.
    uses: u64,
}

/// One open view.
#[derive(Clone)]
pub(super) struct View {
    pub query: Arc<Query>,
    pub found: Arc<Found>,
    used: u64,
    /// What had settled and arrived at this version of the table.
    compared: Option<(u64, u32, u32)>,
}

impl Session {
    /// Opens a view. `anchor` is an item to be found again, or the next after it, or the last.
    pub fn view_open(&self, query: &ViewQuery, anchor: Option<u32>) -> Result<ViewHead, Error> {
        let query = query_of(query);
        let (found, place, version) = self.find(&query, anchor);
        let mut views = self.views();
        views.opened = views.opened.wrapping_add(1);
        views.uses += 1;
        let (number, used) = (views.opened, views.uses);
        let head = head(number, &query, &found, (0, 0), place);
        let view = View { query: Arc::new(query), found: Arc::new(found), used, compared: Some((version, 0, 0)) };
        views.open.insert(number, view);
        while views.open.len() > VIEWS_MAX {
            let oldest = views.open.iter().min_by_key(|(_, view)| view.used).map(|(number, _)| *number);
            oldest.and_then(|number| views.open.remove(&number));
        }
        Ok(head)
    }

    /// Finds anew what a view shows. `anchor` is an item to be found again, or the next one of the view as it was, or the last.
    pub fn view_refresh(&self, view: u32, anchor: Option<u32>) -> Result<ViewHead, Error> {
        let View { query, found: before, .. } = self.view(view)?;
        // An item that is settled has another place in the order, e.g. a hidden one the last: the view knows what was beside it.
        let nearest = |number| before.nearest(number, &self.items().table.meeting(&query)).unwrap_or(number);
        let (found, place, version) = self.find(&query, anchor.map(nearest));
        let head = head(view, &query, &found, (0, 0), place);
        if let Some(open) = self.views().open.get_mut(&view) {
            open.found = Arc::new(found);
            open.compared = Some((version, 0, 0));
        }
        Ok(head)
    }

    /// Tells of a view as it stands: what went and what came since it was found.
    pub fn view_head(&self, view: u32) -> Result<ViewHead, Error> {
        let open = self.view(view)?;
        let (version, settled, arrived) = {
            let items = self.items();
            let version = items.table.version();
            match open.compared {
                Some((known, settled, arrived)) if known == version => (version, settled, arrived),
                _ => {
                    let (settled, arrived) = open.found.compared(&items.table.meeting(&open.query));
                    (version, settled, arrived)
                }
            }
        };
        if let Some(open) = self.views().open.get_mut(&view) {
            open.compared = Some((version, settled, arrived));
        }
        Ok(head(view, &open.query, &open.found, (settled, arrived), None))
    }

    /// Closes a view. One that is closed already stays so.
    pub fn view_close(&self, view: u32) {
        self.views().open.remove(&view);
    }

    /// Gives a run of tiles, at most [`TILES_MAX`].
    pub fn view_tiles(&self, view: u32, start: u32, count: u32) -> Result<Vec<Tile>, Error> {
        let open = self.view(view)?;
        let end = start.saturating_add(count.min(TILES_MAX)).min(open.found.tiles());
        let items = self.items();
        let tiles = (start..end).filter_map(|index| {
            let behind = open.found.behind(index);
            let item = items.table.item(*behind.first()?);
            Some(match item {
                Some(item) => self.tile(index, &item, open.query.stacked.then_some(behind.len() as u32)),
                None => lost_tile(index, behind[0]),
            })
        });
        Ok(tiles.collect())
    }

    /// Gives the tiles of some items, in their order, as no view has them.
    pub fn tiles_of(&self, numbers: &[u32]) -> Vec<Tile> {
        let items = self.items();
        let tile = |(index, number): (u32, &u32)| match items.table.item(*number) {
            Some(item) => self.tile(index, &item, None),
            None => lost_tile(index, *number),
        };
        (0..).zip(numbers).map(tile).collect()
    }

    /// Gives the number of the item that each of a run of tiles shows, at most [`NUMBERS_MAX`].
    pub fn view_numbers(&self, view: u32, start: u32, count: u32) -> Result<Vec<u32>, Error> {
        let open = self.view(view)?;
        let end = start.saturating_add(count.min(NUMBERS_MAX)).min(open.found.tiles());
        Ok((start..end).filter_map(|index| open.found.behind(index).first().copied()).collect())
    }

    /// Tells the place of an item in a view: that of the tile that it stands behind.
    pub fn view_index(&self, view: u32, number: u32) -> Result<Option<u32>, Error> {
        Ok(self.view(view)?.found.tile_of(number))
    }

    /// Tells the place of the next tile after `after` behind which somebody still has to decide about an item, wrapping
    /// round; the tile itself comes last.
    pub fn view_next_undecided(&self, view: u32, after: u32) -> Result<Option<u32>, Error> {
        let open = self.view(view)?;
        let tiles = open.found.tiles();
        let from = after.saturating_add(1).min(tiles);
        let items = self.items();
        let is_open = |tile: &u32| open.found.behind(*tile).iter().any(|number| items.table.is_open(*number));
        Ok((from..tiles).chain(0..from).find(is_open))
    }

    /// Counts shelves, and the values that tell the items of a query apart.
    pub fn facets(&self, query: &ViewQuery) -> Result<Facets, Error> {
        let query = query_of(query);
        let items = self.items();
        let shelves =
            items.table.shelves().into_iter().map(|(shelf, count)| ShelfCount { shelf: shelf_back(shelf), count });
        let groups = items.table.facets(&query).into_iter().map(|group| FacetGroup {
            facet: facet_back(group.facet),
            values: group
                .values
                .into_iter()
                .map(|one| FacetValue {
                    label: label_of(&items, group.facet, &one.value),
                    value: one.value,
                    count: one.count,
                    picked: one.picked,
                })
                .collect(),
            more: group.more,
        });
        Ok(Facets { shelves: shelves.collect(), groups: groups.collect() })
    }

    /// Gives an open view, and notes that it is used.
    pub(super) fn view(&self, view: u32) -> Result<View, Error> {
        let mut views = self.views();
        views.uses += 1;
        let used = views.uses;
        match views.open.get_mut(&view) {
            Some(open) => {
                open.used = used;
                Ok(open.clone())
            }
            None => Err(Error::new(Code::NotFound, "This view is closed.", "Open it again.")),
        }
    }

    fn find(&self, query: &Query, anchor: Option<u32>) -> (Found, Option<u32>, u64) {
        let items = self.items();
        let found = items.table.open(query);
        let place = anchor.and_then(|number| items.table.place_of(number, &found, query));
        (found, place, items.table.version())
    }

    /// Makes the tile of an item. `stands_for` is the number of items behind it in a view of stacks.
    fn tile(&self, index: u32, item: &Item<'_>, stands_for: Option<u32>) -> Tile {
        let state = match item.state {
            State::Shown => TileState::Shown,
            State::Hidden => TileState::Hidden,
            State::Refused => TileState::Refused,
        };
        Tile {
            index,
            number: item.number,
            width: item.pixels.map(|(width, _)| width),
            height: item.pixels.map(|(_, height)| height),
            class: item.class.to_owned(),
            // What is hidden has no picture, also where one was made before.
            has_picture: item.has_picture && state != TileState::Hidden,
            category: item.decision.map(|(category, _)| category.to_owned()),
            own: item.decision.is_some_and(|(_, by)| by == self.user.as_str()),
            suggestion: item.likeness.map(|near| TileSuggestion {
                category: Some(near.category.to_owned()).filter(|code| code != NEEDS_HUMAN),
                distance: near.distance.into(),
            }),
            stack: stands_for.map_or(item.stack, |count| (count > 1).then_some(count)),
            seen: item.seen,
            bookmark: item.bookmark,
            handover: item.handover,
            note: item.note,
            returned: item.returned,
            odd: item.odd,
            refused: (state == TileState::Refused)
                .then(|| Sentence { code: sentence_of(item.reason), with: BTreeMap::new() }),
            state,
        }
    }
}

/// The tile of an item whose derived state was lost while the view was open: nothing is known of it now.
fn lost_tile(index: u32, number: u32) -> Tile {
    Tile {
        index,
        number,
        width: None,
        height: None,
        class: "other".to_owned(),
        has_picture: false,
        category: None,
        own: false,
        suggestion: None,
        stack: None,
        seen: false,
        bookmark: false,
        handover: false,
        note: false,
        returned: false,
        odd: false,
        refused: Some(Sentence { code: sentence_of("unreadable"), with: BTreeMap::new() }),
        state: TileState::Refused,
    }
}

fn head(view: u32, query: &Query, found: &Found, compared: (u32, u32), anchor: Option<u32>) -> ViewHead {
    ViewHead {
        view,
        total: found.tiles(),
        items: found.items().len() as u32,
        settled: compared.0,
        arrived: compared.1,
        anchor,
        text_problem: query.text.problem.clone(),
    }
}

/// Gives the text for a person of a value that is not one itself.
fn label_of(items: &Items, facet: TableFacet, value: &str) -> Option<String> {
    match facet {
        TableFacet::Source => value.parse().ok().map(|source| items.label(domain::SourceId(source)).to_owned()),
        TableFacet::Folder => folder_label(items, value),
        _ => None,
    }
}

fn folder_label(items: &Items, value: &str) -> Option<String> {
    let (source, path) = items.table.folder(value)?;
    let path = path.strip_suffix(b"/").unwrap_or(path);
    Some(format!("{}/{}", items.label(source), domain::escaped(path)))
}

/// Turns what the window asks into what the table is asked.
pub(super) fn query_of(query: &ViewQuery) -> Query {
    Query {
        shelf: shelf_of(query.shelf),
        picks: query
            .picks
            .iter()
            .map(|pick| Pick { facet: facet_of(pick.facet), values: pick.values.clone() })
            .collect(),
        text: Text::parse(&query.text),
        order: order_of(query.order),
        descending: query.descending,
        stacked: query.stacked,
    }
}

/// Pairs the variants of two enums that mean the same, in both directions.
macro_rules! same {
    ($to:ident, $back:ident, $one:ident, $other:ident, [$($name:ident),* $(,)?]) => {
        fn $to(one: $one) -> $other {
            match one {
                $($one::$name => $other::$name,)*
            }
        }

        fn $back(other: $other) -> $one {
            match other {
                $($other::$name => $one::$name,)*
            }
        }
    };
}

same!(
    shelf_of,
    shelf_back,
    Shelf,
    TableShelf,
    [Undecided, Decided, LooksKnown, Returned, Bookmarked, HandedOver, Disagreed, Shown, Hidden, Refused]
);
same!(
    facet_of,
    facet_back,
    Facet,
    TableFacet,
    [Reason, Source, Folder, Class, Type, Size, Year, Camera, Category, Suggested, Set, Mark, Decider]
);

fn order_of(order: Order) -> TableOrder {
    match order {
        Order::Review => TableOrder::Review,
        Order::Number => TableOrder::Number,
        Order::Time => TableOrder::Time,
        Order::Size => TableOrder::Size,
        Order::Place => TableOrder::Place,
        Order::Likeness => TableOrder::Likeness,
        Order::Camera => TableOrder::Camera,
    }
}
