//! Authentication, and the end of sessions.

use serde_json::{Value as Json, json};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{
    super::toy::{ADA, TestServer},
    socket::{ada, connect, next, stranger},
};

#[tokio::test]
async fn the_session_comes_from_the_init_the_header_or_the_cookie() {
    for server in TestServer::each_writer(|_| {}).await {
        let who = async |headers: &[(&'static str, String)], init: Json| {
            let mut socket = connect(&server, headers).await.expect("a socket");
            socket.say(&json!({"type": "connection_init", "payload": init})).await;
            match socket.frame().await {
                Message::Text(_) => {}
                Message::Close(Some(close)) => return json!(u16::from(close.code)),
                other => panic!("{other:?}"),
            }
            socket.ask("1", "{ who { token } }").await;
            socket.next().await["payload"]["data"]["who"]["token"].clone()
        };
        let cookie = ("cookie", format!("toy_session={ADA}"));
        let header = ("authorization", format!("Bearer {ADA}"));
        let foreign = ("origin", "https://shop.example.com".to_owned());
        let own = ("origin", "https://chat.example.org".to_owned());
        let token = json!({"authorization": format!("Bearer {ADA}")});
        assert_eq!(who(&[], json!({})).await, Json::Null);
        assert_eq!(who(&[], token.clone()).await, ADA);
        assert_eq!(who(std::slice::from_ref(&header), json!({})).await, ADA);
        assert_eq!(who(std::slice::from_ref(&cookie), json!({})).await, ADA);
        assert_eq!(who(&[cookie.clone(), own.clone()], json!({})).await, ADA);
        assert_eq!(who(&[cookie.clone(), foreign.clone()], json!({})).await, Json::Null, "cross-site hijacking");
        assert_eq!(who(std::slice::from_ref(&own), token.clone()).await, ADA);
        assert_eq!(who(std::slice::from_ref(&foreign), token.clone()).await, 4403);
        let mut socket = connect(&server, std::slice::from_ref(&foreign)).await.expect("a socket");
        socket.say(&json!({"type": "connection_init", "payload": token})).await;
        let reason = "Open https://chat.example.org, or add this page's origin to TOY_ALLOWED_ORIGINS.";
        assert_eq!(socket.closed().await, (4403, reason.to_owned()));
        match connect(&server, &[header, foreign]).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403),
            other => panic!("{:?}", other.map(|_| ())),
        }
    }
}

#[tokio::test]
async fn signing_out_is_answered_and_then_ends_the_socket() {
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = ada(&server).await;
        let mut other = ada(&server).await;
        other.ask("s", "subscription { quiet }").await;
        assert_eq!(other.next().await["type"], "next");
        socket.ask("1", "mutation { signOut }").await;
        assert_eq!(socket.next().await, next("1", &json!({"signOut": true})));
        assert_eq!(socket.next().await, json!({"type": "complete", "id": "1"}));
        assert_eq!(socket.closed().await, (4403, "You signed out".to_owned()));
        assert_eq!(other.closed().await, (4403, "You signed out".to_owned()));
        let mut stranger = stranger(&server).await;
        stranger.ask("1", "{ hello }").await;
        assert_eq!(stranger.next().await["type"], "next");
    }
}
