-- Every statement that the PostgreSQL store runs, by name. Positions: `after` is exclusive, `until`
-- inclusive, so ranges are half-open and an `as of` position includes itself. `b` after a parameter
-- has it sent in binary.

-- name: snapshot
-- Begin a snapshot and read the head in it; two statements, one round trip.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT s.size, s.root, s.time_us, v.size FROM ledger.state AS s, ledger.visible AS v;

-- name: begin
BEGIN;

-- name: commit
COMMIT;

-- name: rollback
ROLLBACK;

-- name: begin_batch
SELECT * FROM ledger.begin_batch(%(commands)b::text[], %(scopes)b::text[], %(subjects)b::text[]);

-- name: write_batch
SELECT ledger.write_batch(
  %(old_size)b::bigint, %(size)b::bigint, %(root)b, %(time_us)b::bigint,
  %(positions)b::bigint[], %(types)b::text[], %(datas)b::bytea[], %(tag_lists)b::text[],
  %(ids)b::text[], %(times)b::bigint[],
  %(tags)b::text[], %(tag_positions)b::bigint[],
  %(scope_tags)b::text[], %(scope_positions)b::bigint[],
  %(statement_hashes)b::bytea[], %(statement_positions)b::bigint[], %(statements)b::bytea[],
  %(command_ids)b::text[], %(digests)b::bytea[], %(firsts)b::bigint[], %(lasts)b::bigint[],
  %(command_hashes)b::bytea[],
  %(erased)b::text[],
  %(key_subjects)b::text[], %(keys)b::bytea[],
  %(opened)b::text[], %(pointers)b::text[], %(opening_positions)b::bigint[],
  %(subjects)b::text[], %(sealed)b::bytea[],
  %(levels)b::integer[], %(numbers)b::bigint[], %(hashes)b::bytea[]
);

-- name: look
SELECT * FROM ledger.look(%(commands)b::text[], %(scopes)b::text[], %(subjects)b::text[]);

-- name: append_batch
SELECT * FROM ledger.append_batch(
  %(old_size)b::bigint, %(old_root)b::bytea, %(old_time_us)b::bigint,
  %(asked_commands)b::text[], %(guard_tags)b::text[], %(guard_positions)b::bigint[],
  %(asked_subjects)b::text[], %(held_subjects)b::text[], %(held_keys)b::bytea[],
  %(earliest)b::timestamptz, %(latest)b::timestamptz, %(clock)b::timestamptz,
  %(size)b::bigint, %(root)b::bytea, %(time_us)b::bigint,
  %(positions)b::bigint[], %(types)b::text[], %(datas)b::bytea[], %(tag_lists)b::text[],
  %(ids)b::text[], %(times)b::bigint[],
  %(tags)b::text[], %(tag_positions)b::bigint[],
  %(scope_tags)b::text[], %(scope_positions)b::bigint[],
  %(statement_hashes)b::bytea[], %(statement_positions)b::bigint[], %(statements)b::bytea[],
  %(command_ids)b::text[], %(digests)b::bytea[], %(firsts)b::bigint[], %(lasts)b::bigint[],
  %(command_hashes)b::bytea[],
  %(key_subjects)b::text[], %(keys)b::bytea[],
  %(opened)b::text[], %(pointers)b::text[], %(opening_positions)b::bigint[],
  %(subjects)b::text[], %(sealed)b::bytea[],
  %(levels)b::integer[], %(numbers)b::bigint[], %(hashes)b::bytea[]
);

-- name: accept
SELECT ledger.accept(%(size)b::bigint, %(note)b);

-- name: scope_positions
SELECT tag, last_position FROM ledger.scopes WHERE tag = ANY (%(tags)b::text[]);

-- name: tag_position
-- The last position of any tag up to a bound, from the index.
SELECT max(position) FROM ledger.event_tags
WHERE tag = %(tag)b AND position <= %(until)b::bigint;

-- name: match_tagged
-- Positions whose event carries `tag`, all of `others`, and one of `types` if any are given.
SELECT t.position FROM ledger.event_tags AS t
WHERE t.tag = %(tag)b AND t.position > %(after)b::bigint AND t.position <= %(until)b::bigint
  AND NOT EXISTS (
    SELECT 1 FROM unnest(%(others)b::text[]) AS other
    WHERE NOT EXISTS (
      SELECT 1 FROM ledger.event_tags AS u WHERE u.tag = other AND u.position = t.position))
  AND (%(types)b::text[] IS NULL OR EXISTS (
    SELECT 1 FROM ledger.events AS e
    WHERE e.position = t.position AND e.type = ANY (%(types)b::text[])))
ORDER BY t.position LIMIT %(limit)b::bigint;

-- name: match_typed
SELECT position FROM ledger.events
WHERE type = %(type)b AND position > %(after)b::bigint AND position <= %(until)b::bigint
ORDER BY position LIMIT %(limit)b::bigint;

-- name: match_all
SELECT position FROM ledger.events
WHERE position > %(after)b::bigint AND position <= %(until)b::bigint
ORDER BY position LIMIT %(limit)b::bigint;

-- name: entry
SELECT position, type, data, tags, event, time_us FROM ledger.events
WHERE position = %(position)b::bigint AND position <= %(until)b::bigint;

-- name: entries_after
SELECT position, type, data, tags, event, time_us FROM ledger.events
WHERE position > %(after)b::bigint AND position <= %(until)b::bigint
ORDER BY position LIMIT %(limit)b::bigint;

-- name: entries_tagged
SELECT e.position, e.type, e.data, e.tags, e.event, e.time_us
FROM ledger.event_tags AS t JOIN ledger.events AS e ON e.position = t.position
WHERE t.tag = %(tag)b AND t.position > %(after)b::bigint AND t.position <= %(until)b::bigint
ORDER BY t.position LIMIT %(limit)b::bigint;

-- name: event_position
SELECT position FROM ledger.events
WHERE event = %(event)b AND position <= %(until)b::bigint;

-- name: position_at
-- Times never fall with the position, so the greatest position is the last of the greatest time.
SELECT position FROM ledger.events
WHERE time_us <= %(time_us)b::bigint AND position <= %(until)b::bigint
ORDER BY time_us DESC, position DESC LIMIT 1;

-- name: statement
SELECT statement FROM ledger.statements
WHERE sha256 = %(sha256)b AND position <= %(until)b::bigint;

-- name: commands
SELECT id, digest, first, last, statement_sha256 FROM ledger.commands
WHERE id = ANY (%(ids)b::text[]) AND last <= %(until)b::bigint;

-- name: openings
-- With the wrapped key of each one's subject.
SELECT o.event, o.pointer, o.subject, o.sealed, k.wrapped
FROM ledger.openings AS o LEFT JOIN ledger.subject_keys AS k ON k.subject = o.subject
WHERE o.event = ANY (%(events)b::text[]) AND o.position <= %(until)b::bigint
ORDER BY o.event, o.pointer;

-- name: subject_keys
SELECT subject, wrapped FROM ledger.subject_keys WHERE subject = ANY (%(subjects)b::text[]);

-- name: erase_openings
DELETE FROM ledger.openings WHERE subject = %(subject)b;

-- name: erase_key
DELETE FROM ledger.subject_keys WHERE subject = %(subject)b;

-- name: tile
SELECT hashes FROM ledger.tiles
WHERE level = %(level)b::integer AND number = %(number)b::bigint;

-- name: checkpoint
SELECT c.size, c.root, n.note FROM ledger.checkpoints AS c LEFT JOIN ledger.notes AS n USING (size)
WHERE c.size = %(size)b::bigint AND c.size <= %(until)b::bigint;

-- name: checkpoint_covering
-- That of the batch in which a position was committed, if the register has accepted it.
SELECT c.size, c.root, n.note FROM ledger.checkpoints AS c JOIN ledger.notes AS n USING (size)
WHERE n.size >= %(position)b::bigint AND n.size <= %(until)b::bigint ORDER BY n.size LIMIT 1;

-- name: last_checkpoint
SELECT c.size, c.root, n.note FROM ledger.checkpoints AS c LEFT JOIN ledger.notes AS n USING (size)
WHERE c.size <= %(until)b::bigint ORDER BY c.size DESC LIMIT 1;

-- name: keep_cosignature
-- A witness that signs the same size again says a newer time; the newest stays.
INSERT INTO ledger.cosignatures AS known (size, witness, time_s, line)
VALUES (%(size)b::bigint, %(witness)b, %(time_s)b::bigint, %(line)b)
ON CONFLICT (size, witness) DO UPDATE SET time_s = excluded.time_s, line = excluded.line
WHERE excluded.time_s >= known.time_s;

-- name: cosignatures
SELECT size, witness, time_s, line FROM ledger.cosignatures
WHERE size = %(size)b::bigint AND size <= %(until)b::bigint ORDER BY time_s, witness;

-- name: cosigned_sizes
-- Newest first.
SELECT DISTINCT size FROM ledger.cosignatures
WHERE size >= %(least)b::bigint AND size <= %(until)b::bigint
ORDER BY size DESC LIMIT %(limit)b::bigint;

-- name: cosigned_by
SELECT coalesce(max(size), 0) FROM ledger.cosignatures
WHERE witness = %(witness)b AND size <= %(until)b::bigint;

-- name: log_end
SELECT coalesce(max(position), 0) FROM ledger.events;

-- name: session
-- What was answered is on disk, also where the server's own setting says otherwise.
SELECT set_config('synchronous_commit',
  CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
  ELSE current_setting('synchronous_commit') END, false);

-- name: has_schema
SELECT to_regnamespace('ledger') IS NOT NULL, to_regclass('ledger.migrations') IS NOT NULL;

-- name: migrations_done
SELECT name FROM ledger.migrations;

-- name: migrations_lock
-- One migrating process at a time.
SELECT pg_advisory_xact_lock(%(key)b::bigint);

-- name: migrations_begin
CREATE SCHEMA IF NOT EXISTS ledger;
CREATE TABLE IF NOT EXISTS ledger.migrations (
  name text PRIMARY KEY,
  ran_at timestamptz NOT NULL DEFAULT now()
);

-- name: migration_done
INSERT INTO ledger.migrations (name) VALUES (%(name)b);

-- name: lock_head
SELECT size FROM ledger.state WHERE id = 1 FOR UPDATE;

-- name: listen
LISTEN linernotes_visible;

-- name: take_role
SELECT pg_try_advisory_lock(%(key)b::bigint);

-- name: ping
SELECT 1;
