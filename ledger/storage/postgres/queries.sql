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

-- name: look
-- What a batch stands on: the state row, the visible head, the clock; those of the commands that are
-- known, how far the scopes have moved, the subjects' wrapped keys; and the edge of the tree, which is
-- the last tile of each level (seven levels are those of 2^56 entries), NULL where there is none.
--
-- Whoever asks has taken the lock by a statement before this one, which so sees all that the writers
-- before us have done. Each tile is looked up by its key: see `append_batch`.
SELECT s.size, s.root, s.time_us, v.size, clock_timestamp(),
  c.ids, c.digests, c.firsts, c.lasts, c.hashes, m.tags, m.positions, k.subjects, k.wrapped
  -- [edge]
  , e.levels, e.tiles
  -- [end]
FROM ledger.state AS s, ledger.visible AS v,
  (SELECT array_agg(id) AS ids, array_agg(digest) AS digests, array_agg(first) AS firsts,
      array_agg(last) AS lasts, array_agg(statement_sha256) AS hashes
    FROM ledger.commands WHERE id = ANY (%(commands)b::text[])) AS c,
  (SELECT array_agg(tag) AS tags, array_agg(last_position) AS positions
    FROM ledger.scopes WHERE tag = ANY (%(scopes)b::text[])) AS m,
  (SELECT array_agg(subject) AS subjects, array_agg(wrapped) AS wrapped
    FROM ledger.subject_keys WHERE subject = ANY (%(subjects)b::text[])) AS k
  -- [edge]
  , LATERAL (SELECT array_agg(l.level) AS levels,
      array_agg((SELECT t.hashes FROM ledger.tiles AS t
        WHERE t.level = l.level AND t.number = s.size >> 8 * (l.level + 1))) AS tiles
    FROM generate_series(0, 6) AS l (level)) AS e
  -- [end]
WHERE s.id = 1 AND v.id = 1;

-- name: append_batch
-- Write a batch and move the head, if all that it took for granted is so; one row if it is, else
-- none, and nothing is written.
--
-- What it took for granted: the state row; that no asked command is known; that no scope has moved
-- beyond its guard's position; that the subjects of its openings have the keys in `asked_keys`, or
-- none where that is NULL; that its decisions are within a minute of the clock.
--
-- A statement sees what was committed before it began, which may be before the lock was ours. But
-- the row of the head is changed by whoever writes to the log, so where it is still as it was taken
-- to be, so is the log. Keys alone go without a move of the head: who asks for some takes the lock
-- by a statement before this one.
--
-- Plans are kept from when the tables were small, and none may scan one that has grown since: so
-- what is asked of a table is counted, or looked up by its key. The tables of every batch are
-- written by one statement, for each costs more to begin and to end than the few rows take. So does
-- a part of it that has nothing to do: what stands between [openings] and [end] is left out where a
-- batch seals none.
WITH
  moved AS (UPDATE ledger.state AS s
    SET size = %(size)b::bigint, root = %(root)b::bytea, time_us = %(time_us)b::bigint
    WHERE s.id = 1 AND s.size = %(old_size)b::bigint AND s.root = %(old_root)b::bytea
      AND s.time_us = %(old_time_us)b::bigint
      AND %(earliest)b::timestamptz
        >= coalesce(%(clock)b::timestamptz, clock_timestamp()) - interval '60 seconds'
      AND %(latest)b::timestamptz
        <= coalesce(%(clock)b::timestamptz, clock_timestamp()) + interval '60 seconds'
      AND 0 = (SELECT count(*) FROM ledger.commands AS c
        WHERE c.id = ANY (%(asked_commands)b::text[]))
      AND 0 = (SELECT count(*)
        FROM unnest(%(guard_tags)b::text[], %(guard_positions)b::bigint[]) AS g (tag, position)
        WHERE g.position < (SELECT s.last_position FROM ledger.scopes AS s WHERE s.tag = g.tag))
      -- [openings]
      AND 0 = (SELECT count(*)
        FROM unnest(%(asked_subjects)b::text[], %(asked_keys)b::bytea[]) AS a (subject, wrapped)
        WHERE a.wrapped IS DISTINCT FROM
          (SELECT k.wrapped FROM ledger.subject_keys AS k WHERE k.subject = a.subject))
      -- [end]
    RETURNING 1),
  events AS (INSERT INTO ledger.events (position, type, data, tags, event, time_us)
    SELECT unnest(%(positions)b::bigint[]), unnest(%(types)b::text[]),
      unnest(%(datas)b::bytea[]), unnest(%(tag_lists)b::text[]),
      unnest(%(ids)b::text[]), unnest(%(times)b::bigint[]) FROM moved),
  event_tags AS (INSERT INTO ledger.event_tags (tag, position)
    SELECT unnest(%(tags)b::text[]), unnest(%(tag_positions)b::bigint[]) FROM moved),
  scopes AS (INSERT INTO ledger.scopes AS s (tag, last_position)
    SELECT unnest(%(scope_tags)b::text[]), unnest(%(scope_positions)b::bigint[]) FROM moved
    ON CONFLICT (tag) DO UPDATE SET last_position = excluded.last_position),
  -- The same bytes are kept once.
  statements AS (INSERT INTO ledger.statements (sha256, position, statement)
    SELECT unnest(%(statement_hashes)b::bytea[]), unnest(%(statement_positions)b::bigint[]),
      unnest(%(statements)b::bytea[]) FROM moved
    ON CONFLICT (sha256) DO NOTHING),
  commands AS (INSERT INTO ledger.commands (id, digest, first, last, statement_sha256)
    SELECT unnest(%(command_ids)b::text[]), unnest(%(digests)b::bytea[]),
      unnest(%(firsts)b::bigint[]), unnest(%(lasts)b::bigint[]),
      unnest(%(command_hashes)b::bytea[]) FROM moved),
  -- [openings]
  subject_keys AS (INSERT INTO ledger.subject_keys (subject, wrapped)
    SELECT unnest(%(key_subjects)b::text[]), unnest(%(keys)b::bytea[]) FROM moved),
  openings AS (INSERT INTO ledger.openings (event, pointer, position, subject, sealed)
    SELECT unnest(%(opened)b::text[]), unnest(%(pointers)b::text[]),
      unnest(%(opening_positions)b::bigint[]), unnest(%(subjects)b::text[]),
      unnest(%(sealed)b::bytea[]) FROM moved),
  -- [end]
  tiles AS (INSERT INTO ledger.tiles (level, number, hashes)
    SELECT unnest(%(levels)b::integer[]), unnest(%(numbers)b::bigint[]),
      unnest(%(hashes)b::bytea[]) FROM moved
    ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes),
  checkpoints AS (INSERT INTO ledger.checkpoints (size, root)
    SELECT %(size)b::bigint, %(root)b::bytea FROM moved)
SELECT 1 FROM moved;

-- name: accept
-- Keep an accepted checkpoint, move the visible head to it, only forward, and tell who listens.
-- Not synchronized to disk: if this is lost, the register still knows.
WITH
  lightly AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
  notes AS (INSERT INTO ledger.notes (size, note) VALUES (%(size)b::bigint, %(note)b::text)
    ON CONFLICT (size) DO NOTHING),
  moved AS (UPDATE ledger.visible SET size = %(size)b::bigint
    WHERE id = 1 AND size < %(size)b::bigint RETURNING size)
SELECT lightly.*, pg_notify('linernotes_visible', moved.size::text) FROM lightly, moved;

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

-- name: clock
-- Microseconds since 1970; not the snapshot's own time, which is that of its begin.
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

-- name: position_at
-- Times never fall with the position, so the greatest position is the last of the greatest time.
SELECT position FROM ledger.events
WHERE time_us <= %(time_us)b::bigint AND position <= %(until)b::bigint
ORDER BY time_us DESC, position DESC LIMIT 1;

-- name: statement
-- By its hash alone, wherever the entry is that follows from it.
SELECT statement FROM ledger.statements
WHERE sha256 = %(sha256)b AND position <= %(until)b::bigint;

-- name: commands
SELECT id, digest, first, last, statement_sha256 FROM ledger.commands
WHERE id = ANY (%(ids)b::text[]) AND last <= %(until)b::bigint;

-- name: answered
SELECT id, first FROM ledger.commands
WHERE id > %(after)b::text AND first <= %(until)b::bigint ORDER BY id LIMIT %(limit)b::bigint;

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
-- What was answered is on disk, also where the server's own setting says otherwise. A plan is made
-- once, for any values, and scans no table that has an index.
SELECT set_config('synchronous_commit',
    CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
    ELSE current_setting('synchronous_commit') END, false),
  set_config('plan_cache_mode', 'force_generic_plan', false),
  set_config('enable_seqscan', 'off', false),
  set_config('jit', 'off', false);

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

-- name: lock_briefly
-- The same for who writes nothing: to give it back waits for no disk.
SELECT set_config('synchronous_commit', 'off', true), size
FROM ledger.state WHERE id = 1 FOR UPDATE;

-- name: listen
LISTEN linernotes_visible;

-- name: visible
-- Up to where the log is visible now.
SELECT size FROM ledger.visible;

-- name: take_role
SELECT pg_try_advisory_lock(%(key)b::bigint);

-- name: ping
SELECT 1;
