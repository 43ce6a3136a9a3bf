//! The table of settings: name, kind of value, default, description. Each is an environment
//! variable `DESKBELL_NAME` and a flag `--name`; the flag takes precedence.
//!
//! A setting is declared once, next to the field that it sets: `settings!` declares a struct with
//! the settings of its fields, `parts!` the settings of a struct of another module. The comment
//! of a declaration is its description in `--help` and in the documentation.

use std::collections::HashMap;

use clap::{Arg, ArgMatches};

use super::{Config, read::Reader};

/// One setting.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The part of `DESKBELL_LISTEN` after the prefix.
    pub name: &'static str,
    /// The kind of value, for `--help`.
    pub value: &'static str,
    /// In the form in which a user writes it; empty if there is none.
    pub default: String,
    pub help: String,
    /// A setting for tests, in debug builds only. Neither `--help` nor the documentation lists it.
    pub is_hidden: bool,
}

impl Setting {
    /// The environment variable.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("DESKBELL_{}", self.name)
    }

    /// The flag, without its dashes.
    #[must_use]
    pub fn flag(&self) -> String {
        self.name.to_lowercase().replace('_', "-")
    }
}

/// Declares a struct, the defaults of its fields, and their settings. The fields without `=>` are
/// no settings.
///
/// A field has one setting, whose description is the field's comment (`=> NAME: kind`), or its
/// parts have settings with their own comments (`=> { part => NAME: kind; }`).
macro_rules! settings {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $struct:ident {
            $(
                $(#[doc = $doc:literal])*
                $field_visibility:vis $field:ident: $type:ty = $default:expr
                $(=> $name:ident: $kind:expr)? $(=> { $($parts:tt)+ })?;
            )+
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $struct {
            $($(#[doc = $doc])* $field_visibility $field: $type,)+
        }

        impl Default for $struct {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $struct {
            /// Declares the settings, and sets the fields that have a value.
            pub(in crate::config) fn read_from(&mut self, reader: &mut $crate::config::read::Reader<'_>) {
                $($crate::config::settings::settings! {
                    @field reader, self.$field, [$($doc)*] [$($name: $kind)?] [$($($parts)+)?]
                })+
            }
        }
    };
    (@field $reader:ident, $field:expr, [$($doc:literal)*] [$name:ident: $kind:expr] []) => {
        $reader.setting(stringify!($name), concat!($($doc),*), $kind, &mut $field);
    };
    (@field $reader:ident, $field:expr, [$($doc:literal)*] [] [$($parts:tt)+]) => {
        $crate::config::settings::parts! { $reader, $field; $($parts)+ }
    };
    (@field $reader:ident, $field:expr, [$($doc:literal)*] [] []) => {};
}

/// Declares the settings of parts of a value, and sets those that have a value.
macro_rules! parts {
    ($reader:ident, $whole:expr; $($(#[doc = $doc:literal])+ $($part:ident).+ => $name:ident: $kind:expr;)+) => {
        $($reader.setting(stringify!($name), concat!($($doc),+), $kind, &mut $whole.$($part).+);)+
    };
}

pub(super) use parts;
pub(super) use settings;

/// All settings that this build reads.
#[must_use]
pub fn known() -> Vec<Setting> {
    let values = Values::default();
    let mut reader = Reader::new(&values);
    Config::default().read_all(&mut reader);
    reader.settings
}

/// All settings that are documented.
#[must_use]
pub fn documented() -> Vec<Setting> {
    known().into_iter().filter(|setting| !setting.is_hidden).collect()
}

/// The flags of every command that reads settings.
pub fn args() -> impl Iterator<Item = Arg> {
    known().into_iter().map(|setting| {
        let (flag, variable) = (setting.flag(), setting.variable());
        // The backticks are for the documentation.
        let help = setting.help.replace('`', "");
        let help = if setting.default.is_empty() { help } else { format!("{help} [default: {}]", setting.default) };
        Arg::new(setting.name)
            .long(flag)
            .value_name(setting.value)
            .help(help)
            .env(variable)
            // The environment may hold passwords, and `--help` is pasted into tickets.
            .hide_env_values(true)
            .help_heading("Settings")
            .hide(setting.is_hidden)
    })
}

/// The values that were set, as text.
#[derive(Clone, Default)]
pub struct Values(HashMap<&'static str, String>);

impl Values {
    /// Reads the command line and the environment. An empty value counts as not set.
    #[must_use]
    pub fn of(matches: &ArgMatches) -> Self {
        let set = |setting: Setting| {
            let value = matches.get_one::<String>(setting.name).filter(|value| !value.is_empty())?;
            Some((setting.name, value.clone()))
        };
        Self(known().into_iter().filter_map(set).collect())
    }

    /// Returns the value of a setting, if it was set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns the values with one setting changed.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.insert(name, value.to_owned());
        self
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Names only: values may be secret.
        f.debug_set().entries(self.0.keys()).finish()
    }
}
