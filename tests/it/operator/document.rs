//! Documents with several fields.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_field_that_fails_does_not_affect_its_siblings() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (bob, cy) = (acme.limited("bob").await, acme.inactive("cy").await);

    let query = "mutation($me: ID!, $other: ID!) {
        forbidden: activateOperator(input: { operatorId: $other }) { operator { name } userErrors { __typename } }
        granted: updateOperator(input: { operatorId: $me, name: \"Robert\" }) { operator { name } userErrors { __typename } }
    }";
    let answer = bob.run(query, json!({ "me": bob.id, "other": cy.id })).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.codes(), ["FORBIDDEN"]);
    assert_eq!(answer.body["errors"][0]["path"], json!(["forbidden"]));
    assert_eq!(
        answer.body["data"],
        json!({ "forbidden": null, "granted": { "operator": { "name": "Robert" }, "userErrors": [] } })
    );
    assert_eq!(app.db_operator(&bob).await.name, "Robert");
    assert!(!app.db_operator(&cy).await.is_active());
}

#[tokio::test]
async fn mutations_of_one_document_happen_in_their_order() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let people = acme.profiles(2).await;

    let query = "mutation($a: ID!, $b: ID!) {
        one: activateOperator(input: { operatorId: $a }) { userErrors { __typename } }
        two: activateOperator(input: { operatorId: $b }) { userErrors { __typename } }
        three: deactivateOperator(input: { operatorId: $a }) { userErrors { __typename } }
        four: activateOperator(input: { operatorId: $b }) { userErrors { __typename } operator { isActive } }
    }";
    let answer = acme.owner.run(query, json!({ "a": people[0].id, "b": people[1].id })).await;

    let expected = json!({
        "one": { "userErrors": [] }, "two": { "userErrors": [{ "__typename": "SeatLimitReached" }] },
        "three": { "userErrors": [] }, "four": { "userErrors": [], "operator": { "isActive": true } }
    });
    assert_eq!(answer.data(), &expected);
}
