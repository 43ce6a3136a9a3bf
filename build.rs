//! Lets plain `cargo build` work without Node: where nobody has built `GraphiQL`, a page says how.
//!
//! It never runs npm: a Rust build that downloads and runs somebody else's scripts surprises people,
//! and `./scripts/demo` does it where it is expected.

use std::{fs, io, path::Path, time::SystemTime};

const DIST: &str = "web/graphiql/dist";
const STUB: &str = "web/graphiql/stub.html";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={STUB}");
    // The files are embedded when the crate is compiled: without these two a binary would keep an old page.
    println!("cargo::rerun-if-changed={DIST}");
    println!("cargo::rerun-if-changed=web/pages");

    let stub = fs::read(STUB).expect("the stub page is part of the repository");
    let index = Path::new(DIST).join("index.html");
    match fs::read(&index) {
        Ok(page) if is_real(&page) || page == stub => {}
        _ => write_stub(&index, &stub).expect("the folder for GraphiQL can be written"),
    }
}

/// The real page is known by the element that `GraphiQL` is drawn into, which no stub has.
fn is_real(page: &[u8]) -> bool {
    let root = br#"id="root""#;
    page.windows(root.len()).any(|part| part == root)
}

fn write_stub(index: &Path, stub: &[u8]) -> io::Result<()> {
    let dist = Path::new(DIST);
    fs::create_dir_all(dist)?;
    fs::write(index, stub)?;
    // Dated back, or Cargo would take what this script wrote for a change and build the server twice.
    for path in [index, dist] {
        fs::File::open(path)?.set_modified(SystemTime::UNIX_EPOCH)?;
    }
    Ok(())
}
