//! Pictures of the diagram that only a browser can make: PNG from the engine's SVG, and a page for the printer.

use js_sys::{Function, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlCanvasElement, HtmlElement, HtmlImageElement, Url};

use super::browser;

/// The longest side and the largest area of a canvas that every browser draws, in pixels.
const MOST_SIDE: f64 = 16_384.0;
const MOST_AREA: f64 = 124_000_000.0;

/// An image of an SVG, loaded; its address has to be given back.
async fn image(svg: &[u8]) -> Result<(HtmlImageElement, String), String> {
    let blob = browser::blob_of(svg, "image/svg+xml").ok_or("The browser could not hold the picture.")?;
    let url = Url::create_object_url_with_blob(&blob).map_err(browser::message)?;
    let image = HtmlImageElement::new().map_err(browser::message)?;
    image.set_src(&url);
    match JsFuture::from(image.decode()).await {
        Ok(_) => Ok((image, url)),
        Err(e) => {
            let _ = Url::revoke_object_url(&url);
            Err(format!("The browser could not draw the picture: {}", browser::message(e)))
        }
    }
}

/// A PNG of an SVG, so many times its size; and how many times it became, where that is more than a browser draws.
///
/// # Errors
/// What the browser could not do, for a person.
pub(crate) async fn png(svg: &[u8], scale: u32) -> Result<(Blob, f64), String> {
    let (image, url) = image(svg).await?;
    let (w, h) = (f64::from(image.natural_width()).max(1.0), f64::from(image.natural_height()).max(1.0));
    let fits = (MOST_SIDE / w.max(h)).min((MOST_AREA / (w * h)).sqrt());
    let scale = f64::from(scale).min(fits);
    let drawn = draw(&image, w * scale, h * scale).await;
    let _ = Url::revoke_object_url(&url);
    drawn.map(|blob| (blob, scale))
}

async fn draw(image: &HtmlImageElement, w: f64, h: f64) -> Result<Blob, String> {
    let failed = || "The browser has no room for a picture of this size; choose a smaller one, or SVG.".to_owned();
    let canvas: HtmlCanvasElement = browser::document()
        .and_then(|d| d.create_element("canvas").ok())
        .and_then(|c| c.dyn_into().ok())
        .ok_or_else(failed)?;
    canvas.set_width(w.floor() as u32);
    canvas.set_height(h.floor() as u32);
    let context = browser::context_2d(&canvas).ok_or_else(failed)?;
    context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, w, h).map_err(browser::message)?;
    let promise = Promise::new(&mut |resolve: Function, reject: Function| {
        let done = Closure::once_into_js(move |blob: JsValue| {
            let _ = resolve.call1(&JsValue::NULL, &blob);
        });
        if canvas.to_blob(done.unchecked_ref()).is_err() {
            let _ = reject.call0(&JsValue::NULL);
        }
    });
    JsFuture::from(promise).await.map_err(|_| failed())?.dyn_into::<Blob>().map_err(|_| failed())
}

/// Prints an SVG on a page of its own: everything else stays off the paper.
///
/// # Errors
/// What the browser could not do, for a person.
pub(crate) async fn print(host: &HtmlElement, svg: &[u8]) -> Result<(), String> {
    let (image, url) = image(svg).await?;
    image.set_class_name("rl-print-picture");
    image.set_alt("Diagram");
    host.append_child(&image).map_err(browser::message)?;
    let _ = host.set_attribute("data-print", "picture");
    // Some browsers print at once, others when the script is done: the picture stays until they say that they have.
    let printed = Promise::new(&mut |resolve: Function, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.add_event_listener_with_callback("afterprint", &resolve);
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, PRINTED_AT_LAST);
        }
        browser::print();
    });
    let _ = JsFuture::from(printed).await;
    let _ = host.remove_attribute("data-print");
    image.remove();
    let _ = Url::revoke_object_url(&url);
    Ok(())
}

/// When a browser that does not say that it has printed is taken to have, in milliseconds.
const PRINTED_AT_LAST: i32 = 20_000;
