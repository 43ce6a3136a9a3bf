//! Lists of conversations: waiting ones first, the longest wait first, then the others, the latest
//! activity first.
//!
//! A list has three parts, and each part has an index in its order. So a page costs the same
//! however many conversations there are, and it stays in place while others move.

use std::{cmp::Ordering, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike as _, Utc};
use entity::{
    AccountId, ConversationId, OperatorId,
    conversation::{self, Column, Status},
    visitor,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Alias, Expr, Order, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

use crate::{
    app::{App, reads::Read},
    page::{Key, PageEnd, Window},
};

/// Totals of lists are counted up to this number.
pub const COUNTED: u64 = 10_000;

/// Which conversations a list shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    pub pending: bool,
    pub open: bool,
    pub closed: bool,
    /// Only those of this operator. An operator that does not exist has none.
    pub assignee: Option<OperatorId>,
}

impl Filter {
    /// All conversations that are not closed.
    pub const NOT_CLOSED: Self = Self { pending: true, open: true, closed: false, assignee: None };

    /// `None` stands for every status.
    #[must_use]
    pub fn of(statuses: Option<&[Status]>, assignee: Option<OperatorId>) -> Self {
        let has = |status| statuses.is_none_or(|statuses| statuses.contains(&status));
        Self { pending: has(Status::Pending), open: has(Status::Open), closed: has(Status::Closed), assignee }
    }

    /// Whether the list shows a conversation.
    #[must_use]
    pub fn shows(&self, row: &conversation::Model) -> bool {
        let has_status = match row.status {
            Status::Pending => self.pending,
            Status::Open => self.open,
            Status::Closed => self.closed,
        };
        has_status && self.assignee.is_none_or(|assignee| row.assignee_id == Some(assignee))
    }
}

/// The place of a conversation in a list. The smaller one comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Waiting { since: DateTime<Utc>, id: ConversationId },
    Other { active_at: DateTime<Utc>, id: ConversationId },
}

impl Place {
    #[must_use]
    pub fn of(row: &conversation::Model) -> Self {
        match row.waiting_since {
            Some(since) => Self::Waiting { since, id: row.id },
            None => Self::Other { active_at: row.last_activity_at, id: row.id },
        }
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Waiting { .. }, Self::Other { .. }) => Ordering::Less,
            (Self::Other { .. }, Self::Waiting { .. }) => Ordering::Greater,
            (Self::Waiting { since, id }, Self::Waiting { since: others, id: other }) => {
                (since, id).cmp(&(others, other))
            }
            (Self::Other { active_at, id }, Self::Other { active_at: others, id: other }) => {
                (others, other).cmp(&(active_at, id))
            }
        }
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Key for Place {
    fn cursor(&self) -> String {
        let (kind, at, id) = match self {
            Self::Waiting { since, id } => (b'w', since, id),
            Self::Other { active_at, id } => (b'o', active_at, id),
        };
        let mut bytes = vec![kind];
        bytes.extend(at.timestamp_micros().to_be_bytes());
        bytes.extend(id.0.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn parse(cursor: &str) -> Option<Self> {
        let bytes = (cursor.len() <= 40).then(|| URL_SAFE_NO_PAD.decode(cursor).ok()).flatten()?;
        let (kind, rest) = bytes.split_first()?;
        let (at, id) = rest.split_first_chunk()?;
        let id = ConversationId(Uuid::from_slice(id).ok()?);
        // Both databases can compare these years.
        let at = DateTime::from_timestamp_micros(i64::from_be_bytes(*at));
        let at = at.filter(|at| (1970..=9999).contains(&at.year()))?;
        match kind {
            b'w' => Some(Self::Waiting { since: at, id }),
            b'o' => Some(Self::Other { active_at: at, id }),
            _ => None,
        }
    }
}

/// A conversation in a list, with its visitor. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub conversation: Arc<conversation::Model>,
    pub visitor: Arc<visitor::Model>,
}

impl Listed {
    #[must_use]
    pub fn place(&self) -> Place {
        Place::of(&self.conversation)
    }
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Those whose visitors wait. They are not closed.
    Waiting,
    /// Others that are not closed.
    Open,
    Closed,
}

/// Where the rows of a part are, as seen from a place.
enum Beyond {
    All,
    None,
    Some(Expr),
}

impl Part {
    const ALL: [Self; 3] = [Self::Waiting, Self::Open, Self::Closed];

    /// The ids of a part, without order. `None` if the filter excludes it.
    fn ids(self, account_id: AccountId, filter: &Filter) -> Option<SelectStatement> {
        let column = conversation::COLUMN;
        let mut select = Query::select();
        select.column(Column::Id).from(conversation::Entity).and_where(column.account_id.eq(account_id));
        match (self, filter.pending, filter.open) {
            (Self::Closed, ..) if !filter.closed => return None,
            (Self::Closed, ..) | (Self::Waiting | Self::Open, true, true) => {}
            (Self::Waiting | Self::Open, true, false) => {
                select.and_where(column.status.eq(Status::Pending));
            }
            (Self::Waiting | Self::Open, false, true) => {
                select.and_where(column.status.eq(Status::Open));
            }
            (Self::Waiting | Self::Open, false, false) => return None,
        }
        match self {
            Self::Waiting => select.and_where(column.waiting_since.is_not_null()),
            Self::Open => select.and_where(column.closed_at.is_null()).and_where(column.waiting_since.is_null()),
            Self::Closed => select.and_where(column.closed_at.is_not_null()),
        };
        if let Some(assignee) = filter.assignee {
            select.and_where(column.assignee_id.eq(assignee));
        }
        Some(select)
    }

    /// The column that orders the part.
    fn time(self) -> Column {
        if self == Self::Waiting { Column::WaitingSince } else { Column::LastActivityAt }
    }

    /// Which rows come after a place, or before it.
    fn beyond(self, place: &Place, is_after: bool) -> Beyond {
        let key = Expr::tuple([Expr::col(self.time()), Expr::col(Column::Id)]);
        let tuple = |at: &DateTime<Utc>, id: &ConversationId| Expr::tuple([Expr::val(*at), Expr::val(id.0)]);
        match (self, place) {
            (Self::Waiting, Place::Waiting { since, id }) if is_after => Beyond::Some(key.gt(tuple(since, id))),
            (Self::Waiting, Place::Waiting { since, id }) => Beyond::Some(key.lt(tuple(since, id))),
            (Self::Waiting, Place::Other { .. }) => {
                if is_after {
                    Beyond::None
                } else {
                    Beyond::All
                }
            }
            (Self::Open | Self::Closed, Place::Waiting { .. }) => {
                if is_after {
                    Beyond::All
                } else {
                    Beyond::None
                }
            }
            (Self::Open | Self::Closed, Place::Other { active_at, id }) if is_after => {
                Beyond::Some(key.lt(tuple(active_at, id)))
            }
            (Self::Open | Self::Closed, Place::Other { active_at, id }) => Beyond::Some(key.gt(tuple(active_at, id))),
        }
    }

    /// The ids of a part that a page may show. `None` if there can be none.
    fn page(self, account_id: AccountId, filter: &Filter, window: &Window<Place>) -> Option<SelectStatement> {
        let mut select = self.ids(account_id, filter)?;
        for (place, is_after) in [(&window.after, true), (&window.before, false)] {
            let Some(place) = place else { continue };
            match self.beyond(place, is_after) {
                Beyond::All => {}
                Beyond::None => return None,
                Beyond::Some(condition) => {
                    select.and_where(condition);
                }
            }
        }
        let is_ascending = (self == Self::Waiting) == (window.from == PageEnd::Start);
        let order = if is_ascending { Order::Asc } else { Order::Desc };
        select.order_by(self.time(), order.clone()).order_by(Column::Id, order).limit(window.limit());
        Some(select)
    }
}

/// The ids of several parts. `None` without a part.
fn all_of(parts: impl Iterator<Item = SelectStatement>) -> Option<SelectStatement> {
    // SQLite accepts the order and the limit of a part only in a subquery.
    let selects =
        parts.map(|part| Query::select().column(Column::Id).from_subquery(part, Alias::new("part")).to_owned());
    selects.reduce(|mut all, part| all.union(UnionType::All, part).to_owned())
}

/// The ids of all conversations that a page may show: more than the page has, if it needs more than
/// one part. `None` if there can be none.
#[must_use]
pub fn ids_of_page(account_id: AccountId, filter: &Filter, window: &Window<Place>) -> Option<SelectStatement> {
    all_of(Part::ALL.into_iter().filter_map(|part| part.page(account_id, filter, window)))
}

/// The ids that a total counts. `None` if there can be none.
#[must_use]
pub fn ids_to_count(account_id: AccountId, filter: &Filter) -> Option<SelectStatement> {
    let parts = Part::ALL.into_iter().filter_map(|part| part.ids(account_id, filter));
    all_of(parts.map(|mut part| part.limit(COUNTED).to_owned()))
}

/// A page of an account's conversations, from the window's end, plus one extra if there are more.
pub async fn list(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    filter: &Filter,
    window: &Window<Place>,
) -> Result<Vec<Listed>, DbErr> {
    let Some(ids) = ids_of_page(account_id, filter, window) else { return Ok(Vec::new()) };
    let rows = conversation::Entity::find()
        .find_also_related(visitor::Entity)
        .filter(conversation::COLUMN.account_id.eq(account_id))
        .filter(Expr::col((conversation::Entity, Column::Id)).in_subquery(ids))
        .all(db)
        .await?;
    let listed = rows.into_iter().filter_map(|(conversation, visitor)| {
        Some(Listed { conversation: Arc::new(conversation), visitor: Arc::new(visitor?) })
    });
    let mut listed: Vec<_> = listed.collect();
    listed.sort_by_key(Listed::place);
    if window.from == PageEnd::End {
        listed.reverse();
    }
    listed.truncate(usize::try_from(window.limit()).unwrap_or(usize::MAX));
    Ok(listed)
}

/// The total number of conversations in a list, counted up to [`COUNTED`].
pub async fn count(db: &impl ConnectionTrait, account_id: AccountId, filter: &Filter) -> Result<i32, DbErr> {
    let Some(ids) = ids_to_count(account_id, filter) else { return Ok(0) };
    let mut count = Query::select();
    count.expr_as(Expr::col(Column::Id).count(), "listed").from_subquery(ids, Alias::new("listed_ids"));
    let row = db.query_one(&count).await?;
    let count: i64 = row.map(|row| row.try_get("", "listed")).transpose()?.unwrap_or_default();
    Ok(i32::try_from(Ord::min(count, COUNTED.cast_signed())).unwrap_or_default())
}

/// [`list`] as a read that can be shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct List(pub AccountId, pub Filter, pub Window<Place>);

impl Read for List {
    type Value = Arc<[Listed]>;

    async fn run(self, app: &App) -> Result<Self::Value, DbErr> {
        Ok(list(app.db(), self.0, &self.1, &self.2).await?.into())
    }
}

/// [`count`] as a read that can be shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Count(pub AccountId, pub Filter);

impl Read for Count {
    type Value = i32;

    async fn run(self, app: &App) -> Result<i32, DbErr> {
        count(app.db(), self.0, &self.1).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(is_waiting: bool, minute: i64, id: u128) -> Place {
        let at = DateTime::from_timestamp(minute * 60, 0).expect("a time");
        let id = ConversationId(Uuid::from_u128(id));
        if is_waiting { Place::Waiting { since: at, id } } else { Place::Other { active_at: at, id } }
    }

    #[test]
    fn the_longest_wait_comes_first_and_then_the_latest_activity() {
        let expected = [
            place(true, 1, 9),
            place(true, 2, 1),
            place(true, 2, 2),
            place(false, 8, 1),
            place(false, 7, 2),
            place(false, 7, 1),
            place(false, 0, 3),
        ];
        let mut sorted = expected;
        sorted.reverse();
        sorted.sort();
        assert_eq!(sorted, expected);
    }

    #[test]
    fn a_cursor_holds_a_place_and_other_texts_hold_none() {
        let places = [place(true, 1, 9), place(false, 30_000_000, u128::MAX)];
        for place in places {
            assert_eq!(Place::parse(&place.cursor()), Some(place));
        }
        let cursor = places[0].cursor();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let with = |kind: u8, micros: i64| encode(&[&[kind][..], &micros.to_be_bytes(), &[7; 16]].concat());
        assert!(Place::parse(&with(b'w', 0)).is_some());
        for wrong in [
            String::new(),
            "'; DROP TABLE conversation; --".to_owned(),
            Uuid::nil().cursor(),
            cursor[1..].to_owned(),
            format!("{cursor}A"),
            format!("{cursor}="),
            with(b'x', 0),
            with(b'w', -1),
            with(b'o', i64::MAX),
            with(b'o', i64::MIN),
            // The year 10000.
            with(b'o', 253_402_300_800_000_000),
        ] {
            assert_eq!(Place::parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn without_statuses_every_status_is_shown_and_with_none_none() {
        let shown = |statuses: Option<&[Status]>| {
            let filter = Filter::of(statuses, None);
            [filter.pending, filter.open, filter.closed]
        };
        assert_eq!(shown(None), [true; 3]);
        assert_eq!(shown(Some(&[])), [false; 3]);
        assert_eq!(shown(Some(&[Status::Closed, Status::Pending, Status::Closed])), [true, false, true]);
    }
}
