//! Accounts: signing up, and that each sees its own rows only.

use insta::assert_json_snapshot;

use crate::support::TestApp;

#[tokio::test]
async fn whoever_signs_up_owns_an_account_on_the_free_plan_and_is_active() {
    let app = TestApp::start().await;
    let mut ada = app.stranger();

    let answer = ada.signs_up("Acme & Söhne", "Ada", "Ada@Acme.example").await.granted();

    assert_json_snapshot!(answer.payload(), { ".token" => "[token]", ".**.id" => "[id]", ".account.widgetKey" => "[key]" }, @r#"
    {
      "account": {
        "id": "[id]",
        "name": "Acme & Söhne",
        "plan": {
          "code": "FREE"
        },
        "seats": {
          "free": 0,
          "limit": 1,
          "used": 1
        },
        "widgetKey": "[key]"
      },
      "token": "[token]",
      "userErrors": [],
      "viewer": {
        "accessLevel": "FULL",
        "description": null,
        "email": "Ada@Acme.example",
        "id": "[id]",
        "isActive": true,
        "isOwner": true,
        "name": "Ada",
        "publicName": "Ada"
      }
    }
    "#);
    let key = answer.text("signUp.account.widgetKey");
    assert!(key.starts_with("wk_"), "{key}");
}
