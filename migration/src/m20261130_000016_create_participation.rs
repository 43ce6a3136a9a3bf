//! Operators in conversations: when they took part and what visitors saw of them, how far they have
//! read, and their notes.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, integer, integer_null, string_len, string_len_null, text, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid,
    },
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

fn of_conversation(name: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(name)
        .from(table, "conversation_id")
        .to("conversation", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn tables() -> [TableCreateStatement; 3] {
    let participation = Table::create()
        .table("participation")
        .col(uuid("id").primary_key())
        .col(uuid("account_id"))
        .col(uuid("conversation_id"))
        .col(uuid("operator_id"))
        .col(timestamp_with_time_zone("joined_at"))
        .col(integer("joined_sequence"))
        .col(timestamp_with_time_zone_null("left_at"))
        .col(string_len("card_key", 64))
        .col(string_len("public_name", 100))
        .col(string_len_null("description", 200))
        .col(string_len_null("photo_hash", 64))
        .col(integer_null("photo_side"))
        .foreign_key(&mut of_conversation("participation_conversation_id_fkey", "participation"))
        .to_owned();
    let mark = Table::create()
        .table("conversation_mark")
        .col(uuid("conversation_id"))
        .col(uuid("operator_id"))
        .col(uuid("account_id"))
        .col(integer("read_up_to"))
        .col(integer("visitor_messages"))
        .primary_key(Index::create().name("conversation_mark_pkey").col("conversation_id").col("operator_id"))
        .foreign_key(&mut of_conversation("conversation_mark_conversation_id_fkey", "conversation_mark"))
        .to_owned();
    let note = Table::create()
        .table("note")
        .col(uuid("id").primary_key())
        .col(uuid("account_id"))
        .col(uuid("conversation_id"))
        .col(uuid("operator_id"))
        .col(text("text"))
        .col(timestamp_with_time_zone("created_at"))
        .col(big_integer("revision"))
        .foreign_key(&mut of_conversation("note_conversation_id_fkey", "note"))
        .to_owned();
    [participation, mark, note]
}

fn indexes() -> [IndexCreateStatement; 5] {
    let takes_part = || Expr::col("left_at").is_null();
    [
        Index::create()
            .name("participation_present_key")
            .table("participation")
            .col("conversation_id")
            .col("operator_id")
            .unique()
            .and_where(takes_part())
            .to_owned(),
        Index::create().name("participation_operator_id_idx").table("participation").col("operator_id").to_owned(),
        // For returning to the queue what a seat was taken away from.
        Index::create()
            .name("participation_present_idx")
            .table("participation")
            .col("operator_id")
            .and_where(takes_part())
            .to_owned(),
        Index::create()
            .name("participation_conversation_id_idx")
            .table("participation")
            .col("conversation_id")
            .to_owned(),
        Index::create().name("note_revision_idx").table("note").col("conversation_id").col("revision").to_owned(),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        // A process that ends between the statements leaves no table behind, on SQLite neither.
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["note", "conversation_mark", "participation"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
