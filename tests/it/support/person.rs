//! A caller who uses the public schema over HTTP.

use std::net::SocketAddr;

use entity::OperatorId;
use reqwest::{
    Client,
    header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue},
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use super::{
    Answer, EventStream, Stream,
    app::{Account, db_operator_key},
};

/// The initial password of all operators.
pub const PASSWORD: &str = "seven-otters-juggle-plums";

/// The usual selection of mutations, without their user errors. Others select user errors only.
const SELECTIONS: &[(&str, &str)] = &[
    ("signUp", "token account { id name widgetKey plan { code } seats { limit used free } } viewer { ...Profile }"),
    ("signIn", "token viewer { ...Profile }"),
    ("requestPasswordRecovery", ""),
    ("recoverPassword", "viewer { ...Profile }"),
    ("changePassword", "viewer { ...Profile }"),
    ("addOperator", "operator { ...Profile }"),
    ("inviteOperator", "operator { ...Profile }"),
    ("updateOperator", "operator { ...Profile }"),
    ("changeAccessLevel", "operator { ...Profile }"),
    ("setOperatorPhoto", "operator { ...Profile }"),
    ("removeOperatorPhoto", "operator { ...Profile }"),
    ("activateOperator", "operator { ...Profile }"),
    ("deactivateOperator", "operator { ...Profile }"),
    ("swapSeat", "from { ...Profile } to { ...Profile }"),
    ("removeOperator", "removedOperatorId"),
    ("transferOwnership", "account { id owner { ...Profile } }"),
    ("updateAccount", "account { id name }"),
    ("confirmAddress", "operator { ...Profile }"),
    ("restoreAddress", "operator { ...Profile }"),
    ("releaseAddress", "releasedEmail"),
    ("renewInvitation", ""),
    ("requestAddressConfirmation", "operator { ...Profile }"),
    ("changePlan", "account { id plan { code } seats { limit used free } }"),
];

const PROFILE: &str =
    "fragment Profile on Operator { id name publicName email description accessLevel isOwner isActive }";

/// What the user errors carry, for those unions that have such a member.
const EXTRAS: &[(&str, &[&str])] = &[
    ("... on SeatLimitReached { seats { limit used free } }", &["addOperator", "activateOperator", "swapSeat"]),
    ("... on TooManyActiveOperators { active limit }", &["changePlan"]),
    (
        "... on InvalidInput { reason limit }",
        &[
            "signUp",
            "requestPasswordRecovery",
            "recoverPassword",
            "changePassword",
            "addOperator",
            "updateOperator",
            "swapSeat",
            "transferOwnership",
            "changePlan",
            "updateAccount",
            "confirmAddress",
            "blockVisitor",
        ],
    ),
    (
        "... on WeakPassword { reasons suggestions minimumLength }",
        &["signUp", "addOperator", "recoverPassword", "changePassword"],
    ),
    (
        "... on TooManyAttempts { retryAfterSeconds }",
        &[
            "signUp",
            "signIn",
            "addOperator",
            "inviteOperator",
            "updateOperator",
            "requestPasswordRecovery",
            "recoverPassword",
            "renewInvitation",
            "changePassword",
        ],
    ),
    ("... on PhotoRejected { reason }", &["setOperatorPhoto"]),
];

/// A mutation with its usual selection. The document is also valid for a server of the previous
/// version, where the user errors of each mutation are a union.
pub fn mutation(name: &str) -> String {
    let selection = SELECTIONS.iter().find(|(known, _)| *known == name).map_or("", |(_, selection)| selection);
    let extras: Vec<_> = EXTRAS.iter().filter(|(_, of)| of.contains(&name)).map(|(extra, _)| *extra).collect();
    let input = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let profile = if selection.contains("...Profile") { PROFILE } else { "" };
    format!(
        "mutation($input: {input}!) {{ {name}(input: $input) {{ {selection} \
         userErrors {{ __typename ... on UserError {{ message path }} {} }} }} }} {profile}",
        extras.join(" ")
    )
}

/// A new visitor's token, as a widget makes one.
pub fn visitors_token() -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    format!("vt_{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// The address of an operator who was added by [`Account::adds`].
pub fn email_of(account: &Account, name: &str) -> String {
    format!("{name}@{}.example", account.name)
}

/// A server that people send requests to.
#[derive(Clone, Debug)]
pub struct Server {
    address: SocketAddr,
    client: Client,
}

impl Server {
    pub fn at(address: SocketAddr) -> Self {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { address, client }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn anonymous(&self) -> Person {
        Person::anonymous(self.clone())
    }

    /// A person with a known profile who has not signed in.
    pub fn known(&self, profile: &Value) -> Person {
        let mut person = self.anonymous();
        person.remember(profile);
        person
    }
}

/// A caller. Anonymous until signed in.
#[derive(Clone, Debug)]
pub struct Person {
    server: Server,
    /// Headers of every request, such as a cookie or an origin.
    headers: HeaderMap,
    /// The session token, once signed in.
    pub token: Option<String>,
    /// The operator's global id; empty while anonymous.
    pub id: String,
    pub name: String,
    pub email: String,
}

impl Person {
    pub fn anonymous(server: Server) -> Self {
        let (id, name, email) = (String::new(), "anonymous".to_owned(), String::new());
        Self { server, headers: HeaderMap::new(), token: None, id, name, email }
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    pub fn db_key(&self) -> OperatorId {
        db_operator_key(&self.id)
    }

    /// The same person, with another server.
    #[must_use]
    pub fn at(&self, server: Server) -> Self {
        Self { server, ..self.clone() }
    }

    /// The same person, with one more header in each request.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header"));
        self
    }

    /// The same person, with this token.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// The same person in a browser with this cookie, `name=value`, and without a token.
    #[must_use]
    pub fn with_cookie(mut self, cookie: &str) -> Self {
        self.token = None;
        // Cookies of other applications may not be ASCII.
        self.headers.insert(COOKIE, HeaderValue::from_bytes(cookie.as_bytes()).expect("a header"));
        self
    }

    /// The headers of this person's requests.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = self.headers.clone();
        if let Some(token) = &self.token {
            headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).expect("a header"));
        }
        headers
    }

    /// A request by this person to any path of the server.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.server.client.request(method, self.server.url(path)).headers(self.headers())
    }

    /// Runs an operation.
    pub async fn run(&self, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        let response = self.request(reqwest::Method::POST, "/graphql").json(&body).send().await;
        Answer::read(response.expect("the server answers")).await
    }

    /// Runs a query without variables.
    pub async fn reads(&self, query: &str) -> Answer {
        self.run(query, json!({})).await
    }

    /// Runs a mutation with its usual selection.
    pub async fn does(&self, name: &str, input: Value) -> Answer {
        self.run(&mutation(name), json!({ "input": input })).await
    }

    /// Subscribes over a new WebSocket.
    pub async fn watches(&self, query: &str, variables: Value) -> Stream {
        Stream::open(self, query, variables).await
    }

    /// Subscribes over server-sent events.
    pub async fn listens(&self, query: &str, variables: Value) -> EventStream {
        EventStream::open(self, query, variables).await
    }

    /// Signs up an account. If granted, this person is its owner from then on.
    pub async fn signs_up(&mut self, account_name: &str, name: &str, email: &str) -> Answer {
        let input = json!({ "accountName": account_name, "name": name, "email": email, "password": PASSWORD, "transport": "TOKEN" });
        let answer = self.does("signUp", input).await;
        self.enter(answer)
    }

    /// Signs in. If granted, this person is that operator from then on.
    pub async fn signs_in(&mut self, email: &str, password: &str) -> Answer {
        let answer = self.does("signIn", json!({ "email": email, "password": password, "transport": "TOKEN" })).await;
        self.enter(answer)
    }

    /// Signs in again: the same operator in another session.
    pub async fn elsewhere(&self) -> Self {
        let mut again = self.server.anonymous();
        again.signs_in(&self.email, PASSWORD).await.granted();
        again
    }

    fn enter(&mut self, answer: Answer) -> Answer {
        if answer.body["errors"].is_null() && answer.is_granted() {
            self.token = Some(answer.token().to_owned());
            self.remember(&answer.payload()["viewer"]);
        }
        answer
    }

    fn remember(&mut self, profile: &Value) {
        let text =
            |field: &str| profile[field].as_str().unwrap_or_else(|| panic!("no {field} in {profile:#}")).to_owned();
        (self.id, self.name, self.email) = (text("id"), text("name"), text("email"));
    }

    pub async fn signs_out(&self) -> Answer {
        self.reads("mutation { signOut { signedOut } }").await
    }

    pub async fn changes_password(&self, from: &str, to: &str) -> Answer {
        self.does("changePassword", json!({ "currentPassword": from, "newPassword": to })).await
    }

    pub async fn activates(&self, whom: &Self) -> Answer {
        self.does("activateOperator", json!({ "operatorId": whom.id })).await
    }

    pub async fn deactivates(&self, whom: &Self) -> Answer {
        self.does("deactivateOperator", json!({ "operatorId": whom.id })).await
    }

    pub async fn removes(&self, whom: &Self) -> Answer {
        self.does("removeOperator", json!({ "operatorId": whom.id })).await
    }

    pub async fn swaps(&self, from: &Self, to: &Self) -> Answer {
        self.does("swapSeat", json!({ "fromOperatorId": from.id, "toOperatorId": to.id })).await
    }

    pub async fn hands_over_to(&self, new_owner: &Self) -> Answer {
        self.does("transferOwnership", json!({ "operatorId": new_owner.id })).await
    }

    pub async fn changes_access(&self, whom: &Self, level: &str) -> Answer {
        self.does("changeAccessLevel", json!({ "operatorId": whom.id, "accessLevel": level })).await
    }

    /// Changes a profile; `changes` goes into `UpdateOperatorInput`.
    pub async fn updates(&self, whom: &Self, changes: Value) -> Answer {
        let mut input = changes;
        input["operatorId"] = json!(whom.id);
        // Changing your own address takes the password.
        if whom.id == self.id && input.get("email").is_some() && input.get("currentPassword").is_none() {
            input["currentPassword"] = json!(PASSWORD);
        }
        self.does("updateOperator", input).await
    }

    /// Buys seats on the plan STANDARD.
    pub async fn buys(&self, seats: i32) -> Answer {
        self.does("changePlan", json!({ "plan": "STANDARD", "seats": seats })).await
    }

    /// Buys seats on the plan STANDARD, and deactivates operators in the same step.
    pub async fn changes_plan(&self, seats: i32, deactivated: &[&Self]) -> Answer {
        let ids: Vec<_> = deactivated.iter().map(|person| person.id.as_str()).collect();
        self.does("changePlan", json!({ "plan": "STANDARD", "seats": seats, "deactivateOperatorIds": ids })).await
    }

    /// Sets a photo by a multipart request, as browsers do.
    pub async fn uploads_photo(&self, of: &Self, file: Vec<u8>) -> Answer {
        let operations = json!({ "query": mutation("setOperatorPhoto"), "variables": { "input": { "operatorId": of.id, "photo": null } } });
        let form = Form::new()
            .text("operations", operations.to_string())
            .text("map", json!({ "file": ["variables.input.photo"] }).to_string())
            .part("file", Part::bytes(file).file_name("photo").mime_str("application/octet-stream").expect("a type"));
        let request =
            self.request(reqwest::Method::POST, "/graphql").header("graphql-require-preflight", "1").multipart(form);
        Answer::read(request.send().await.expect("the server answers")).await
    }
}
