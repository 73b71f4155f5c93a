//! The window itself: one, made here and not in a file, so that what it may do stands in one place.

use std::cell::Cell;
use std::path::PathBuf;

use gtk::gdk::ModifierType;
use gtk::gdk::keys::constants as key;
use gtk::prelude::WidgetExt;
use tauri::webview::{NewWindowResponse, PermissionResponse};
use tauri::{App, DragDropEvent, LogicalSize, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use webkit2gtk::{CacheModel, SettingsExt, WebContextExt, WebView, WebViewExt};

/// Its name among windows.
const LABEL: &str = "main";
/// Size in which it opens, and below which it does not go, where the screen has that room.
const SIZE: (f64, f64) = (1440.0, 900.0);
const SIZE_MIN: (f64, f64) = (1024.0, 700.0);
/// Zoom steps; the pages are made to work up to 200 %.
const ZOOMS: [f64; 7] = [0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0];
/// Which of them is the page as it was drawn.
const ZOOM_NORMAL: usize = 2;
/// Where the webview is sent for whatever it might want of a network: a port on which nobody listens. The policy of the pages
/// does not cover `<link rel=preconnect>`, which would open a connection to where a page says.
const NOWHERE: &str = "http://127.0.0.1:1";
/// Nothing is dragged out of the window, and no picture is printed: it would leave with it.
const NO_WAY_OUT: &str = "\
    addEventListener('dragstart', (event) => event.preventDefault(), true);\
    const sheet = new CSSStyleSheet();\
    sheet.replaceSync('@media print { img, canvas, picture, video { display: none !important; } }');\
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];";

/// What is dropped on the window, or dragged over it.
pub enum Dragged {
    /// Something is over the window.
    Over,
    /// No longer.
    Gone,
    /// These were dropped.
    Dropped(Vec<PathBuf>),
}

/// Room on the first screen beside its bars, in pixels of the page: a window that is larger has its keys out of sight.
fn room(app: &App) -> LogicalSize<f64> {
    let screen = app.primary_monitor().ok().flatten();
    screen.map_or(LogicalSize::new(SIZE.0, SIZE.1), |screen| screen.work_area().size.to_logical(screen.scale_factor()))
}

/// Opens the window. `scratch` is where a window that a WebDriver drives keeps what a webview keeps; every other one keeps
/// nothing.
pub fn open(
    app: &App,
    scratch: Option<PathBuf>,
    dragged: impl Fn(Dragged) + Send + 'static,
) -> tauri::Result<WebviewWindow> {
    let room = room(app);
    let fit = |(width, height): (f64, f64)| (width.min(room.width), height.min(room.height));
    let (size, size_min) = (fit(SIZE), fit(SIZE_MIN));
    let builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Zeef")
        .inner_size(size.0, size.1)
        .min_inner_size(size_min.0, size_min.1)
        .devtools(false)
        .proxy_url(Url::parse(NOWHERE).map_err(tauri::Error::InvalidUrl)?)
        .general_autofill_enabled(false)
        .initialization_script(NO_WAY_OUT)
        .on_navigation(|url| url.scheme() == "tauri")
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .on_download(|_, _| false);
    let window = match scratch {
        // A WebDriver cannot drive a window that keeps nothing.
        Some(folder) => builder.data_directory(folder),
        None => builder.incognito(true),
    }
    .build()?;
    window.on_window_event(move |event| {
        if let WindowEvent::DragDrop(event) = event {
            match event {
                DragDropEvent::Enter { .. } => dragged(Dragged::Over),
                DragDropEvent::Leave => dragged(Dragged::Gone),
                DragDropEvent::Drop { paths, .. } => dragged(Dragged::Dropped(paths.clone())),
                _ => {}
            }
        }
    });
    window.with_webview(|webview| restrict(&webview.inner()))?;
    Ok(window)
}

/// Takes from the webview what no page of the program needs.
fn restrict(view: &WebView) {
    if let Some(settings) = WebViewExt::settings(view) {
        settings.set_enable_webgl(false);
        settings.set_enable_webaudio(false);
        settings.set_enable_media(false);
        settings.set_enable_media_stream(false);
        settings.set_enable_mediasource(false);
        settings.set_enable_webrtc(false);
        settings.set_enable_dns_prefetching(false);
        settings.set_enable_html5_database(false);
        settings.set_enable_html5_local_storage(false);
        settings.set_enable_offline_web_application_cache(false);
        // A page that was left is not kept with its pictures.
        settings.set_enable_page_cache(false);
        settings.set_enable_back_forward_navigation_gestures(false);
        settings.set_javascript_can_open_windows_automatically(false);
        settings.set_javascript_can_access_clipboard(false);
    }
    if let Some(context) = view.context() {
        context.set_cache_model(CacheModel::DocumentViewer);
    }
    // Its menu has Reload, Back, and Copy Image.
    view.connect_context_menu(|_, _, _, _| true);
    zoom_by_keys(view);
}

/// Ctrl +, Ctrl − and Ctrl 0, as in a browser.
fn zoom_by_keys(view: &WebView) {
    let step = Cell::new(ZOOM_NORMAL);
    view.connect_key_press_event(move |view, event| {
        let modifiers =
            event.state() & (ModifierType::CONTROL_MASK | ModifierType::MOD1_MASK | ModifierType::SUPER_MASK);
        if modifiers != ModifierType::CONTROL_MASK {
            return gtk::glib::Propagation::Proceed;
        }
        let pressed = event.keyval();
        let wanted = if [key::plus, key::equal, key::KP_Add].contains(&pressed) {
            (step.get() + 1).min(ZOOMS.len() - 1)
        } else if [key::minus, key::KP_Subtract].contains(&pressed) {
            step.get().saturating_sub(1)
        } else if [key::_0, key::KP_0].contains(&pressed) {
            ZOOM_NORMAL
        } else {
            return gtk::glib::Propagation::Proceed;
        };
        step.set(wanted);
        view.set_zoom_level(ZOOMS[wanted]);
        gtk::glib::Propagation::Stop
    });
}
