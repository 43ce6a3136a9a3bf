//! Messages, in the order of their sequence. Two unique indexes make a repeated send find its first
//! message: over all conversations of a visitor, and in one conversation for an operator.
//!
//! A client's id of a send is stored as bytes: it may contain U+0000, which PostgreSQL accepts in
//! no text.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, blob_null, integer, string_len, string_len_null, text_null, timestamp_with_time_zone, uuid,
        uuid_null,
    },
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

fn table() -> TableCreateStatement {
    Table::create()
        .table("message")
        .col(uuid("conversation_id"))
        .col(integer("sequence"))
        .col(uuid("id"))
        .col(uuid("account_id"))
        .col(string_len("author", 16))
        .col(uuid_null("visitor_id"))
        .col(uuid_null("operator_id"))
        .col(uuid_null("participation_id"))
        .col(blob_null("client_message_id"))
        .col(text_null("text"))
        .col(string_len_null("event", 16))
        .col(timestamp_with_time_zone("sent_at"))
        .col(integer("visitor_messages"))
        .col(integer("operator_messages"))
        .col(big_integer("revision"))
        .col(big_integer("visitor_revision"))
        .primary_key(Index::create().name("message_pkey").col("conversation_id").col("sequence"))
        .foreign_key(
            ForeignKey::create()
                .name("message_conversation_id_fkey")
                .from("message", "conversation_id")
                .to("conversation", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn indexes() -> [IndexCreateStatement; 3] {
    let index = |name: &'static str| Index::create().name(name).table("message").to_owned();
    let has = |column: &'static str| Expr::col(column).is_not_null();
    [
        index("message_visitor_key")
            .col("visitor_id")
            .col("client_message_id")
            .unique()
            .and_where(has("visitor_id"))
            .to_owned(),
        // Events about an operator have no id of a client.
        index("message_operator_key")
            .col("conversation_id")
            .col("operator_id")
            .col("client_message_id")
            .unique()
            .and_where(has("operator_id").and(has("client_message_id")))
            .to_owned(),
        index("message_revision_idx").col("conversation_id").col("revision").to_owned(),
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
        manager.drop_table(Table::drop().table("message").to_owned()).await
    }
}
