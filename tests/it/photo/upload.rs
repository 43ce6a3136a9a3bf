//! What is accepted as a photo, and what is refused.

use std::{collections::BTreeSet, time::Instant};

use image::GenericImageView;
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{FIXTURES, FOLDER, db_count, fixture, photo_of, picture, reason};
use crate::support::{Answer, TestApp, in_time};

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
