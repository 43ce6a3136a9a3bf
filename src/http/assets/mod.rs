//! What a browser gets from the server itself: the dashboard, the widget, and `GraphiQL`.
//!
//! Everything is embedded when the server is compiled, so that one file is the whole installation and
//! nothing is asked of the network. Compression was done by the web build: a file may have a `.br` and a
//! `.gz` beside it, and the request chooses. Names under `assets/` carry a hash of their content and may be
//! kept for good; everything else is asked for again and usually answered with 304.
//!
//! A missing file is a 404 and never a page: a script tag that receives HTML fails in confusing ways.

mod encoding;
mod policy;
mod returned;
mod site;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
    routing::get,
};
use rust_embed::RustEmbed;

use policy::Manners;
pub use returned::{redirect, without_fragment};
use site::Site;

/// What `web/dashboard` builds, or the stub of `build.rs`.
#[derive(RustEmbed)]
#[folder = "web/dashboard/dist/"]
struct Dashboard;

/// What `web/widget` builds, or the stub of `build.rs`.
#[derive(RustEmbed)]
#[folder = "web/widget/dist/"]
struct Widget;

/// What `web/graphiql` builds, or the stub of `build.rs`.
#[derive(RustEmbed)]
#[folder = "web/graphiql/dist/"]
struct Graphiql;

/// Where the dashboard has pages. All are one file, which looks at its address and at who is signed in.
///
/// Named one by one, since an address that is none of them must be a 404: a browser that mistypes a file would otherwise be given a page.
const PAGES: &[&str] = &[
    "/",
    "/sign-in",
    "/sign-up",
    "/forgot-password",
    "/recover-password",
    "/accept-invitation",
    "/confirm-address",
    "/restore-address",
    "/visitors",
    "/profile",
    "/settings",
    "/settings/",
    "/settings/{*page}",
];

/// The file that is a site's page.
const INDEX: &str = "index.html";
const WIDGET: &str = "widget.js";

/// The dashboard's pages and what they load.
pub fn dashboard<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    dashboard_of(Site::embedded::<Dashboard>(Manners::of_dashboard()))
}

/// `GET /widget.js`, which websites name in their pages.
pub fn widget<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    widget_of(Site::embedded::<Widget>(Manners::of_widget()))
}

/// `GET /graphiql` and what that page loads from below it.
pub fn graphiql<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    graphiql_of(Site::embedded::<Graphiql>(Manners::of_graphiql()))
}

/// Whether this server was built with the widget, and not with a stub in its place.
#[must_use]
pub fn has_widget() -> bool {
    Widget::get(WIDGET).is_some_and(|file| is_real_widget(&file.data))
}

/// The widget is known by the element that it defines, which the stub does not name. `build.rs` goes by the same.
fn is_real_widget(script: &[u8]) -> bool {
    let element = b"deskbell-widget";
    script.windows(element.len()).any(|part| part == element)
}

fn dashboard_of<S>(site: Site) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let site = Arc::new(site);
    let mut routes = Router::new().route("/assets/{*name}", get(file_in("assets/", &site)));
    for page in PAGES {
        routes = routes.route(page, get(only(INDEX, &site)));
    }
    // Such as the icon, which has to keep its name.
    let beside = site.names().filter(|name| *name != INDEX && !name.contains('/'));
    for name in beside {
        routes = routes.route(&format!("/{name}"), get(only(name, &site)));
    }
    routes
}

fn widget_of<S>(site: Site) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Router::new().route("/widget.js", get(only(WIDGET, &Arc::new(site))))
}

fn graphiql_of<S>(site: Site) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let site = Arc::new(site);
    Router::new()
        .route("/graphiql", get(only(INDEX, &site)))
        .route("/graphiql/", get(only(INDEX, &site)))
        .route("/graphiql/{*name}", get(file_in("", &site)))
}

/// Answers with one file, whatever the path.
fn only(name: &str, site: &Arc<Site>) -> impl Fn(HeaderMap) -> std::future::Ready<Response> + Clone + use<> {
    let (site, name): (_, Arc<str>) = (Arc::clone(site), name.into());
    move |request| std::future::ready(site.answer(&name, &request))
}

type Name = Result<Path<String>, PathRejection>;

/// Answers with the file that the path names, in a folder of the site.
fn file_in(
    folder: &'static str,
    site: &Arc<Site>,
) -> impl Fn(Name, HeaderMap) -> std::future::Ready<Response> + Clone + use<> {
    let site = Arc::clone(site);
    // What does not decode is no file's name, as an empty one is none.
    let decoded = move |name: Name| name.map_or_else(|_| String::new(), |Path(name)| format!("{folder}{name}"));
    move |name, request| std::future::ready(site.answer(&decoded(name), &request))
}
