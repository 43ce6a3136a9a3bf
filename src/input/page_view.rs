//! The page from which a visitor writes. It never refuses a message: what cannot be kept is cut off
//! or left out, so that nothing private gets here, such as a token in an address.

use url::Url;

use super::{characters::is_forbidden, debug_hides};

/// A page, as far as operators see it.
#[derive(Clone, PartialEq, Eq)]
pub struct PageView {
    /// An `http` or `https` URL in ASCII, of at most 512 bytes. Of its parameters, it has those of
    /// campaigns only.
    pub url: String,
    /// One line of 1 to 200 characters.
    pub title: Option<String>,
    /// The origin of the page that led there.
    pub referrer: Option<String>,
}
debug_hides!(PageView);

impl PageView {
    /// Most bytes of a URL and of an origin.
    pub const MAX_URL_BYTES: usize = 512;
    /// Most characters of a title, in Unicode code points.
    pub const MAX_TITLE: usize = 200;
    /// The parameters of a URL that are kept.
    pub const PARAMETERS: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];

    /// Reads a page. `None` if its URL is not an `http` or `https` URL.
    #[must_use]
    pub fn read(url: &str, title: Option<&str>, referrer: Option<&str>) -> Option<Self> {
        Some(Self { url: address(url)?, title: title.and_then(line), referrer: referrer.and_then(origin) })
    }
}

fn web(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// The URL without fragment, user and most parameters, cut to its maximum.
fn address(text: &str) -> Option<String> {
    let mut url = web(text)?;
    // Neither fails for a URL with a host, which every URL of these schemes has.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    let is_kept = |pair: &&str| PageView::PARAMETERS.contains(&pair.split('=').next().unwrap_or_default());
    let kept = url.query().map(|query| query.split('&').filter(is_kept).collect::<Vec<_>>().join("&"));
    url.set_query(kept.as_deref().filter(|query| !query.is_empty()));
    // A host that is cut would be another host.
    origin_of(&url)?;
    Some(cut(url.into()))
}

/// Cuts a URL to its maximum, and not within an escape.
fn cut(mut url: String) -> String {
    if url.len() <= PageView::MAX_URL_BYTES {
        return url;
    }
    // A parsed URL is ASCII.
    url.truncate(PageView::MAX_URL_BYTES);
    if let Some(start) = url.rfind('%')
        && url.len() - start < 3
    {
        url.truncate(start);
    }
    url
}

/// The origin of a page, which reveals less than its URL.
fn origin(text: &str) -> Option<String> {
    origin_of(&web(text)?)
}

fn origin_of(url: &Url) -> Option<String> {
    Some(url.origin().ascii_serialization()).filter(|origin| origin.len() < PageView::MAX_URL_BYTES)
}

/// The beginning of a title, without characters that are refused elsewhere.
fn line(title: &str) -> Option<String> {
    let plain = title.trim().chars().filter_map(|c| match c {
        '\t' | '\n' | '\r' => Some(' '),
        c => (!is_forbidden(c)).then_some(c),
    });
    let cut: String = plain.take(PageView::MAX_TITLE).collect();
    let cut = cut.trim();
    (!cut.is_empty()).then(|| cut.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> Option<String> {
        PageView::read(url, None, None).map(|page| page.url)
    }

    fn titled(title: &str) -> Option<String> {
        PageView::read("https://a.example/", Some(title), None).expect("a page").title
    }

    fn referred(referrer: &str) -> Option<String> {
        PageView::read("https://a.example/", None, Some(referrer)).expect("a page").referrer
    }

    #[test]
    fn a_url_loses_user_fragment_and_all_parameters_but_those_of_campaigns() {
        for (url, kept) in [
            ("https://shop.example", "https://shop.example/"),
            ("http://shop.example:8080/a/b?", "http://shop.example:8080/a/b"),
            ("https://shop.example/a?token=secret&email=ada%40acme.example", "https://shop.example/a"),
            ("https://ada:secret@shop.example/a#secret", "https://shop.example/a"),
            ("https://ada@shop.example/#/reset/secret", "https://shop.example/"),
            (
                "https://shop.example/a?utm_source=x&token=secret&utm_medium=y%20z&utm_campaign=&utm_term&utm_content=1&utm_id=7",
                "https://shop.example/a?utm_source=x&utm_medium=y%20z&utm_campaign=&utm_term&utm_content=1",
            ),
            ("https://shop.example/?UTM_SOURCE=x&xutm_source=x&utm_sources=x&utm%5Fterm=x", "https://shop.example/"),
            ("https://shop.example/?a=utm_source=secret;utm_term=x", "https://shop.example/"),
            (" HTTPS://Bücher.example/süß \n", "https://xn--bcher-kva.example/s%C3%BC%C3%9F"),
            ("https://shop.example/\u{202e}\0x", "https://shop.example/%E2%80%AE%00x"),
            ("https:shop.example", "https://shop.example/"),
        ] {
            assert_eq!(shown(url).as_deref(), Some(kept), "{url}");
        }
    }

    #[test]
    fn what_is_no_page_of_the_web_is_left_out() {
        for url in [
            "",
            "/a",
            "shop.example",
            "javascript:alert(1)",
            "file:///home/ada/secret.html",
            "data:text/html,x",
            "about:srcdoc",
            "blob:https://shop.example/1",
            "ftp://shop.example/",
            "mailto:ada@acme.example",
            "https://",
            "https://a b/",
        ] {
            assert_eq!(shown(url), None, "{url}");
            assert_eq!(referred(url), None, "{url}");
        }
    }

    #[test]
    fn a_url_is_cut_to_512_bytes_and_not_within_an_escape() {
        let base = "https://shop.example/";
        let of = |length: usize| shown(&format!("{base}{}", "a".repeat(length - base.len()))).map(|url| url.len());
        assert_eq!([of(511), of(512), of(513), of(100_000)], [Some(511), Some(512), Some(512), Some(512)]);
        for (before, length) in [(0, 512), (1, 510), (2, 511), (3, 512)] {
            let url = format!("{base}{}{}", "a".repeat(512 - 30 - base.len() + before), "%41".repeat(100));
            let cut = shown(&url).expect("a page");
            assert_eq!((cut.len(), cut.len() <= 512, url.starts_with(&cut)), (length, true, true), "{cut}");
        }
        let long_host = format!("https://{}.example/", "a.".repeat(300));
        assert_eq!((shown(&long_host), referred(&long_host)), (None, None));
    }

    #[test]
    fn a_title_is_one_line_of_at_most_200_characters() {
        for (title, kept) in [
            ("Shop", Some("Shop")),
            (" Our\nshop\t& more\r\n", Some("Our shop & more")),
            ("a\0b\u{202e}c\u{2028}d\u{9f}", Some("abcd")),
            ("می\u{200c}خواهم 👩\u{200d}💻", Some("می\u{200c}خواهم 👩\u{200d}💻")),
            ("", None),
            (" \n\0\u{202e} ", None),
        ] {
            assert_eq!(titled(title).as_deref(), kept, "{title:?}");
        }
        for (length, kept) in [(199, 199), (200, 200), (201, 200), (100_000, 200)] {
            assert_eq!(titled(&"🦦".repeat(length)).map(|title| title.chars().count()), Some(kept));
        }
        assert_eq!(
            titled(&format!("{}a", " ".repeat(300))).as_deref(),
            Some("a"),
            "white space at its ends takes no room"
        );
        assert_eq!(titled(&format!("{} b", "a".repeat(199))), Some("a".repeat(199)));
    }

    #[test]
    fn of_a_referrer_the_origin_is_kept() {
        for (referrer, kept) in [
            ("https://search.example/?q=secret", "https://search.example"),
            ("http://ada:secret@search.example:8080/a#b", "http://search.example:8080"),
            ("https://Bücher.example:443/", "https://xn--bcher-kva.example"),
            ("http://[2001:db8::1]/a", "http://[2001:db8::1]"),
        ] {
            assert_eq!(referred(referrer).as_deref(), Some(kept), "{referrer}");
        }
    }

    #[test]
    fn no_page_is_in_debug_output() {
        let page = PageView::read("https://secret.example/", Some("secret"), Some("https://secret.example/"));
        assert!(!format!("{page:?}").contains("secret"));
    }
}
