//! Views that a person keeps: private values of that person in the case.

use super::Session;
use crate::view::grid::SavedView;
use crate::{Code, Error};

/// Name under which they are kept.
const KEY: &str = "views";
/// Most views that a person keeps.
pub const SAVED_VIEWS_MAX: usize = 100;
/// Longest name of one.
pub const SAVED_NAME_CHARS_MAX: usize = 100;

impl Session {
    /// Lists the views that this person keeps, by name.
    pub fn saved_views(&self) -> Result<Vec<SavedView>, Error> {
        let Some(text) = self.case.personal(KEY)? else { return Ok(Vec::new()) };
        // What an older or newer program kept in another form is left alone until something is kept anew.
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Keeps a view, in place of one of the same name.
    pub fn saved_view_put(&self, view: SavedView) -> Result<(), Error> {
        let view = SavedView { name: view.name.trim().to_owned(), ..view };
        let characters = view.name.chars().count();
        if characters == 0 || characters > SAVED_NAME_CHARS_MAX {
            let message = format!("The name of a view has 1 to {SAVED_NAME_CHARS_MAX} characters.");
            return Err(Error::new(Code::BadInput, message, "Choose another name."));
        }
        self.change_saved(|views| {
            views.retain(|other| other.name != view.name);
            views.push(view);
        })
    }

    /// Forgets a view.
    pub fn saved_view_remove(&self, name: &str) -> Result<(), Error> {
        self.change_saved(|views| views.retain(|view| view.name != name))
    }

    fn change_saved(&self, change: impl FnOnce(&mut Vec<SavedView>)) -> Result<(), Error> {
        let _one_at_a_time = self.deciding.lock();
        let mut views = self.saved_views()?;
        change(&mut views);
        if views.len() > SAVED_VIEWS_MAX {
            let message = format!("At most {SAVED_VIEWS_MAX} views are kept.");
            return Err(Error::new(Code::BadInput, message, "Take one away first."));
        }
        views.sort_by_cached_key(|view| (view.name.to_lowercase(), view.name.clone()));
        let text = serde_json::to_string(&views)
            .map_err(|error| Error::new(Code::Internal, "The view cannot be kept.", "Try again.").with_detail(error))?;
        Ok(self.case.put_personal(KEY, Some(&text), self.now())?)
    }
}
