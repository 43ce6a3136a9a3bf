//! Settings of the database connection.

use std::{
    borrow::Cow,
    path::{self, PathBuf},
    str::FromStr as _,
};

use percent_encoding::percent_decode_str;
use sea_orm::sqlx::{postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use url::{Url, form_urlencoded};

use super::{
    Secret,
    kind::{Kind, number},
    settings::settings,
};

settings! {
    /// The database connection.
    #[derive(Clone, Debug)]
    pub struct DatabaseConfig {
        /// `sqlite:FILE`, or `postgres://USER:PASSWORD@HOST/DATABASE` (PostgreSQL 13 or newer).
        pub url: Secret = Secret::new("sqlite:deskbell.db")
            => DATABASE_URL: Kind::new("URL", parse_url, |url| url.reveal().to_owned());
        /// Read connections; on PostgreSQL also the write connections.
        pub pool: u32 = 16 => DATABASE_POOL: number(2..=1_000);
    }
}

impl DatabaseConfig {
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.url.reveal().starts_with(SQLITE)
    }

    /// The path of the SQLite file, as the driver parses the URL. `None` for PostgreSQL and for an
    /// in-memory database.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let url = self.url.reveal();
        if !self.is_sqlite() || url.contains(":memory:") || url.contains("mode=memory") {
            return None;
        }
        Some(SqliteConnectOptions::from_str(url).ok()?.get_filename().to_owned())
    }

    /// Where the data lies, without user and password: the absolute path of the SQLite file, or
    /// host and name of the PostgreSQL database.
    #[must_use]
    pub fn place(&self) -> String {
        if let Some(file) = self.sqlite_file() {
            return path::absolute(&file).unwrap_or(file).display().to_string();
        }
        // A URL in another form has no host that could be shown without its password.
        let Ok(options) = PgConnectOptions::from_str(self.url.reveal()) else { return "PostgreSQL".to_owned() };
        let server = match options.get_socket() {
            Some(folder) => folder.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let database = options.get_database().map_or_else(String::new, |name| format!(", database {name}"));
        format!("PostgreSQL at {server}{database}")
    }
}

pub(super) const SQLITE: &str = "sqlite:";

fn parse_url(text: &str) -> Result<Secret, String> {
    let problem = || "must be sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE".to_owned();
    if let Some(file) = text.strip_prefix(SQLITE) {
        let file = file.trim_start_matches("//");
        if file.is_empty() || file.starts_with(":memory:") || file.contains("mode=memory") {
            return Err("must name a file: each connection would get a separate in-memory database".to_owned());
        }
        return Ok(Secret::new(text));
    }
    let text = with_host(text);
    let url = Url::parse(&text).map_err(|_| problem())?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(problem());
    }
    // Without a quote: the text may contain a part of the password.
    PgConnectOptions::from_str(&text)
        .map_err(|_| "has a port, an sslmode or another parameter that is invalid".to_owned())?;
    Ok(Secret::new(text))
}

/// The PostgreSQL manual also writes `postgres://user:password@/database?host=/run/postgresql` for
/// a socket. In the URL standard a user requires a host, so this moves user, password and port into
/// parameters.
fn with_host(text: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = text.split_once("://") else { return text.into() };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let Some(port) = host.strip_prefix(':').or_else(|| host.is_empty().then_some("")) else { return text.into() };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let mut query = form_urlencoded::Serializer::for_suffix(query.to_owned(), 0);
    for (name, value) in [("user", user), ("password", password), ("port", port)] {
        if !value.is_empty() {
            query.append_pair(name, &percent_decode_str(value).decode_utf8_lossy());
        }
    }
    format!("{scheme}://{path}?{}", query.finish()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_written_as_in_the_manual_of_postgresql() {
        use sea_orm::sqlx::ConnectOptions as _;

        let options = |text: &str| PgConnectOptions::from_str(parse_url(text).expect(text).reveal()).expect(text);
        for text in [
            "postgres://desk:s%40cr%26t@/chat?host=/run/postgresql",
            "postgresql://desk:s%40cr%26t@/chat?host=/run/postgresql",
            "postgres://desk:s%40cr%26t@%2Frun%2Fpostgresql/chat",
            "postgres:///chat?host=/run/postgresql&user=desk&password=s%40cr%26t",
        ] {
            let read = options(text);
            assert_eq!(
                read.get_socket().map(|path| path.to_string_lossy().into_owned()).as_deref(),
                Some("/run/postgresql"),
                "{text}"
            );
            assert_eq!(
                (read.get_username(), read.get_database(), read.get_port()),
                ("desk", Some("chat"), 5432),
                "{text}"
            );
            // The password has no getter.
            assert!(read.to_url_lossy().as_str().contains(":s%40cr%26t@"), "{text}");
        }
        assert_eq!(options("postgres://desk@:5433/chat?host=/run/postgresql").get_port(), 5433);
        assert_eq!(options("postgres://:5433/chat?host=/run/postgresql").get_port(), 5433);
        assert_eq!(options("postgres://desk:pw@db.example:5433/chat").get_host(), "db.example");
    }

    #[test]
    fn the_place_of_the_data_has_neither_user_nor_password() {
        let place = |text: &str| DatabaseConfig { url: parse_url(text).expect(text), pool: 2 }.place();
        for (url, expected) in [
            ("postgres://desk:s%40cr%26t@db.example/chat", "PostgreSQL at db.example:5432, database chat"),
            (
                "postgres://desk:s3cret@db.example:5433/chat?sslmode=require",
                "PostgreSQL at db.example:5433, database chat",
            ),
            ("postgres://desk:s3cret@/chat?host=/run/postgresql", "PostgreSQL at /run/postgresql, database chat"),
            ("postgres://db.example/chat?user=desk&password=s3cret", "PostgreSQL at db.example:5432, database chat"),
            ("postgres://desk:s3cret@[2001:db8::1]/chat", "PostgreSQL at [2001:db8::1]:5432, database chat"),
            ("postgres://desk:s3cret@db.example", "PostgreSQL at db.example:5432"),
            ("sqlite:/var/lib/deskbell/deskbell.db", "/var/lib/deskbell/deskbell.db"),
            ("sqlite:///var/lib/desk%20bell.db?mode=rwc", "/var/lib/desk bell.db"),
        ] {
            assert_eq!(place(url), expected, "{url}");
        }
        let here = std::env::current_dir().expect("a folder");
        assert_eq!(place("sqlite:deskbell.db"), here.join("deskbell.db").display().to_string());
    }
}
