use async_graphql_value::ConstValue;
use serde_json::json;

use super::*;

fn read(text: &str) -> Result<Request, String> {
    request(text.as_bytes(), 100).map(|sent| sent.request).map_err(|refusal| refusal.message)
}

#[test]
fn invalid_requests_are_refused_with_a_reason() {
    for (sent, message) in [
        (r#"[{"query":"{a}"}]"#, "Batches are not supported. Send one request at a time."),
        ("[]", "Batches are not supported. Send one request at a time."),
        ("\"{a}\"", "The body must be a JSON object."),
        ("null", "The body must be a JSON object."),
        ("1.5", "The body must be a JSON object."),
        ("{}", "\"query\" is missing."),
        (r#"{"query":null}"#, "\"query\" is missing."),
        (r#"{"query":1}"#, "\"query\" must be a string."),
        (r#"{"query":{"a":[1]}}"#, "\"query\" must be a string."),
        (r#"{"query":"{a}","operationName":{}}"#, "\"operationName\" must be a string."),
        (r#"{"query":"{a}","operationName":[1]}"#, "\"operationName\" must be a string."),
        (r#"{"query":"{a}","variables":[]}"#, "\"variables\" must be an object."),
        (r#"{"query":"{a}","variables":"{}"}"#, "\"variables\" must be an object."),
        (r#"{"query":"{a}","extensions":0}"#, "\"extensions\" must be an object."),
        (r#"{"query":"{a}","extensions":[[]]}"#, "\"extensions\" must be an object."),
        ("{", "The body is not JSON: EOF while parsing an object at line 1 column 1."),
        (r#"{"query":"{a}"} x"#, "The body is not JSON: trailing characters at line 1 column 17."),
        (
            r##"{"query":"{a}","variables":{"a":[{"b":"#__graphql_file__:9"}]}}"##,
            "Strings that begin with \"#__graphql_file__:\" are reserved. Send files as multipart/form-data.",
        ),
    ] {
        assert_eq!(read(sent).expect_err(sent), message, "{sent}");
    }
}

#[test]
fn null_means_absent_and_unknown_entries_are_ignored() {
    let sent = r#"{"query":"{a}","operationName":null,"variables":null,"extensions":null,"more":[{"a":1}]}"#;
    let request = read(sent).expect("a request");
    assert_eq!((request.query.as_str(), request.operation_name), ("{a}", None));
}

#[test]
fn values_are_those_of_the_json() {
    let variables =
        json!({"a": [null, true, -1, 18_446_744_073_709_551_615_u64, 1.5, "ż\n", {"b": {}, "c": []}], "": 1e300});
    let request = read(&json!({"query": "{a}", "variables": variables}).to_string()).expect("a request");
    assert_eq!(request.variables, Variables::from_json(variables));
}

#[test]
fn values_are_counted_while_they_are_parsed_and_parsing_stops() {
    let sent =
        |values: usize| format!(r#"{{"query":"{{a}}","variables":{{"x":[{}null]}}}}"#, "null,".repeat(values - 2));
    assert!(read(&sent(100)).is_ok());
    // The end is missing, so a parser that does not stop would fail there.
    for sent in [sent(101), format!(r#"{{"variables":{{"x":[{}"#, "[],".repeat(1_000_000))] {
        let values = Values::new(100);
        let mut json = serde_json::Deserializer::from_slice(sent.as_bytes());
        assert!(TopSeed(&values).deserialize(&mut json).is_err());
        assert_eq!(values.built.get(), 101);
        assert_eq!(read(&sent).expect_err("too many"), "The variables have more than 100 values.");
    }
}

#[test]
fn unused_entries_are_never_built() {
    for entry in ["extensions", "more"] {
        // Nested deeper than values may be, with more values than are allowed.
        let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let values = Values::new(0);
        let text = format!(r#"{{"query":"{{a}}","{entry}":{deep}}}"#);
        let mut json = serde_json::Deserializer::from_slice(text.as_bytes());
        assert!(matches!(TopSeed(&values).deserialize(&mut json), Ok(Top::Object(_))), "{entry}");
        assert_eq!(values.built.get(), 0, "{entry}");
    }
}

#[test]
fn a_persisted_query_is_not_supported_unless_the_query_is_there_as_well() {
    let code = |text: &str| {
        request(text.as_bytes(), 100).map(|sent| sent.request.query).map_err(|refusal| refusal.code.as_str())
    };
    let extensions = r#""extensions":{"clientLibrary":{},"persistedQuery":{"version":1,"sha256Hash":"ecf4"}}"#;
    for query in ["", r#""query":null,"#, r#""query":"","#] {
        assert_eq!(code(&format!("{{{query}{extensions}}}")), Err("PERSISTED_QUERY_NOT_SUPPORTED"), "{query}");
    }
    assert_eq!(code(&format!(r#"{{"query":"{{a}}",{extensions}}}"#)), Ok("{a}".to_owned()));
    assert_eq!(code(r#"{"extensions":{"persistedQuery":null}}"#), Err("BAD_USER_INPUT"));
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(read("\u{feff}{\"query\":\"{a}\"}").expect("a request").query, "{a}");
    assert!(read("\u{feff}\u{feff}{}").is_err());
}

#[test]
fn the_bytes_of_a_request_grow_with_its_values() {
    let weight = |text: &str| request(text.as_bytes(), 10_000).expect("a request").bytes;
    let few = weight(r#"{"query":"{a}"}"#);
    let many = weight(&format!(r#"{{"query":"{{a}}","variables":{{"x":[{}1]}}}}"#, "[],".repeat(1_000)));
    let long = weight(&format!(r#"{{"query":"{{a}}","variables":{{"x":"{}"}}}}"#, "x".repeat(1_000)));
    assert_eq!((few, many > few + 1_000 * size_of::<ConstValue>(), long > few + 1_000), (48, true, true));
}
