//! Conversations. A unique index allows one for each visitor that is not closed.
//!
//! The indexes are on null columns and not on the status: a planner uses them for a statement with
//! parameters as well. A constraint keeps status and `closed_at` equal.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, integer, integer_null, string_len, string_len_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

fn table() -> TableCreateStatement {
    let is_closed = Expr::col("status").eq("closed").eq(Expr::col("closed_at").is_not_null());
    Table::create()
        .table("conversation")
        .col(uuid("id").primary_key())
        .col(uuid("account_id"))
        .col(uuid("visitor_id"))
        .col(string_len("status", 16))
        .col(uuid_null("assignee_id"))
        .col(timestamp_with_time_zone("started_at"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .col(string_len_null("closed_by", 16))
        .col(timestamp_with_time_zone_null("waiting_since"))
        .col(integer("last_sequence").default(0))
        .col(big_integer("revision").default(0))
        .col(big_integer("visitor_revision").default(0))
        .col(integer_null("last_message_sequence"))
        .col(timestamp_with_time_zone("last_activity_at"))
        .col(integer("visitor_messages").default(0))
        .col(integer("operator_messages").default(0))
        .col(integer("visitor_read_up_to").default(0))
        .col(integer("visitor_read_operator_messages").default(0))
        .col(integer("operator_read_up_to").default(0))
        .col(big_integer("text_bytes").default(0))
        .col(string_len_null("page_url", 512))
        .col(string_len_null("page_title", 200))
        .col(string_len_null("page_referrer", 512))
        .check(Check::named("conversation_closed_check", is_closed))
        .foreign_key(
            ForeignKey::create()
                .name("conversation_visitor_id_fkey")
                .from("conversation", "visitor_id")
                .to("visitor", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn indexes() -> [IndexCreateStatement; 8] {
    let index = |name: &'static str, columns: &[&'static str]| {
        let mut index = Index::create().name(name).table("conversation").to_owned();
        for column in columns {
            index.col(*column);
        }
        index
    };
    let is_open = || Expr::col("closed_at").is_null();
    let is_closed = || Expr::col("closed_at").is_not_null();
    [
        index("conversation_open_key", &["visitor_id"]).unique().and_where(is_open()).to_owned(),
        // Lists read waiting, other open and closed conversations, each from its own index, so that
        // a few open ones are found among any number of closed ones.
        index("conversation_waiting_idx", &["account_id", "waiting_since", "id"])
            .and_where(Expr::col("waiting_since").is_not_null())
            .to_owned(),
        index("conversation_open_idx", &["account_id", "last_activity_at", "id"]).and_where(is_open()).to_owned(),
        index("conversation_closed_idx", &["account_id", "last_activity_at", "id"]).and_where(is_closed()).to_owned(),
        index("conversation_closed_assignee_idx", &["account_id", "assignee_id", "last_activity_at", "id"])
            .and_where(is_closed().and(Expr::col("assignee_id").is_not_null()))
            .to_owned(),
        // For returning to the queue what a seat was taken away from.
        index("conversation_open_assignee_idx", &["assignee_id"])
            .and_where(is_open().and(Expr::col("assignee_id").is_not_null()))
            .to_owned(),
        index("conversation_silence_idx", &["last_activity_at"]).and_where(is_open()).to_owned(),
        index("conversation_visitor_id_idx", &["visitor_id", "started_at"]),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        // A process that ends between the statements leaves no table behind, on SQLite neither.
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(table()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("conversation").to_owned()).await
    }
}
