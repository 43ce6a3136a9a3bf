//! Reads the settings. Each fault is one line that names its setting and never shows a secret.

use std::fmt;

use super::{
    BusConfig, Config,
    database::SQLITE,
    http,
    kind::Kind,
    settings::{Setting, Values},
};

/// A setting with an invalid value. One line, for stderr.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    setting: &'static str,
    problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DESKBELL_{}: {}", self.setting, self.problem.replace(['\n', '\r'], " "))
    }
}

/// Collects the settings and parses the values that were set.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    values: &'a Values,
    /// The settings so far, with their defaults.
    pub settings: Vec<Setting>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub fn new(values: &'a Values) -> Self {
        Self { values, settings: Vec::new(), faults: Vec::new() }
    }

    /// A setting, whose field contains the default. If its value is faulty, the field keeps the
    /// default, so that all other settings are still checked.
    pub fn setting<T>(&mut self, name: &'static str, description: &str, kind: Kind<T>, field: &mut T) {
        let help = description.trim();
        let help = help.strip_suffix('.').unwrap_or(help).to_owned();
        let default = (kind.show)(field);
        self.settings.push(Setting { name, value: kind.noun, default, help, is_hidden: false });
        match self.values.get(name).map(kind.parse) {
            Some(Ok(value)) => *field = value,
            Some(Err(problem)) => self.fault(name, problem),
            None => {}
        }
    }

    /// A setting of debug builds only, which a release does not know.
    pub fn debug_setting<T>(&mut self, name: &'static str, description: &str, kind: Kind<T>, field: &mut T) {
        if cfg!(debug_assertions) {
            self.setting(name, description, kind, field);
            if let Some(setting) = self.settings.last_mut() {
                setting.is_hidden = true;
            }
        }
    }

    fn fault(&mut self, setting: &'static str, problem: impl Into<String>) {
        self.faults.push(Fault { setting, problem: problem.into() });
    }
}

impl Config {
    /// Reads every setting.
    /// # Errors
    /// All faults, one line each.
    pub fn read(values: &Values) -> Result<Self, Vec<Fault>> {
        let mut config = Self::default();
        let mut reader = Reader::new(values);
        config.read_all(&mut reader);
        if reader.faults.is_empty() { Ok(config) } else { Err(reader.faults) }
    }

    /// Reads every setting, in the order in which they are documented, and checks those that depend
    /// on each other.
    pub(super) fn read_all(&mut self, reader: &mut Reader<'_>) {
        http::read_addresses(&mut self.http, reader);
        self.database.read_from(reader);
        self.bus = read_bus(reader);
        self.mail.read_from(reader);
        self.session.read_from(reader);
        self.chat.read_from(reader);
        self.password.read_from(reader);
        self.hashing.read_from(reader);
        if let Err(weak) = self.hashing.params.at_least_owasp() {
            reader.fault("ARGON2_MEMORY_KIB", weak.to_string());
        }
        self.rate_limits.read_from(reader);
        self.log.read_from(reader);
        self.is_sign_up_set = reader.values.get("SIGN_UP").is_some();
        self.read_from(reader);
        http::read_limits(&mut self.http, reader);
    }
}

fn read_bus(reader: &mut Reader<'_>) -> Option<BusConfig> {
    let mut bus = BusConfig::default();
    bus.read_from(reader);
    if bus.brokers.is_empty() {
        return None;
    }
    if reader.values.get("DATABASE_URL").is_none_or(|url| url.starts_with(SQLITE)) {
        reader.fault("BUS_URL", "is for servers that share a PostgreSQL database, but DESKBELL_DATABASE_URL is SQLite");
    }
    Some(bus)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings;

    fn read(name: &'static str, value: &str) -> Result<Config, Vec<String>> {
        Config::read(&Values::default().with(name, value))
            .map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_default_that_is_written_out_changes_nothing() {
        let unset = format!("{:?}", Config::read(&Values::default()).expect("no faults"));
        assert_eq!(unset, format!("{:?}", Config::default()));
        let set = settings::known().into_iter().filter(|setting| !setting.default.is_empty());
        let values = set.fold(Values::default(), |values, setting| values.with(setting.name, &setting.default));
        let mut written = Config::read(&values).expect("defaults are in range");
        // This changes a line of the log, and nothing else.
        assert!(std::mem::take(&mut written.is_sign_up_set));
        // A prefix alone makes no bus.
        assert_eq!(format!("{written:?}"), unset);
    }

    #[test]
    fn links_begin_with_the_address_listened_on_until_a_public_one_is_set() {
        let listening = read("LISTEN", "0.0.0.0:9000").expect("an address");
        assert_eq!(listening.http.public_base(), "http://127.0.0.1:9000");
        let public = read("PUBLIC_URL", "https://chat.example.com/").expect("a URL");
        assert_eq!(public.http.public_base(), "https://chat.example.com");
        assert!(public.http.is_https());
    }

    #[test]
    fn a_fault_names_its_setting_and_no_secret() {
        let faults = read("DATABASE_URL", "mysql://root:hunter2@db/deskbell").expect_err("an unsupported database");
        assert_eq!(faults, ["DESKBELL_DATABASE_URL: must be sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE"]);
    }

    #[test]
    fn settings_that_do_not_work_together_are_one_line() {
        let warnings = |set: &[(&'static str, &str)]| {
            let values = set.iter().fold(Values::default(), |values, (name, value)| values.with(name, value));
            Config::read(&values).expect("settings").warnings()
        };
        let relay = ("SMTP_URL", "smtp://localhost:25");
        let from = ("MAIL_FROM", "chat@acme.example");
        assert_eq!(warnings(&[relay, from]), [""; 0], "all on one machine");
        assert_eq!(
            warnings(&[("LISTEN", "0.0.0.0:8080"), ("PUBLIC_URL", "https://chat.acme.example"), relay, from]),
            [""; 0]
        );
        assert_eq!(
            warnings(&[("LISTEN", "192.0.2.7:8080"), relay, from]),
            [""; 0],
            "its own address is the public one"
        );

        let [line] = &warnings(&[("LISTEN", "0.0.0.0:8080"), relay, from])[..] else { panic!("one line") };
        assert!(
            line.contains("DESKBELL_PUBLIC_URL") && line.contains("links in mails lead to http://127.0.0.1:8080/"),
            "{line}"
        );
        let [line] = &warnings(&[("LISTEN", "[::]:8080")])[..] else { panic!("one line") };
        assert!(line.contains("DESKBELL_PUBLIC_URL") && !line.contains("mails"), "{line}");
        assert_eq!(warnings(&[("TRUSTED_PROXIES", "127.0.0.1")]).len(), 1, "a proxy has another address");
        let [line] = &warnings(&[relay])[..] else { panic!("one line") };
        assert!(line.contains("DESKBELL_MAIL_FROM") && line.contains("deskbell@localhost"), "{line}");

        let public = ("PUBLIC_URL", "https://chat.acme.example");
        for (sign_up, lines) in [("first", 0), ("off", 0), ("on", 1)] {
            assert_eq!(warnings(&[("SIGN_UP", sign_up), public]).len(), lines, "{sign_up}");
            assert_eq!(warnings(&[("SIGN_UP", sign_up)]), [""; 0], "{sign_up}, on one machine");
        }
        let [line] = &warnings(&[("SIGN_UP", "on"), public])[..] else { panic!("one line") };
        assert!(line.contains("DESKBELL_SIGN_UP is on") && line.contains("https://chat.acme.example/"), "{line}");
    }
}
