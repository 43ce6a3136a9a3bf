//! Where servers that share a database meet.

use percent_encoding::percent_decode_str;
use url::Url;

use super::Secret;

/// How facts reach the other servers.
#[derive(Clone, Debug)]
pub struct BusConfig {
    /// One broker, or those of one cluster; at least one.
    pub brokers: Vec<BrokerAddress>,
    /// What installations that share a broker differ in.
    pub prefix: String,
}

/// Where a broker is, and what it asks of those who come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerAddress {
    /// Without user and password: libraries log it.
    url: Url,
    /// A token, if there is no password.
    pub user: Option<String>,
    pub password: Option<Secret>,
}

impl BrokerAddress {
    /// Reads `nats://USER:PASSWORD@HOST:PORT`, of which only the host is needed.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let problem = || {
            "must be nats://USER:PASSWORD@HOST:4222, tls://… for TLS, or several of them, comma-separated".to_owned()
        };
        let text = if text.contains("://") { text.to_owned() } else { format!("nats://{text}") };
        let mut url = Url::parse(&text).map_err(|_| problem())?;
        let is_plain = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "nats" | "tls") || url.host_str().is_none_or(str::is_empty) || !is_plain {
            return Err(problem());
        }
        let decode = |part: &str| percent_decode_str(part).decode_utf8().map(String::from).map_err(|_| problem());
        let user = Some(decode(url.username())?).filter(|user| !user.is_empty());
        let password = url.password().map(decode).transpose()?.map(Secret::new);
        if user.is_none() && password.is_some() || url.set_username("").is_err() || url.set_password(None).is_err() {
            return Err(problem());
        }
        Ok(Self { url, user, password })
    }

    /// For the library.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }
}

/// The first part of a subject: nothing that means something to a broker.
pub(super) fn prefix(text: &str) -> Result<String, String> {
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let fits = (1..=64).contains(&text.len());
    (is_plain && fits)
        .then(|| text.to_owned())
        .ok_or_else(|| format!("must be up to 64 letters, digits, - and _, not {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_no_secret() {
        let address = BrokerAddress::parse("nats://desk:sword%40fish@nats.example:4333").expect("an address");
        assert_eq!(address.url(), "nats://nats.example:4333");
        assert_eq!(address.user.as_deref(), Some("desk"));
        assert_eq!(address.password.as_ref().map(Secret::reveal), Some("sword@fish"));
        assert!(!format!("{address:?}").contains("fish"));
        assert_eq!(BrokerAddress::parse("nats.example").expect("an address").url(), "nats://nats.example");
    }
}
