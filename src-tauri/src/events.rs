//! The one channel on which the window hears what is stale.

use std::sync::{Arc, Mutex, PoisonError};

use tauri::State;
use tauri::ipc::Channel;
use workbench::view::window::Event;

/// Holds the channel of the page that is loaded. A page that is loaded again gives a new one, and the old one is dropped.
#[derive(Default)]
pub struct Listener(Mutex<Option<Channel<Event>>>);

impl Listener {
    /// Tells the page, if there is one. What is not heard is asked for by the page when it starts.
    pub fn tell(&self, event: Event) {
        // The lock is let go before the event is sent: sending waits for the main thread, which may be about to listen.
        let channel = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(channel) = channel {
            let _ = channel.send(event);
        }
    }

    fn hear(&self, channel: Channel<Event>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(channel);
    }
}

/// Gives the program the channel of this page.
#[tauri::command]
pub fn listen(channel: Channel<Event>, listener: State<'_, Arc<Listener>>) {
    listener.hear(channel);
}
