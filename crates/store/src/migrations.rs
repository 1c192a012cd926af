//! The schema, as the ordered list of steps that made it.
//!
//! A step that was released is never edited; a change is a new step at the end.
//!
//! **Expand, then contract.** While the nodes of an installation are replaced one by one, those of the previous
//! release go on with the schema of this one. So a step only adds: a table, an index that forbids nothing the
//! previous release writes, a column that may be null or has a default. What the previous release still reads or
//! writes is neither renamed nor dropped nor made stricter; that is for a step of the release after, when
//! nobody uses it any more. A test runs every statement of the previous release on this schema.
//!
//! Such a step says in its name which step a program has to know to go on with it: `needs 4: ...`. Servers that are
//! older still then say at `/readyz` that the schema does not fit them.

use db::Migration;

/// Every step, oldest first.
pub const ALL: &[Migration] = &[
    Migration { version: 1, name: "accounts and sessions", sql: FIRST },
    Migration { version: 2, name: "leases", sql: LEASES },
    Migration { version: 3, name: "signing key rotation", sql: KEY_ROTATION },
    Migration { version: 4, name: "search index", sql: SEARCH_INDEX },
    Migration { version: 5, name: "who did it", sql: ACTORS },
    Migration { version: 6, name: "known places", sql: PLACES },
];

const FIRST: &[&str] = &[
    "create table account (
        id text primary key,
        realm text not null,
        username text not null,
        username_key text not null,
        email text,
        email_key text,
        email_confirmed boolean not null,
        password text,
        permissions text not null,
        administrator boolean not null,
        disabled boolean not null,
        totp_secret bytea,
        totp_last_step bigint not null,
        totp_pending bytea,
        profile text not null,
        version bigint not null,
        created_at bigint not null,
        updated_at bigint not null,
        last_sign_in_at bigint
    )",
    "create unique index account_username on account (realm, username_key)",
    "create unique index account_email on account (realm, email_key)",
    "create index account_created on account (realm, created_at, id)",
    "create index account_administrator on account (realm) where administrator",
    "create table api_key (
        id text primary key,
        account_id text not null references account (id) on delete cascade,
        name text not null,
        digest bytea not null,
        preview text not null,
        permissions text not null,
        last_used_at bigint,
        expires_at bigint,
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create unique index api_key_digest on api_key (digest)",
    "create index api_key_account on api_key (account_id, created_at)",
    "create table setting (
        realm text not null,
        name text not null,
        value text not null,
        primary key (realm, name)
    )",
    "create table backup_code (
        account_id text not null references account (id) on delete cascade,
        digest bytea not null,
        sealed bytea not null,
        primary key (account_id, digest)
    )",
    "create table session (
        id text primary key,
        realm text not null,
        account_id text not null references account (id) on delete cascade,
        mount text not null,
        generation bigint not null,
        address text not null,
        user_agent text not null,
        created_at bigint not null,
        rotated_at bigint not null,
        expires_at bigint not null,
        ended_at bigint,
        ended_reason text
    )",
    "create index session_account on session (account_id, created_at)",
    "create index session_expiry on session (expires_at)",
    "create index session_ended on session (ended_at) where ended_at is not null",
    "create index session_rotated on session (rotated_at) where generation > 0",
    "create table one_time_token (
        digest bytea primary key,
        kind text not null,
        realm text not null,
        account_id text references account (id) on delete cascade,
        slot text not null,
        payload text not null,
        tries_left bigint not null,
        created_at bigint not null,
        expires_at bigint not null
    )",
    "create unique index one_time_token_slot on one_time_token (slot)",
    "create index one_time_token_account on one_time_token (account_id)",
    "create index one_time_token_expiry on one_time_token (expires_at)",
    "create table throttle (
        id text primary key,
        empty_at bigint not null
    )",
    "create index throttle_empty on throttle (empty_at)",
    "create table event (
        sequence bigint generated always as identity primary key,
        at bigint not null,
        kind text not null,
        realm text not null,
        account_id text,
        session_id text,
        address text not null,
        detail text not null
    )",
    "create index event_account on event (account_id, sequence)",
    "create index event_at on event (at)",
    "create table outbox (
        id text primary key,
        realm text not null,
        kind text not null,
        recipient text not null,
        sealed bytea,
        created_at bigint not null,
        next_attempt_at bigint not null,
        attempts bigint not null,
        sent_at bigint,
        failed_at bigint,
        last_error text not null
    )",
    "create index outbox_due on outbox (next_attempt_at) where sent_at is null and failed_at is null",
    "create index outbox_created on outbox (created_at)",
    "create table signing_key (
        id text primary key,
        realm text not null,
        mount text not null,
        algorithm text not null,
        sealed bytea not null,
        created_at bigint not null,
        retired_at bigint
    )",
    "create index signing_key_mount on signing_key (realm, mount, created_at)",
];

const LEASES: &[&str] = &[
    "create table lease (
        name text primary key,
        holder text not null,
        until bigint not null
    )",
    "alter table session add column refreshes_empty_at bigint",
];

const KEY_ROTATION: &[&str] = &[
    "alter table signing_key add column signs_from bigint",
    "alter table signing_key add column accepted_until bigint",
    "create table root_secret (
        id bigint primary key,
        wrapped bytea not null,
        changed_at bigint not null
    )",
];

// See `search_index`. Deleting an account is all that anybody has to do: its row here stays without it, and whoever
// indexes then knows what to throw away.
const SEARCH_INDEX: &[&str] = &[
    "alter table account add column indexed_version bigint",
    "create index account_unindexed on account (created_at, id) \
     where indexed_version is null or indexed_version <> version",
    "create table indexed_account (
        number bigint primary key,
        account_id text references account (id) on delete set null,
        realm text not null,
        name_key text not null,
        mentioned text not null
    )",
    "create unique index indexed_account_of on indexed_account (account_id)",
    "create index indexed_account_gone on indexed_account (number) where account_id is null",
    "create table name_suffix (
        realm text not null,
        suffix bytea not null,
        number bigint not null,
        primary key (realm, suffix, number)
    )",
    "create table mention (
        mentioned text not null,
        number bigint not null,
        primary key (mentioned, number)
    )",
    // Invites are few, the tokens of accounts are not.
    "create index one_time_token_of_nobody on one_time_token (realm, kind, created_at) where account_id is null",
];

// Whoever looks for events names a realm, kinds or an account, and gets the newest: each is one range of an index.
const ACTORS: &[&str] =
    &["alter table event add column actor text", "create index event_kind on event (realm, kind, sequence)"];

// Where sessions were opened (`model::place`). None for those from before: such a place is known again once somebody
// signs in there.
const PLACES: &[&str] = &[
    "alter table session add column place text",
    "create index session_place on session (account_id, place) where place is not null",
];
