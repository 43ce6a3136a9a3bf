//! Rebuilds the search keys after the folding of text has changed.

use entity::{OperatorId, operator};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::search_key_of;
use crate::app::App;

/// Number of rows that are read at once.
const PAGE: u64 = 500;

/// Updates the search key of every row. Until then, rows of the previous version are found by their
/// old keys.
///
/// One transaction for each row, and only if the row has not changed since it was read, so no
/// account has to be locked.
pub async fn refold(app: &App) -> anyhow::Result<()> {
    let mut after: Option<OperatorId> = None;
    loop {
        let mut select = operator::Entity::find().order_by_asc(operator::Column::Id).limit(PAGE);
        if let Some(after) = after {
            select = select.filter(operator::COLUMN.id.gt(after));
        }
        let rows = select.all(app.db()).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        for row in &rows {
            let key = search_key_of(&row.name, row.public_name.as_deref());
            if key == row.search_key {
                continue;
            }
            let work = app.begin().await?;
            operator::Entity::update_many()
                .col_expr(operator::Column::SearchKey, Expr::value(key))
                .filter(operator::COLUMN.id.eq(row.id))
                .filter(operator::COLUMN.search_key.eq(row.search_key.as_str()))
                .exec(&*work)
                .await?;
            work.commit().await?;
        }
    }
}
