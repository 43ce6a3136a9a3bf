//! How photos are served.

use std::time::Duration;

use image::GenericImageView;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{db_count, fetch, fixture, photo_of, picture};
use crate::support::{Person, TestApp, in_time};

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
    assert!(events.published().is_empty());
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
