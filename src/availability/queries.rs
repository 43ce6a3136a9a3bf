//! The reads of availability.

use entity::{AccountId, account, availability, operator};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};
use uuid::Uuid;

use super::{Card, State, is_available};
use crate::page;

/// The maximum number of cards in a state.
const MAX_CARDS: usize = page::MAX as usize;

/// The state that visitors of an account see now; `None` if the account does not exist.
///
/// The version is read before the operators. So the state may be newer than its version, and is
/// then sent again, but it is never older.
pub async fn current(db: &impl ConnectionTrait, account_id: AccountId) -> Result<Option<State>, DbErr> {
    let of_account = account::Entity::find_by_id(account_id)
        .select_only()
        .expr_as(counted(), "version")
        .column(account::Column::IsChatEnabled);
    let Some((version, is_chat_enabled)) = of_account.into_tuple::<(i32, bool)>().one(db).await? else {
        return Ok(None);
    };
    let shown = |row: &operator::Model| is_available(row.into());
    Ok(Some(State { version, is_chat_enabled, cards: list_cards(db, account_id, shown).await? }))
}

/// The cards of the first operators that visitors are shown. Operators with a seat and a password
/// are read page by page until there are enough, since `is_shown` may depend on more than the
/// database can filter by.
async fn list_cards(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    is_shown: impl Fn(&operator::Model) -> bool,
) -> Result<Vec<Card>, DbErr> {
    let mut cards = Vec::new();
    let mut after = None;
    loop {
        let mut select = operator::Entity::find()
            .filter(operator::COLUMN.account_id.eq(account_id))
            .filter(operator::COLUMN.activated_at.is_not_null())
            .filter(operator::COLUMN.password_hash.is_not_null())
            .order_by_asc(operator::Column::Id)
            .limit(u64::from(page::MAX));
        if let Some(after) = after {
            select = select.filter(operator::COLUMN.id.gt(after));
        }
        let candidates = select.all(db).await?;
        after = candidates.last().map(|row| row.id);
        let is_last = candidates.len() < MAX_CARDS;
        cards.extend(candidates.into_iter().filter(&is_shown).map(Card::from));
        if is_last || cards.len() >= MAX_CARDS {
            cards.truncate(MAX_CARDS);
            return Ok(cards);
        }
    }
}

/// The availability versions of these accounts, for a server that may have missed changes.
pub async fn list_versions_any_account(
    db: &impl ConnectionTrait,
    accounts: &[Uuid],
) -> Result<Vec<(Uuid, i64)>, DbErr> {
    let chosen = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .expr_as(counted(), "version")
        .filter(account::Column::Id.is_in(accounts.iter().copied()));
    let versions: Vec<(Uuid, i32)> = chosen.into_tuple().all(db).await?;
    Ok(versions.into_iter().map(|(id, version)| (id, version.into())).collect())
}

/// The availability version of a row of `account`: the greater of the two counters, because a
/// server of the previous version increments only the account's.
pub(super) fn counted() -> SimpleExpr {
    let own = availability::Entity::find()
        .select_only()
        .column(availability::Column::Version)
        .filter(
            Expr::col((availability::Entity, availability::Column::AccountId))
                .equals((account::Entity, account::Column::Id)),
        )
        .into_query();
    let previous = Expr::col((account::Entity, account::Column::AvailabilityVersion));
    Func::greatest([previous.clone(), Func::coalesce([SimpleExpr::from(own), previous]).into()]).into()
}

#[cfg(test)]
mod tests {
    use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, IntoActiveModel as _};

    use super::*;
    use crate::{
        account::rules as accounts,
        app::App,
        config::{Config, Secret},
        input::{EmailAddress, Name},
        operator::rules::{NewProfile, insert},
    };

    /// An account with this number of active operators, whose names are their numbers.
    async fn account_with(app: &App, active: usize) -> account::Model {
        let mut work = app.begin().await.expect("a transaction");
        let account = accounts::open(app, &work, &Name::parse("Acme").expect("a name")).await.expect("an account");
        for number in 0..active {
            let profile = NewProfile {
                name: Name::parse(&number.to_string()).expect("a name"),
                public_name: None,
                email: EmailAddress::parse(&format!("{number}@acme.example")).expect("an address"),
                description: None,
                access_level: operator::AccessLevel::Limited,
                is_owner: false,
                password_hash: Some("none that a password has".to_owned()),
                added_by: None,
            };
            let mut row = insert(app, &mut work, &account, profile).await.expect("added").into_active_model();
            row.activated_at = Set(Some(app.clock.now()));
            row.update(&*work).await.expect("activated");
        }
        work.commit().await.expect("committed");
        account
    }

    #[tokio::test]
    async fn operators_who_are_not_available_take_no_place_of_those_who_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::default();
        config.database.url = Secret::new(format!("sqlite:{}", folder.path().join("cards.db").display()));
        let app = App::start(config).await.expect("the database opens");
        let account = account_with(&app, 2 * MAX_CARDS + 5).await;
        let number = |row: &operator::Model| row.name.parse::<usize>().expect("a number");
        let names = async |is_shown: &dyn Fn(&operator::Model) -> bool| {
            let cards = list_cards(app.db(), account.id, is_shown).await.expect("read");
            cards.into_iter().map(|card| card.public_name).collect::<Vec<_>>()
        };

        let late = names(&|row| number(row) > MAX_CARDS).await;
        assert_eq!(late.first().map(String::as_str), Some("101"));
        assert_eq!(late.len(), MAX_CARDS);
        assert_eq!(names(&|row| number(row) >= 2 * MAX_CARDS + 3).await, ["203", "204"]);
        assert_eq!(names(&|row| number(row) % 2 == 1).await.len(), MAX_CARDS, "of two pages");
        let state = current(app.db(), account.id).await.expect("read").expect("it exists");
        assert_eq!((state.version, state.cards.len()), (1, MAX_CARDS));
    }
}
