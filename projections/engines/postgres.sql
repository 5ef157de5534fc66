-- What only PostgreSQL says so.

-- name: found
-- Two processes that start at once would both find no schema.
SELECT pg_advisory_xact_lock(hashtextextended('projections', 0));

-- name: schema
CREATE SCHEMA IF NOT EXISTS projections;

-- name: swaps
-- Never holds a row. Who reads locks it before the snapshot is taken, who renames tables locks it
-- alone: names are looked up as they are now, rows as they were when the snapshot was taken, so
-- without it a reading that has begun would find the new tables, and none of their rows.
CREATE TABLE IF NOT EXISTS projection_swaps (nothing INTEGER);

-- name: session
SET search_path = projections; SET synchronous_commit = on; SET lock_timeout = '5s';
SET idle_in_transaction_session_timeout = '600s';

-- name: again
-- This commit does not wait for the disk. Never so where tables are made, swapped or dropped; keys
-- that are made before a swap are on the disk when the swap is, whose commit waits.
SET LOCAL synchronous_commit = off;

-- name: read
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; LOCK TABLE projection_swaps IN ACCESS SHARE MODE;

-- name: write
BEGIN ISOLATION LEVEL READ COMMITTED;

-- name: alone
-- Whoever comes to read waits behind us meanwhile, so we do not wait long for those who read.
SET LOCAL lock_timeout = '500ms'; LOCK TABLE projection_swaps IN ACCESS EXCLUSIVE MODE;

-- name: tables
SELECT tablename AS name FROM pg_tables
WHERE schemaname = current_schema() AND starts_with(tablename, :prefix)
ORDER BY tablename COLLATE "C";

-- name: claim
SELECT position FROM projection_positions WHERE name = :name FOR UPDATE SKIP LOCKED;

-- name: tell
NOTIFY projections_moved;

-- name: hear
LISTEN projections_moved;
