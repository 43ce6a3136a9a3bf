//! Settings of the bus, which connects servers that share a database.

use percent_encoding::percent_decode_str;
use url::Url;

use super::{
    Secret,
    kind::{Kind, list},
    settings::settings,
};

settings! {
    /// How facts reach the other servers.
    #[derive(Clone, Debug)]
    pub struct BusConfig {
        /// NATS broker for servers that share a PostgreSQL database:
        /// `nats://USER:PASSWORD@HOST:4222`, or `tls://…` for TLS; comma-separated for the brokers
        /// of a cluster. A single server needs none.
        pub brokers: Vec<BrokerAddress> = Vec::new() => BUS_URL: list("URLS", BrokerAddress::parse);
        /// Separates installations that share a broker: each needs a different value.
        pub prefix: String = "deskbell".to_owned() => BUS_PREFIX: Kind::new("NAME", prefix, String::clone);
    }
}

/// The address of a broker and the credentials for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerAddress {
    /// Without user and password, because libraries log it.
    url: Url,
    /// A user name, or a token if there is no password.
    pub user: Option<String>,
    pub password: Option<Secret>,
}

impl BrokerAddress {
    /// Parses `nats://USER:PASSWORD@HOST:PORT`, of which only the host is required.
    fn parse(text: &str) -> Result<Self, String> {
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

    /// The URL for the NATS client, without credentials.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }
}

/// Parses the first part of a subject; rejects characters with a meaning in NATS subjects.
fn prefix(text: &str) -> Result<String, String> {
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
