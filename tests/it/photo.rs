//! Photos: what is accepted, what is refused, and how photos are served.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use entity::photo;
use image::{DynamicImage, GenericImageView};
use reqwest::{
    Method, Response,
    multipart::{Form, Part},
};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Answer, Person, TestApp, in_time};

/// Every fixture: its name, and the side of the largest rendition or the reason of the refusal.
const FIXTURES: &[(&str, Result<u32, &str>)] = &[
    ("100x100.png", Ok(100)),
    ("16bit.png", Ok(0)),
    ("99x100.png", Err("TOO_SMALL")),
    ("animated.png", Ok(0)),
    ("animation.gif", Err("UNSUPPORTED_FORMAT")),
    ("bomb.jpg", Err("TOO_LARGE")),
    ("bomb.png", Err("TOO_LARGE")),
    ("cmyk.jpg", Ok(0)),
    ("drawing.svg", Err("UNSUPPORTED_FORMAT")),
    ("gps.jpg", Ok(0)),
    ("grey.jpg", Ok(0)),
    ("html.png", Err("NOT_AN_IMAGE")),
    ("interlaced.png", Ok(100)),
    ("palette.png", Ok(0)),
    ("photo.jpg", Ok(240)),
    ("photo.webp", Err("UNSUPPORTED_FORMAT")),
    ("progressive.jpg", Ok(0)),
    ("transparent.png", Ok(0)),
    ("truncated.jpg", Err("NOT_AN_IMAGE")),
    ("truncated.png", Err("NOT_AN_IMAGE")),
    ("ycck.jpg", Ok(0)),
];

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/photos");

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{FOLDER}/{name}")).unwrap_or_else(|error| panic!("{name}: {error}"))
}

const PHOTO: &str = "photo { url width height small: url(size: 64) middle: url(size: 100) }";

/// The photo of an operator, as the account shows it.
async fn photo_of(viewer: &Person, whom: &Person) -> Value {
    let answer = viewer
        .run(
            &format!("query($id: ID!) {{ node(id: $id) {{ ... on Operator {{ {PHOTO} }} }} }}"),
            json!({ "id": whom.id }),
        )
        .await;
    answer.at("node.photo").clone()
}

async fn fetch(app: &TestApp, url: &str) -> Response {
    assert!(url.starts_with(&format!("{}/photos/", app.url())), "{url} is an address of this server");
    in_time("the photo", reqwest::get(url)).await.expect("an answer")
}

async fn picture(app: &TestApp, url: &str) -> (Vec<u8>, DynamicImage) {
    let response = fetch(app, url).await;
    assert_eq!(response.status(), 200, "{url}");
    let bytes = response.bytes().await.expect("the photo").to_vec();
    let picture = image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg).expect("a JPEG");
    (bytes, picture)
}

async fn db_count(app: &TestApp) -> u64 {
    photo::Entity::find().count(app.app().db()).await.expect("the database answers")
}

/// The reason of the only user error.
fn reason(answer: &Answer) -> &str {
    assert_eq!(answer.faults(), ["photo: PhotoRejected"], "{:#}", answer.body);
    assert_eq!(answer.payload()["operator"], Value::Null);
    answer.user_errors()[0]["reason"].as_str().expect("a reason")
}

#[tokio::test]
async fn every_kind_of_file_is_accepted_or_refused_by_its_content() {
    let files: BTreeSet<_> =
        std::fs::read_dir(FOLDER).expect("the folder").map(|file| file.expect("a file").file_name()).collect();
    let known = FIXTURES.iter().map(|(name, _)| *name).chain(["README.md", "make.py"]).map(Into::into).collect();
    assert_eq!(files, known, "every fixture is tried");

    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    owner.uploads_photo(owner, fixture("photo.jpg")).await.granted();
    let (shown, rows) = (photo_of(owner, owner).await, db_count(&app).await);
    let mut made = BTreeSet::new();
    for (name, expected) in FIXTURES {
        let whom = acme.inactive(&name.replace('.', "")).await;
        let started = Instant::now();
        match expected {
            Err(expected) => {
                // A refused upload keeps an existing photo, and adds none where there was none.
                for whom in [owner, &whom] {
                    let refused = owner.uploads_photo(whom, fixture(name)).await;
                    assert_eq!(reason(&refused), *expected, "{name}");
                }
                assert!(started.elapsed().as_secs() < 6, "{name} took {:?} twice", started.elapsed());
                assert_eq!(photo_of(owner, owner).await, shown, "{name}");
                assert_eq!(photo_of(owner, &whom).await, Value::Null, "{name}");
            }
            Ok(side) => {
                owner.uploads_photo(&whom, fixture(name)).await.granted();
                let shown = photo_of(owner, &whom).await;
                let width = shown["width"].as_u64().expect("a number");
                assert_eq!(shown["height"], width, "{name}");
                assert!((100..=512).contains(&width) && (*side == 0 || u64::from(*side) == width), "{name}: {width}");
                let (bytes, largest) = picture(&app, shown["url"].as_str().expect("an address")).await;
                assert_eq!(u64::from(largest.width()), width, "{name}");
                assert_eq!(largest.dimensions(), (largest.height(), largest.width()), "{name}");
                let (_, small) = picture(&app, shown["small"].as_str().expect("an address")).await;
                assert_eq!(small.dimensions(), (64, 64), "{name}");
                // Fixtures may show the same picture, but no two files are served for one fixture.
                made.insert((bytes.len(), shown["url"].to_string()));
                owner.does("removeOperatorPhoto", json!({ "operatorId": whom.id })).await.granted();
            }
        }
        assert_eq!(db_count(&app).await, rows, "{name} leaves rows behind");
    }
    assert!(made.len() > 5);
}

#[tokio::test]
async fn a_photo_is_served_upright_and_without_metadata() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    for name in ["photo.jpg", "gps.jpg", "cmyk.jpg", "16bit.png", "palette.png", "animated.png"] {
        owner.uploads_photo(owner, fixture(name)).await.granted();
        let shown = photo_of(owner, owner).await;
        for size in ["url", "small", "middle"] {
            let (bytes, picture) = picture(&app, shown[size].as_str().expect("an address")).await;
            let side = picture.width();
            let at = |x: u32, y: u32| picture.get_pixel(x, y).0;
            let near = |[r, g, b, _]: [u8; 4], wanted: [u8; 3]| {
                [r, g, b].iter().zip(wanted).all(|(have, wanted)| have.abs_diff(wanted) < 40)
            };
            let quarters = [
                at(side / 4, side / 4),
                at(side * 3 / 4, side / 4),
                at(side / 4, side * 3 / 4),
                at(side * 3 / 4, side * 3 / 4),
            ];
            let [red, green, blue, yellow] = [[220, 30, 30], [30, 180, 30], [30, 30, 220], [240, 220, 40]];
            let wanted = match name {
                // The camera lay sideways, on its left.
                "gps.jpg" => [blue, red, yellow, green],
                // The last ink is half black.
                "cmyk.jpg" => [red, green, blue, [127, 127, 0]],
                _ => [red, green, blue, yellow],
            };
            for (have, wanted) in quarters.into_iter().zip(wanted) {
                assert!(near(have, wanted), "{name} {size}: {quarters:?}");
            }
            for metadata in
                [&b"Exif"[..], b"GPS", b"Secretcam", b"http://ns.adobe.com", b"Photoshop", b"ICC_PROFILE", b"tEXt"]
            {
                assert!(
                    !bytes.windows(metadata.len()).any(|part| part == metadata),
                    "{name} {size} tells {}",
                    String::from_utf8_lossy(metadata)
                );
            }
        }
    }
}

#[tokio::test]
async fn the_file_name_and_the_declared_type_are_ignored() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    let upload = async |file: Vec<u8>, name: &str, mime: &str| {
        let query =
            "mutation($id: ID!, $photo: Upload!) { setOperatorPhoto(input: { operatorId: $id, photo: $photo }) {
            operator { id } userErrors { __typename ... on UserError { path } ... on PhotoRejected { reason } } } }";
        let form = Form::new()
            .text("operations", json!({ "query": query, "variables": { "id": owner.id, "photo": null } }).to_string())
            .text("map", r#"{"0":["variables.photo"]}"#)
            .part("0", Part::bytes(file).file_name(name.to_owned()).mime_str(mime).expect("a type"));
        let request = owner.request(Method::POST, "/graphql").header("graphql-require-preflight", "").multipart(form);
        Answer::read(request.send().await.expect("an answer")).await
    };
    upload(fixture("photo.jpg"), "../../evil.html", "text/html").await.granted();
    upload(fixture("100x100.png"), "photo.jpg", "image/jpeg").await.granted();
    assert_eq!(reason(&upload(fixture("html.png"), "photo.jpg", "image/jpeg").await), "NOT_AN_IMAGE");
    assert_eq!(reason(&upload(fixture("drawing.svg"), "photo.png", "image/png").await), "UNSUPPORTED_FORMAT");
    assert_eq!(reason(&upload(Vec::new(), "photo.png", "image/png").await), "NOT_AN_IMAGE");
}

#[tokio::test]
async fn a_page_of_another_site_cannot_send_a_photo() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let form = Form::new().text("operations", json!({ "query": "{ plans { code } }" }).to_string()).text("map", "{}");
    let refused = acme.owner.request(Method::POST, "/graphql").multipart(form).send().await.expect("an answer");
    let refused = Answer::read(refused).await;
    assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"), "{:#}", refused.body);
    assert!(
        refused.body["errors"][0]["message"]
            .as_str()
            .is_some_and(|message| message.contains("graphql-require-preflight"))
    );
}

#[tokio::test]
async fn a_file_that_is_too_large_gets_a_readable_error() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    let mut padded = fixture("photo.jpg");
    padded.resize((5 << 20) + 1, 0);
    assert_eq!(reason(&owner.uploads_photo(owner, padded.clone()).await), "TOO_LARGE");
    padded.truncate(5 << 20);
    owner.uploads_photo(owner, padded).await.granted();
    let (shown, rows) = (photo_of(owner, owner).await, db_count(&app).await);

    let refused = owner.uploads_photo(owner, vec![0xff; 7 << 20]).await;
    assert_eq!((refused.status, refused.code()), (413, "BAD_USER_INPUT"), "{:#}", refused.body);
    // An anonymous caller may not send more than other anonymous requests.
    let refused = app.anonymous().uploads_photo(owner, vec![0xff; 2 << 20]).await;
    assert_eq!((refused.status, refused.code()), (401, "UNAUTHENTICATED"), "{:#}", refused.body);
    assert_eq!((photo_of(owner, owner).await, db_count(&app).await), (shown, rows));
}

#[tokio::test]
async fn an_interrupted_upload_leaves_nothing() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    let token = owner.token.as_deref().expect("signed in");
    let mut stream = TcpStream::connect(app.address()).await.expect("the server listens");
    let query = format!(
        "mutation($p: Upload!) {{ setOperatorPhoto(input: {{ operatorId: \\\"{}\\\", photo: $p }}) {{ operator {{ id }} }} }}",
        owner.id
    );
    let body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"operations\"\r\n\r\n{{\"query\":\"{query}\",\"variables\":{{\"p\":null}}}}\r\n\
         --b\r\ncontent-disposition: form-data; name=\"map\"\r\n\r\n{{\"0\":[\"variables.p\"]}}\r\n\
         --b\r\ncontent-disposition: form-data; name=\"0\"; filename=\"a\"\r\n\r\n"
    );
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\ngraphql-require-preflight: 1\r\n\
         content-type: multipart/form-data; boundary=b\r\ncontent-length: 100000\r\n\r\n{body}",
        app.address()
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream.write_all(&fixture("photo.jpg")[..500]).await.expect("sent");
    stream.shutdown().await.expect("the rest never comes");
    let mut answer = String::new();
    in_time("the end", stream.read_to_string(&mut answer)).await.expect("an answer or the end");
    assert!(!answer.starts_with("HTTP/1.1 2") && !answer.starts_with("HTTP/1.1 5"), "{answer}");
    assert_eq!((photo_of(owner, owner).await, db_count(&app).await), (Value::Null, 0));
}

#[tokio::test]
async fn a_photo_is_served_as_immutable_and_only_as_an_image() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    acme.owner.uploads_photo(&acme.owner, fixture("photo.jpg")).await.granted();
    let url = photo_of(&acme.owner, &acme.owner).await["url"].as_str().expect("an address").to_owned();

    let first = fetch(&app, &url).await;
    assert_eq!(first.status(), 200);
    let header = |response: &Response, name: &str| {
        response.headers().get(name).map(|value| value.to_str().expect("text").to_owned())
    };
    for (name, expected) in [
        ("content-type", "image/jpeg"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(header(&first, name).as_deref(), Some(expected), "{name}");
    }
    assert_eq!(header(&first, "access-control-allow-credentials"), None);
    let etag = header(&first, "etag").expect("an ETag");
    assert_eq!(header(&first, "set-cookie"), None);
    let length: u64 = header(&first, "content-length").expect("a length").parse().expect("a number");
    assert_eq!(first.bytes().await.expect("the photo").len() as u64, length);

    let client = reqwest::Client::new();
    for (known, status) in [
        (etag.clone(), 304),
        (format!("\"other\", {etag}"), 304),
        (format!("W/{etag}"), 304),
        ("*".to_owned(), 304),
        ("\"other\"".to_owned(), 200),
    ] {
        let again = client.get(&url).header("if-none-match", &known).send().await.expect("an answer");
        assert_eq!(again.status(), status, "{known}");
        assert_eq!(header(&again, "etag"), Some(etag.clone()), "{known}");
        assert_eq!(header(&again, "access-control-allow-origin").as_deref(), Some("*"), "{known}");
        assert_eq!(again.bytes().await.expect("a body").is_empty(), status == 304, "{known}");
    }
    let head = client.head(&url).send().await.expect("an answer");
    assert_eq!((head.status().as_u16(), header(&head, "etag")), (200, Some(etag)));
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        assert_eq!(client.request(method, &url).send().await.expect("an answer").status(), 405);
    }
}

#[tokio::test]
async fn unknown_photo_paths_are_not_found() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    acme.owner.uploads_photo(&acme.owner, fixture("photo.jpg")).await.granted();
    let url = photo_of(&acme.owner, &acme.owner).await["url"].as_str().expect("an address").to_owned();
    let path = url.strip_prefix(&app.url()).expect("a photo of this server").to_owned();
    let (hash, side) = path
        .strip_prefix("/photos/")
        .and_then(|name| name.strip_suffix(".jpg")?.split_once('-'))
        .expect("hash and side");

    let mut paths = vec![
        "/photos".to_owned(),
        "/photos/".to_owned(),
        "/photos/..".to_owned(),
        "/photos/../deskbell.db".to_owned(),
        "/photos/..%2fdeskbell.db".to_owned(),
        "/photos/%2e%2e%2f%2e%2e%2fetc%2fpasswd".to_owned(),
        "/photos/....//....//etc/passwd".to_owned(),
        "/photos//etc/passwd".to_owned(),
        "/photos/%00".to_owned(),
        "/photos/%ff%fe".to_owned(),
        "/photos/*".to_owned(),
        format!("/photos/{hash}"),
        format!("/photos/{hash}-{side}"),
        format!("/photos/{hash}-{side}.png"),
        format!("/photos/{hash}-{side}.jpg.html"),
        format!("/photos/{hash}-{side}.jpg/x"),
        format!("/photos/{hash}-{side}.jpg%00.png"),
        format!("/photos/{hash}-1.jpg"),
        format!("/photos/{hash}--64.jpg"),
        format!("/photos/{hash}-064.jpg.jpg"),
        format!("/photos/{}-{side}.jpg", hash.to_uppercase()),
        format!("/photos/{}-{side}.jpg", "0".repeat(32)),
        format!("/photos/{}-{side}.jpg", "%25"),
        format!("/photos/' OR '1'='1-{side}.jpg").replace(' ', "%20"),
        format!("/photos/{}", "a".repeat(8000)),
    ];
    // A path that repeats the folder.
    paths.push(format!("{}{path}", "/photos"));
    for path in paths {
        // Over a socket, since an HTTP client would normalise the path.
        let mut stream = TcpStream::connect(app.address()).await.expect("the server listens");
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", app.address());
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        in_time("the answer", stream.read_to_end(&mut answer)).await.expect("an answer");
        let answer = String::from_utf8_lossy(&answer);
        let status: u16 =
            answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{path}: {answer}"));
        assert_eq!(status, 404, "{path}: {answer}");
        assert!(!answer.contains("root:") && !answer.contains("SQLite format"), "{path}");
    }
    // A missing photo has CORS headers as well: a widget may request one that was just removed.
    let gone = fetch(&app, &format!("{}/photos/{}-{side}.jpg", app.url(), "0".repeat(32))).await;
    assert_eq!((gone.status().as_u16(), gone.headers()["access-control-allow-origin"].to_str().ok()), (404, Some("*")));
}

#[tokio::test]
async fn a_photo_request_waits_for_the_database_only_until_the_timeout() {
    let app = TestApp::start_with(|config| {
        config.database.pool = 2;
        config.http.request_timeout = Duration::from_secs(2);
    })
    .await;
    let acme = app.account(1).await;
    acme.owner.uploads_photo(&acme.owner, fixture("photo.jpg")).await.granted();
    let url = photo_of(&acme.owner, &acme.owner).await["url"].as_str().expect("an address").to_owned();

    // Every request now waits for a connection.
    let held = app.db_all_connections().await;
    let late = in_time("the answer", fetch(&app, &url)).await;
    assert_eq!((late.status().as_u16(), late.headers()["cache-control"].to_str().ok()), (500, Some("no-store")));
    assert_eq!(late.text().await.expect("text"), "The answer took too long.\n");

    drop(held);
    assert_eq!(fetch(&app, &url).await.status(), 200);
}

#[tokio::test]
async fn a_photo_that_was_replaced_or_removed_is_gone_and_a_colleagues_is_not() {
    let app = TestApp::start().await;
    let acme = app.account(3).await;
    let (bob, cy) = (acme.limited("bob").await, acme.limited("cy").await);
    let url =
        async |whom: &Person| photo_of(&acme.owner, whom).await["url"].as_str().map(str::to_owned).expect("a photo");
    let status = async |url: &str| fetch(&app, url).await.status().as_u16();

    bob.uploads_photo(&bob, fixture("photo.jpg")).await.granted();
    cy.uploads_photo(&cy, fixture("photo.jpg")).await.granted();
    let same = url(&bob).await;
    assert_eq!(same, url(&cy).await, "equal pictures have one URL");
    let rows = db_count(&app).await;

    // An identical photo changes nothing and publishes nothing.
    let mut events = app.db_events(&acme);
    bob.uploads_photo(&bob, fixture("photo.jpg")).await.granted();
    assert!(events.published().await.is_empty());
    assert_eq!(db_count(&app).await, rows);

    bob.uploads_photo(&bob, fixture("palette.png")).await.granted();
    let other = url(&bob).await;
    assert_ne!(other, same);
    assert_eq!((status(&other).await, status(&same).await), (200, 200), "it is still Cy's");
    cy.does("removeOperatorPhoto", json!({ "operatorId": cy.id })).await.granted();
    cy.does("removeOperatorPhoto", json!({ "operatorId": cy.id })).await.granted();
    assert_eq!(photo_of(&bob, &cy).await, Value::Null);
    assert_eq!((status(&other).await, status(&same).await), (200, 404));

    acme.owner.removes(&bob).await.granted();
    assert_eq!((status(&other).await, db_count(&app).await), (404, 0));
}

#[tokio::test]
async fn limited_access_sets_its_own_photo_and_visitors_see_it() {
    let app = TestApp::start().await;
    let acme = app.account(3).await;
    let (bob, cy) = (acme.limited("bob").await, acme.limited("cy").await);
    let version = acme.version().await;
    assert_eq!(bob.uploads_photo(&cy, fixture("photo.jpg")).await.code(), "FORBIDDEN");
    assert_eq!(acme.version().await, version);

    bob.uploads_photo(&bob, fixture("photo.jpg")).await.granted();
    assert_eq!(acme.version().await, version + 1);
    let cards = acme.visited("operators { publicName photoUrl(size: 64) }").await;
    assert_eq!(cards.each("availability.operators", "publicName"), ["bob", "cy"]);
    let [url, none] = &cards.each("availability.operators", "photoUrl")[..] else { panic!("{:#}", cards.body) };
    assert_eq!(*none, Value::Null);
    let (_, small) = picture(&app, url.as_str().expect("an address")).await;
    assert_eq!(small.dimensions(), (64, 64));

    acme.owner.uploads_photo(&cy, fixture("grey.jpg")).await.granted();
    acme.owner.does("removeOperatorPhoto", json!({ "operatorId": bob.id })).await.granted();
    assert_eq!(acme.version().await, version + 3);
}
