//! Imports go in one direction: `schema → room::graphql → room::rules → room::queries`, and from
//! left to right in the order of the rooms in `lib.rs`. The compiler accepts every import, so this
//! test reads them from the sources.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

#[test]
fn imports_go_in_one_direction() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let map = Map::read(&source);
    let mut wrong = Vec::new();
    for file in sources(&source) {
        let path = file.strip_prefix(&source).expect("a file of the source folder").display().to_string();
        for (import, reason) in map.check(&path, &fs::read_to_string(&file).expect("a source file")) {
            wrong.push(format!("src/{path} imports {import}: {reason}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reads_of_rooms_form_no_circle() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let map = Map::read(&source);
    let mut reads: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in sources(&source) {
        let path = file.strip_prefix(&source).expect("a file of the source folder").display().to_string();
        let module = module_of(&path);
        let is_room = map.rooms.contains(&module[0]);
        for import in imports(&module, &fs::read_to_string(&file).expect("a source file")) {
            let is_read = is_room && map.part(&module) == Part::Queries && map.rooms.contains(&import[0]);
            if is_read && import[0] != module[0] && map.part(&import) == Part::Queries {
                reads.entry(module[0].clone()).or_default().insert(import[0].clone());
            }
        }
    }
    // Rooms that read from no remaining room leave, until only circles remain.
    loop {
        let before = reads.len();
        let remaining: BTreeSet<String> = reads.keys().cloned().collect();
        reads.retain(|_, of| !of.is_disjoint(&remaining));
        if reads.len() == before {
            break;
        }
    }
    assert!(reads.is_empty(), "{reads:?}");
}

#[test]
fn an_import_against_the_direction_is_found() {
    let map = Map::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    for (path, text, import) in [
        ("page.rs", "use crate::operator::queries;", "operator::queries"),
        ("bus/hub.rs", "fn f() { crate::schema::sdl(); }", "schema::sdl"),
        ("operator/queries.rs", "use crate::{app::App, graphql::id};", "graphql::id"),
        ("operator/queries.rs", "use super::rules;", "operator::rules"),
        ("operator/rules/add.rs", "use crate::operator::graphql::Operator;", "operator::graphql::Operator"),
        ("seat/rules.rs", "use crate::{\n    operator::{self, rules::{add, find}},\n};", "operator::rules::add"),
        ("account/graphql.rs", "use crate::seat::rules;", "seat::rules"),
    ] {
        let found = map.check(path, text);
        assert!(found.iter().any(|(found, _)| found == import), "{path}: {text}: {found:?}");
    }
    for (path, text) in [
        ("operator/rules/add.rs", "use crate::{access::identity::Granted, account::queries, seat::rules::take};"),
        ("account/graphql.rs", "use crate::{operator::graphql::Operator, seat::Usage};"),
        (
            "account/rules.rs",
            "// use crate::operator::rules;\n#[cfg(test)]\nmod tests {\n    use crate::operator::rules;\n}",
        ),
    ] {
        assert_eq!(map.check(path, text), [], "{path}: {text}");
    }
}

/// The modules of `lib.rs`, and the order of the rooms.
struct Map {
    source: PathBuf,
    shelves: Vec<String>,
    /// From left to right.
    rooms: Vec<String>,
    /// The schema, the backend, and the modules that start the server.
    start: Vec<String>,
}

/// A part of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Face,
    Rules,
    Queries,
    /// What the room's own module defines.
    Words,
}

impl Map {
    fn read(source: &Path) -> Self {
        let lib = fs::read_to_string(source.join("lib.rs")).expect("lib.rs");
        let modules = |from: &str| -> Vec<String> {
            let section = lib.split(from).nth(1).expect("a section of lib.rs").split("\n//").next().unwrap_or_default();
            let lines = section
                .lines()
                .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'));
            lines.map(str::to_owned).collect()
        };
        let order = lib.replace("\n//!", "");
        let order =
            order.split("right in this list: ").nth(1).expect("the order").split('.').next().unwrap_or_default();
        let rooms: Vec<String> = order.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let (mut listed, mut declared) = (rooms.clone(), modules("// The rooms."));
        listed.sort();
        declared.sort();
        assert_eq!(listed, declared, "the order in lib.rs has every room once");
        Self {
            source: source.to_owned(),
            shelves: modules("// The shelves."),
            rooms,
            start: modules("// The schema of all rooms"),
        }
    }

    /// The imports of a file that go against the direction, and why.
    fn check(&self, path: &str, text: &str) -> Vec<(String, &'static str)> {
        let module = module_of(path);
        let from = (module[0].as_str(), self.part(&module));
        let mut wrong = Vec::new();
        for import in imports(&module, text) {
            if let Some(reason) = self.refuse(from, &import) {
                wrong.push((import.join("::"), reason));
            }
        }
        wrong
    }

    fn refuse(&self, (top, part): (&str, Part), import: &[String]) -> Option<&'static str> {
        let to = import.first()?.as_str();
        let (is_room, is_start) = (self.rooms.iter().any(|room| room == to), self.start.iter().any(|name| name == to));
        if self.shelves.iter().any(|shelf| shelf == top) {
            return (is_room || is_start).then_some("a shelf imports shelves only");
        }
        let position = |name: &str| self.rooms.iter().position(|room| room == name);
        let here = position(top)?;
        let target = if is_room { self.part(import) } else { Part::Words };
        let is_face = target == Part::Face || to == "graphql" || is_start;
        match part {
            Part::Queries if is_face || target == Part::Rules => Some("queries import neither faces nor rules"),
            Part::Rules | Part::Words if is_face => Some("rules import no face"),
            Part::Queries => None,
            // A face may hold a handle of another room, such as `session::live::Live`.
            Part::Face if import.get(1).is_none_or(|module| module != "rules") => None,
            _ if target == Part::Rules && position(to)? < here => Some("a room calls rules only to its right"),
            _ => None,
        }
    }

    /// The part of a room that a path in it belongs to.
    fn part(&self, path: &[String]) -> Part {
        let Some(name) = path.get(1) else { return Part::Words };
        let room = self.source.join(&path[0]);
        match name.as_str() {
            "graphql" | "http" => Part::Face,
            "queries" => Part::Queries,
            name if room.join(name).is_dir() || room.join(name).with_extension("rs").is_file() => Part::Rules,
            // A room of one file.
            name if !room.is_dir() && name.starts_with(char::is_lowercase) => Part::Rules,
            _ => Part::Words,
        }
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a source folder").map(|entry| entry.expect("an entry").path());
    let found = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    let is_test = |path: &PathBuf| path.iter().any(|name| name == "tests" || name == "tests.rs");
    found.filter(|path| path.extension().is_some_and(|name| name == "rs") && !is_test(path)).collect()
}

/// `operator/rules/add.rs` as `[operator, rules, add]`.
fn module_of(path: &str) -> Vec<String> {
    let names = path.trim_end_matches(".rs").trim_end_matches("/mod").split('/');
    names.map(str::to_owned).collect()
}

/// The paths below the crate that a file imports or names, without those of its tests.
fn imports(module: &[String], text: &str) -> Vec<Vec<String>> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for part in code.split("use ").skip(1) {
        let tree = part.split(';').next().unwrap_or_default();
        for path in expand(tree.trim()) {
            match path.iter().take_while(|name| *name == "super").count() {
                0 if path[0] == "crate" => found.push(path[1..].to_vec()),
                0 => {}
                up => found.push([&module[..module.len().saturating_sub(up)], &path[up..]].concat()),
            }
        }
    }
    for part in code.split("crate::").skip(1).filter(|part| !part.starts_with('{')) {
        let path: String = part.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
        found.push(path.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect());
    }
    found
}

/// The paths of a `use` tree: `a::{b, c::d}` has `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<Vec<String>> {
    let Some((prefix, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.split("::").map(|name| name.trim().to_owned()).filter(|name| name != "self").collect()];
    };
    let prefix: Vec<String> =
        prefix.split("::").filter(|name| !name.is_empty()).map(|name| name.trim().to_owned()).collect();
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    let group = group.trim_end().strip_suffix('}').unwrap_or(group).to_owned() + ",";
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let item = group[start..at].trim();
                start = at + 1;
                if !item.is_empty() {
                    found.extend(expand(item).into_iter().map(|path| [prefix.clone(), path].concat()));
                }
            }
            _ => {}
        }
    }
    found
}
