//! The web files that the server serves: the dashboard, the widget, and `GraphiQL`.
//!
//! All files are embedded at compile time, so the installation is a single file, and pages load
//! nothing from other servers. The web build compresses them: a file may have a `.br` and a `.gz`
//! variant, and the request selects one. Names under `assets/` contain a hash of their content and
//! may be cached permanently. All other files are revalidated, usually with a 304.
//!
//! A missing file is a 404 and never a page: a script tag that receives HTML fails in confusing
//! ways. A request for a page by name (`Accept: text/html`, which browsers send for a document)
//! gets the dashboard with the 404, which shows its own message.

#![expect(clippy::disallowed_types, reason = "`RustEmbed` generates one for the constant files")]

mod encoding;
mod not_found;
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

pub use not_found::NotFound;
use policy::Policy;
pub use returned::redirect;
use site::Site;

/// The output of `web/dashboard`, or the stub of `build.rs`.
#[derive(RustEmbed)]
#[folder = "web/dashboard/dist/"]
struct Dashboard;

/// The output of `web/widget`, or the stub of `build.rs`.
#[derive(RustEmbed)]
#[folder = "web/widget/dist/"]
struct Widget;

/// The output of `web/graphiql`, or the stub of `build.rs`.
#[derive(RustEmbed)]
#[folder = "web/graphiql/dist/"]
struct Graphiql;

/// The paths of the dashboard's pages. All are one file, which reads its URL and the session.
///
/// Listed one by one, because any other path must be a 404.
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
    "/welcome",
    "/profile",
    "/settings",
    "/settings/",
    "/settings/{*page}",
];

/// The file of a site's page.
const INDEX: &str = "index.html";
const WIDGET: &str = "widget.js";
/// The chat window, which the widget loads when a visitor opens it. The stub has none.
const CHAT: &str = "chat.js";

/// The pages of the dashboard, `GET /widget.js` and `GET /chat.js` for websites, `GET /graphiql`
/// unless it is switched off, and the files that they load.
pub fn routes(graphiql: bool) -> Router {
    let routes =
        dashboard_of(Site::embedded::<Dashboard>(Policy::of_dashboard()))
            .merge(widget_of(Site::embedded::<Widget>(Policy::of_widget())));
    if graphiql { routes.merge(graphiql_of(Site::embedded::<Graphiql>(Policy::of_graphiql()))) } else { routes }
}

/// Whether this server was built with the widget, and not with the stub.
#[must_use]
pub fn has_widget() -> bool {
    Widget::get(WIDGET).is_some_and(|file| is_real_widget(&file.data))
}

/// The real widget contains the name of the element that it defines. The stub does not. `build.rs`
/// checks the same.
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
    // Such as the icon, whose name must not change.
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
    let site = Arc::new(site);
    let served = [WIDGET, CHAT].into_iter().filter(|name| site.names().any(|there| there == *name));
    served.fold(Router::new(), |routes, name| routes.route(&format!("/{name}"), get(only(name, &site))))
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

/// Answers with one file, regardless of the path.
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
    // A name that cannot be decoded is treated as empty, which matches no file.
    let decoded = move |name: Name| name.map_or_else(|_| String::new(), |Path(name)| format!("{folder}{name}"));
    move |name, request| std::future::ready(site.answer(&decoded(name), &request))
}
