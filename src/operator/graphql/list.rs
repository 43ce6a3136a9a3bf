//! A page of operators.

use async_graphql::{Context, Error, Object};
use entity::{AccountId, operator};

use super::Operator;
use crate::{
    graphql::{ContextExt, Scope, page::PageInfo, payload::IntoGraphql},
    operator::queries::{self, Filter},
    page::{Key as _, Window},
};

/// A page of operators.
#[derive(Debug)]
pub struct OperatorConnection {
    rows: Vec<operator::Model>,
    page_info: PageInfo,
    account_id: AccountId,
    filter: Filter,
}

impl OperatorConnection {
    /// Reads the page. The total is counted only if selected.
    pub async fn load(scope: &Scope, account_id: AccountId, filter: Filter, window: &Window) -> Result<Self, Error> {
        let rows =
            scope.read(queries::List(account_id, filter.clone(), *window)).await.map_err(IntoGraphql::into_graphql)?;
        let (rows, bounds) = window.cut(rows, |row| row.id.0);
        Ok(Self { rows, page_info: bounds.into(), account_id, filter })
    }
}

/// A page of operators, in the order they were added.
#[Object]
impl OperatorConnection {
    /// The operators of this page, each with its cursor.
    async fn edges(&self) -> Vec<OperatorEdge> {
        self.rows.iter().cloned().map(OperatorEdge).collect()
    }

    /// The operators of this page.
    async fn nodes(&self) -> Vec<Operator> {
        self.rows.iter().cloned().map(Operator).collect()
    }

    /// The position of this page in the list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// The number of operators on all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        ctx.scope().read(queries::Count(self.account_id, self.filter.clone())).await.map_err(IntoGraphql::into_graphql)
    }
}

/// An operator in a list.
#[derive(Debug)]
pub struct OperatorEdge(operator::Model);

/// An operator in a list, and its cursor.
#[Object]
impl OperatorEdge {
    /// The operator.
    async fn node(&self) -> Operator {
        Operator(self.0.clone())
    }

    /// Cursor for `after` or `before`. Opaque.
    async fn cursor(&self) -> String {
        self.0.id.0.cursor()
    }
}
