//! Lets plain `cargo build` work without Node: where nobody has built a web part, a stub in its place says how.
//!
//! It never runs npm: a Rust build that downloads and runs somebody else's scripts surprises people,
//! and `./scripts/demo` does it where it is expected.

use std::{fs, io, path::Path, time::SystemTime};

/// A part of `web/` that is built into a folder, which the server embeds.
struct Part {
    dist: &'static str,
    /// The first is what the part is asked for.
    stub: &'static [(&'static str, &'static str)],
    /// What the first file of a real build has in it, and no stub ever.
    sign: &'static str,
}

const PARTS: [Part; 3] = [
    Part {
        dist: "web/dashboard/dist",
        stub: &[("index.html", "web/stub/dashboard.html"), ("stub.css", "web/stub/page.css")],
        sign: r#"id="root""#,
    },
    Part {
        dist: "web/graphiql/dist",
        stub: &[("index.html", "web/stub/graphiql.html"), ("stub.css", "web/stub/page.css")],
        sign: r#"id="root""#,
    },
    Part { dist: "web/widget/dist", stub: &[("widget.js", "web/stub/widget.js")], sign: "deskbell-widget" },
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=web/stub");
    for part in &PARTS {
        // The files are embedded when the crate is compiled: without this a binary would keep an old page.
        println!("cargo::rerun-if-changed={}", part.dist);
        if !part.is_real() {
            part.write_stub().unwrap_or_else(|error| panic!("{}: {error}", part.dist));
        }
    }
}

impl Part {
    fn is_real(&self) -> bool {
        let [(first, _), ..] = self.stub else { return false };
        fs::read_to_string(Path::new(self.dist).join(first)).is_ok_and(|text| text.contains(self.sign))
    }

    /// Writes what differs, dated back: Cargo would take what this script wrote for a change, and build the server twice.
    fn write_stub(&self) -> io::Result<()> {
        let dist = Path::new(self.dist);
        fs::create_dir_all(dist)?;
        let mut written = false;
        for (name, stub) in self.stub {
            let (file, text) = (dist.join(name), fs::read(stub)?);
            if fs::read(&file).is_ok_and(|there| there == text) {
                continue;
            }
            fs::write(&file, text)?;
            fs::File::open(&file)?.set_modified(SystemTime::UNIX_EPOCH)?;
            written = true;
        }
        if written {
            fs::File::open(dist)?.set_modified(SystemTime::UNIX_EPOCH)?;
        }
        Ok(())
    }
}
