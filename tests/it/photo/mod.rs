//! Photos: what is accepted, what is refused, and how photos are served.

mod serving;
mod upload;

use entity::photo;
use image::DynamicImage;
use reqwest::Response;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

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
