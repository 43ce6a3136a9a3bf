//! An answer of the server.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer over HTTP, or one item of a stream.
#[derive(Clone, Debug)]
pub struct Answer {
    /// 200 for the items of a stream.
    pub status: u16,
    pub headers: HeaderMap,
    /// The whole body: `data`, `errors`, `extensions`.
    pub body: Value,
}

impl Answer {
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("an answer is text");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self { status, headers, body }
    }

    pub fn item(body: Value) -> Self {
        Self { status: 200, headers: HeaderMap::new(), body }
    }

    /// The data. Fails if the answer has errors.
    pub fn data(&self) -> &Value {
        assert!(self.body["errors"].is_null(), "{:#}", self.body);
        &self.body["data"]
    }

    /// The value at a path in the data, such as `account.operators.nodes.0.name`. Fails if the path
    /// does not exist; a null exists.
    pub fn at(&self, path: &str) -> &Value {
        self.find(path).unwrap_or_else(|| panic!("no {path} in {:#}", self.body))
    }

    fn find(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(self.data(), |value, step| match step.parse::<usize>() {
            Ok(index) => value.get(index),
            Err(_) => value.get(step),
        })
    }

    /// A string in the data.
    pub fn text(&self, path: &str) -> &str {
        self.at(path).as_str().unwrap_or_else(|| panic!("{path} is no text in {:#}", self.body))
    }

    /// A number in the data.
    pub fn number(&self, path: &str) -> i64 {
        self.at(path).as_i64().unwrap_or_else(|| panic!("{path} is no number in {:#}", self.body))
    }

    /// One field of every item of a list in the data.
    pub fn each(&self, list: &str, field: &str) -> Vec<Value> {
        let items = self.at(list).as_array().unwrap_or_else(|| panic!("{list} is no list in {:#}", self.body));
        items.iter().map(|item| item[field].clone()).collect()
    }

    /// The codes of the errors, in their order.
    pub fn codes(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().map(|error| error["extensions"]["code"].as_str().unwrap_or("no code")).collect()
    }

    /// The code of the only error.
    pub fn code(&self) -> &str {
        let codes = self.codes();
        assert_eq!(codes.len(), 1, "{:#}", self.body);
        codes[0]
    }

    /// The value of the only field of a mutation.
    pub fn payload(&self) -> &Value {
        let fields = self.data().as_object().unwrap_or_else(|| panic!("no data: {:#}", self.body));
        assert_eq!(fields.len(), 1, "{:#}", self.body);
        fields.values().next().expect("one field")
    }

    /// The user errors of a mutation.
    pub fn user_errors(&self) -> &[Value] {
        self.payload()["userErrors"].as_array().unwrap_or_else(|| panic!("no user errors: {:#}", self.body))
    }

    /// The kinds of a mutation's user errors.
    pub fn refusals(&self) -> Vec<&str> {
        self.user_errors().iter().map(|error| error["__typename"].as_str().expect("__typename is selected")).collect()
    }

    /// The paths of a mutation's user errors, each with its kind: `["name: InvalidInput"]`.
    pub fn faults(&self) -> Vec<String> {
        let path = |error: &Value| {
            let steps = error["path"].as_array().expect("path is selected").iter();
            steps.map(|step| step.as_str().expect("text")).collect::<Vec<_>>().join(".")
        };
        self.user_errors()
            .iter()
            .map(|error| format!("{}: {}", path(error), error["__typename"].as_str().expect("a kind")))
            .collect()
    }

    /// Whether a mutation has no user errors.
    pub fn is_granted(&self) -> bool {
        self.user_errors().is_empty()
    }

    /// Returns the answer, and fails if it has user errors.
    #[track_caller]
    pub fn granted(self) -> Self {
        assert!(self.is_granted(), "{:#}", self.body);
        self
    }

    /// The token that a sign-in sent.
    pub fn token(&self) -> &str {
        self.payload()["token"].as_str().unwrap_or_else(|| panic!("no token: {:#}", self.body))
    }

    /// The session cookie that the answer sets, if any.
    pub fn set_cookie(&self) -> Option<&str> {
        self.cookie_named("deskbell_session")
    }

    /// The device cookie that the answer sets, if any.
    pub fn device_cookie(&self) -> Option<&str> {
        self.cookie_named("deskbell_device")
    }

    fn cookie_named(&self, name: &str) -> Option<&str> {
        let cookies = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("a cookie is text"));
        let mut cookies = cookies.filter(|cookie| cookie.trim_start_matches("__Host-").starts_with(name));
        let cookie = cookies.next();
        assert!(cookies.next().is_none(), "more than one cookie: {:?}", self.headers);
        cookie
    }
}

/// The number of answers without user errors.
pub fn granted(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.is_granted()).count()
}

/// The kinds of all user errors in these answers.
pub fn refusals(answers: &[Answer]) -> Vec<&str> {
    answers.iter().flat_map(Answer::refusals).collect()
}
