//! Makes plain `cargo build` work without Node: it writes a stub for each web part that is not
//! built. The stub explains how to build it.
//!
//! It never runs npm: a Rust build must not download and run third-party scripts unexpectedly.
//! `./scripts/demo` builds the web parts.

use std::{
    env, fs, io,
    path::Path,
    thread,
    time::{Duration, Instant, SystemTime},
};

/// A part of `web/` whose build output the server embeds.
struct Part {
    dist: &'static str,
    /// The stub's files; the first one is the part's entry point.
    stub: &'static [(&'static str, &'static str)],
    /// A text in the first file of every real build, and in no stub.
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
    wait_for_web_parts();
    for part in &PARTS {
        // The files are embedded at compile time; without this, a binary would keep an old page.
        println!("cargo::rerun-if-changed={}", part.dist);
        if !part.is_real() {
            part.write_stub().unwrap_or_else(|error| panic!("{}: {error}", part.dist));
        }
    }
}

/// `./scripts/demo` builds the web parts at the same time as the dependencies, and sets the path of
/// a file that exists until they are built.
///
/// # Panics
///
/// If the file still exists after half an hour.
#[expect(clippy::disallowed_methods, reason = "a build script has no runtime that a sleep could block")]
fn wait_for_web_parts() {
    const LONGEST: Duration = Duration::from_mins(30);
    let Some(file) = env::var_os("BUILD_WAITS_FOR") else { return };
    let began = Instant::now();
    while Path::new(&file).exists() {
        assert!(began.elapsed() < LONGEST, "{} still exists", file.display());
        thread::sleep(Duration::from_millis(100));
    }
}

impl Part {
    fn is_real(&self) -> bool {
        let [(first, _), ..] = self.stub else { return false };
        fs::read_to_string(Path::new(self.dist).join(first)).is_ok_and(|text| text.contains(self.sign))
    }

    /// Writes the files that differ, with an old modification time: otherwise Cargo would treat
    /// them as changed, and build the server twice.
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
