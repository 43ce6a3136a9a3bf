//! Uploads.

use reqwest::{
    Client, RequestBuilder,
    multipart::{Form, Part},
};
use serde_json::{Value as Json, json};

use super::toy::{ADA, TestServer};

const UPLOAD: &str = r#"{"query":"mutation($f: Upload!) { upload(file: $f) }","variables":{"f":null}}"#;

fn send(server: &TestServer, form: Form) -> RequestBuilder {
    Client::new().post(server.url("/graphql")).bearer_auth(ADA).header("graphql-require-preflight", "1").multipart(form)
}

fn file(bytes: usize) -> Part {
    Part::bytes(vec![b'x'; bytes]).file_name("me.png").mime_str("image/png").expect("a type")
}

async fn answer(request: RequestBuilder) -> (u16, Json) {
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_file_reaches_its_variable() {
    let server = TestServer::start().await;
    let form =
        Form::new().text("operations", UPLOAD).text("map", r#"{"0":["variables.f"]}"#).part("0", file(3_000_000));
    assert_eq!(
        answer(send(&server, form)).await,
        (200, json!({"data": {"upload": "me.png Some(\"image/png\") 3000000"}}))
    );
    // A request without a file is handled like any other.
    let form = Form::new().text("operations", r#"{"query":"{ hello }"}"#).text("map", "{}");
    assert_eq!(answer(send(&server, form)).await.0, 200);
}

#[tokio::test]
async fn one_file_for_one_variable_in_the_order_of_the_specification() {
    let server = TestServer::start().await;
    let form = || Form::new().text("operations", UPLOAD);
    let mapped = |map: &'static str| form().text("map", map);
    let one = r#"{"0":["variables.f"]}"#;
    for (why, form) in [
        ("no map", form().part("0", file(1))),
        ("no operations", Form::new().text("map", one).part("0", file(1))),
        ("map first", Form::new().text("map", one).text("operations", UPLOAD).part("0", file(1))),
        ("no file", mapped(one)),
        ("another name", mapped(one).part("1", file(1))),
        ("two variables", mapped(r#"{"0":["variables.f","variables.f"]}"#).part("0", file(1))),
        ("two files", mapped(r#"{"0":["variables.f"],"1":["variables.f"]}"#).part("0", file(1)).part("1", file(1))),
        ("one too many", mapped(one).part("0", file(1)).part("1", file(1))),
        ("no such variable", mapped(r#"{"0":["variables.nothing"]}"#).part("0", file(1))),
        ("no variable", mapped(r#"{"0":["f"]}"#).part("0", file(1))),
        ("no paths", mapped(r#"{"0":[]}"#).part("0", file(1))),
        ("no list", mapped(r#"{"0":"variables.f"}"#).part("0", file(1))),
        ("a map of something else", mapped("[]").part("0", file(1))),
        ("operations are no JSON", Form::new().text("operations", "{").text("map", one).part("0", file(1))),
        (
            "a batch",
            Form::new()
                .text("operations", format!("[{UPLOAD}]"))
                .text("map", r#"{"0":["0.variables.f"]}"#)
                .part("0", file(1)),
        ),
    ] {
        let (status, body) = answer(send(&server, form)).await;
        assert_eq!(
            (status, &body["errors"][0]["extensions"]["code"]),
            (400, &json!("BAD_USER_INPUT")),
            "{why}: {body}"
        );
    }
}

#[tokio::test]
async fn strings_cannot_pose_as_files() {
    let server = TestServer::start().await;
    for query in [
        r##"mutation { upload(file: "#__graphql_file__:0") }"##,
        r##"mutation { upload(file: "#__graphql_file__:x") }"##,
    ] {
        let request = Client::new().post(server.url("/graphql")).json(&json!({"query": query}));
        let (_, body) = answer(request).await;
        assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{body}");
    }
    let request = Client::new().post(server.url("/graphql")).json(
        &json!({"query": "mutation($f: Upload!) { upload(file: $f) }", "variables": {"f": "#__graphql_file__:99"}}),
    );
    assert_eq!(answer(request).await.1["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[tokio::test]
async fn files_have_a_size_limit_and_need_a_session() {
    let server = TestServer::with(|config| {
        config.max_body_bytes = 10_000;
        config.max_upload_bytes = 50_000;
    })
    .await;
    let form =
        |bytes| Form::new().text("operations", UPLOAD).text("map", r#"{"0":["variables.f"]}"#).part("0", file(bytes));
    assert_eq!(answer(send(&server, form(40_000))).await.0, 200);
    assert_eq!(answer(send(&server, form(60_000))).await.0, 413);
    let stranger =
        |form| Client::new().post(server.url("/graphql")).header("graphql-require-preflight", "1").multipart(form);
    for bytes in [5_000, 60_000] {
        let (status, body) = answer(stranger(form(bytes))).await;
        assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (401, &json!("UNAUTHENTICATED")));
    }
    // Without a length.
    let endless = futures_util::stream::iter((0..100).map(|_| Ok::<_, std::io::Error>("x".repeat(1_000))));
    let part = Part::stream(reqwest::Body::wrap_stream(endless)).file_name("a");
    let form = Form::new().text("operations", UPLOAD).text("map", r#"{"0":["variables.f"]}"#).part("0", part);
    assert_eq!(answer(send(&server, form)).await.0, 413);
}

#[tokio::test]
async fn malformed_multipart_is_a_bad_request() {
    let server = TestServer::start().await;
    for (content_type, body) in [
        ("multipart/form-data", "--x--"),
        ("multipart/form-data; boundary=x", ""),
        ("multipart/form-data; boundary=x", "--x\r\n"),
        ("multipart/form-data; boundary=x", "--y--"),
        ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{"),
    ] {
        let request = Client::new()
            .post(server.url("/graphql"))
            .header("graphql-require-preflight", "1")
            .bearer_auth(ADA)
            .header("content-type", content_type)
            .body(body);
        assert_eq!(answer(request).await.0, 400, "{content_type} {body}");
    }
}

/// A body in chunks of one byte each.
fn drip(body: &str) -> reqwest::Body {
    let pieces: Vec<_> = body.bytes().map(|byte| Ok::<_, std::io::Error>(vec![byte])).collect();
    reqwest::Body::wrap_stream(futures_util::stream::iter(pieces))
}

fn raw(server: &TestServer, body: reqwest::Body) -> RequestBuilder {
    let request = Client::new().post(server.url("/graphql")).header("graphql-require-preflight", "1").bearer_auth(ADA);
    request.header("content-type", "multipart/form-data; boundary=x").body(body)
}

#[tokio::test]
async fn a_file_may_arrive_in_small_chunks() {
    let server = TestServer::start().await;
    let file = "y".repeat(40_000);
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"operations\"\r\n\r\n{UPLOAD}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"map\"\r\n\r\n{{\"0\":[\"variables.f\"]}}\r\n\
         --x\r\nx-long: {}\r\ncontent-disposition: form-data; name=\"0\"; filename=\"me.png\"\r\n\r\n{file}\r\n--x--\r\n",
        "z".repeat(7_000)
    );
    assert_eq!(answer(raw(&server, drip(&body))).await, (200, json!({"data": {"upload": "me.png None 40000"}})));
    assert_eq!(answer(raw(&server, body.into())).await.0, 200);
}

#[tokio::test]
async fn the_head_of_a_part_has_a_size_limit() {
    let server = TestServer::start().await;
    let endless = format!("--x\r\ncontent-disposition: form-data; x=\"{}", "a".repeat(300_000));
    let long = format!(
        "--x\r\nx-long: {}\r\ncontent-disposition: form-data; name=\"operations\"\r\n\r\n{{\"query\":\"{{ hello }}\"}}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"map\"\r\n\r\n{{}}\r\n--x--\r\n",
        "z".repeat(9_000)
    );
    for body in [endless, long] {
        let (status, refused) = answer(raw(&server, body.into())).await;
        assert_eq!(
            (status, &refused["errors"][0]["message"]),
            (400, &json!("The head of a part is longer than 8192 bytes."))
        );
    }
}
