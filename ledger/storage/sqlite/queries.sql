-- Every statement that the SQLite store runs, by name. Positions: `:after` is exclusive, `:until`
-- inclusive, so ranges are half-open and an `as of` position includes itself.

-- name: head
-- The one row: size, root, time of the last position, visible size.
SELECT size, root, time_us, visible FROM state WHERE id = 1;

-- name: ground
-- What a batch stands on, in one step: the state row, the clock, how many of the commands are known,
-- how far the scopes have moved, and the subjects' wrapped keys.
SELECT size, root, time_us, visible,
  strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'),
  (SELECT count(*) FROM commands WHERE id IN (SELECT value FROM json_each(:commands))),
  (SELECT json_group_array(json_array(tag, last_position)) FROM scopes
    WHERE tag IN (SELECT value FROM json_each(:scopes))),
  (SELECT json_group_array(json_array(subject, hex(wrapped))) FROM subject_keys
    WHERE subject IN (SELECT value FROM json_each(:subjects)))
FROM state WHERE id = 1;

-- name: is_so
-- The clock, if all is so that a batch takes for granted but its time; else no row. What it takes for
-- granted: the state row; that no command is known; that no scope has moved beyond its guard's
-- position; that subjects have these keys, or none where the text is empty, as `hex` has it.
SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM state
WHERE id = 1 AND size = :size AND root = :root AND time_us = :time_us
  AND NOT EXISTS (SELECT 1 FROM commands WHERE id IN (SELECT value FROM json_each(:commands)))
  AND NOT EXISTS (
    SELECT 1 FROM json_each(:scopes) AS guard CROSS JOIN scopes ON tag = guard.key
    WHERE last_position > guard.value)
  AND NOT EXISTS (
    SELECT 1 FROM json_each(:keys) AS held LEFT JOIN subject_keys ON subject = held.key
    WHERE hex(wrapped) <> held.value);

-- Rows of a batch come together, as one JSON list of lists for each table; a blob in them is where it
-- begins and how long it is in the value beside. Tags, of which there are most, come as an object of
-- lists by position, and scopes as one of positions: names are found in half the time of places. All of them are inserted at once into a view that the
-- writing connection makes for itself, and its trigger puts them into their tables. So a batch is one
-- step, and not one a table or a row: at each the driver lets other threads run several times, and a
-- busy one takes long to give way.

-- name: make_batch
CREATE TEMP VIEW IF NOT EXISTS batch (
  old_size, size, root, time_us,
  events, event_blobs, tags, scopes, statements, statement_blobs, commands, command_blobs,
  keys, key_blobs, openings, opening_blobs, tiles, tile_blobs
) AS SELECT
  NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL;

-- name: make_batch_write
-- Compare and set first: nothing is written if somebody else has moved the head. No bytes at all are
-- an entry too: of nothing a part is NULL.
CREATE TEMP TRIGGER IF NOT EXISTS batch_write INSTEAD OF INSERT ON batch
BEGIN
  UPDATE state SET size = NEW.size, root = NEW.root, time_us = NEW.time_us
  WHERE id = 1 AND size = NEW.old_size;
  SELECT raise(ABORT, 'the head has moved') WHERE changes() <> 1;
  INSERT INTO events (position, type, data, tags, event, time_us)
  SELECT json_extract(r.value, '$[0]'), json_extract(r.value, '$[1]'),
    coalesce(
      substr(NEW.event_blobs, json_extract(r.value, '$[2][0]'), json_extract(r.value, '$[2][1]')),
      x''),
    json_extract(r.value, '$[3]'), json_extract(r.value, '$[4]'), json_extract(r.value, '$[5]')
  FROM json_each(NEW.events) AS r;
  INSERT INTO event_tags (tag, position)
  SELECT tag.value, one.key FROM json_each(NEW.tags) AS one, json_each(one.value) AS tag;
  INSERT INTO scopes (tag, last_position)
  SELECT r.key, r.value FROM json_each(NEW.scopes) AS r WHERE true
  ON CONFLICT (tag) DO UPDATE SET last_position = excluded.last_position;
  INSERT INTO statements (position, sha256, statement)
  SELECT json_extract(r.value, '$[1]'),
    substr(NEW.statement_blobs, json_extract(r.value, '$[0][0]'), json_extract(r.value, '$[0][1]')),
    substr(NEW.statement_blobs, json_extract(r.value, '$[2][0]'), json_extract(r.value, '$[2][1]'))
  FROM json_each(NEW.statements) AS r;
  INSERT INTO commands (id, digest, first, last, statement_sha256)
  SELECT json_extract(r.value, '$[0]'),
    substr(NEW.command_blobs, json_extract(r.value, '$[1][0]'), json_extract(r.value, '$[1][1]')),
    json_extract(r.value, '$[2]'), json_extract(r.value, '$[3]'),
    substr(NEW.command_blobs, json_extract(r.value, '$[4][0]'), json_extract(r.value, '$[4][1]'))
  FROM json_each(NEW.commands) AS r;
  INSERT INTO subject_keys (subject, wrapped)
  SELECT json_extract(r.value, '$[0]'),
    substr(NEW.key_blobs, json_extract(r.value, '$[1][0]'), json_extract(r.value, '$[1][1]'))
  FROM json_each(NEW.keys) AS r;
  INSERT INTO openings (event, pointer, position, subject, sealed)
  SELECT json_extract(r.value, '$[0]'), json_extract(r.value, '$[1]'),
    json_extract(r.value, '$[2]'), json_extract(r.value, '$[3]'),
    substr(NEW.opening_blobs, json_extract(r.value, '$[4][0]'), json_extract(r.value, '$[4][1]'))
  FROM json_each(NEW.openings) AS r;
  INSERT INTO tiles (level, number, hashes)
  SELECT json_extract(r.value, '$[0]'), json_extract(r.value, '$[1]'),
    substr(NEW.tile_blobs, json_extract(r.value, '$[2][0]'), json_extract(r.value, '$[2][1]'))
  FROM json_each(NEW.tiles) AS r WHERE true
  ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes;
  INSERT INTO checkpoints (size, root) VALUES (NEW.size, NEW.root);
END;

-- name: write_batch
INSERT INTO batch VALUES (
  :old_size, :size, :root, :time_us,
  :events, :event_blobs, :tags, :scopes, :statements, :statement_blobs, :commands, :command_blobs,
  :keys, :key_blobs, :openings, :opening_blobs, :tiles, :tile_blobs);

-- name: make_accepted
CREATE TEMP VIEW IF NOT EXISTS accepted (size, note) AS SELECT NULL, NULL;

-- name: make_accepted_write
-- Only forward, and never beyond what is committed (the table checks that).
CREATE TEMP TRIGGER IF NOT EXISTS accepted_write INSTEAD OF INSERT ON accepted
BEGIN
  UPDATE checkpoints SET note = NEW.note WHERE size = NEW.size;
  UPDATE state SET visible = NEW.size WHERE id = 1 AND visible <= NEW.size;
END;

-- name: accept
INSERT INTO accepted VALUES (?, ?);

-- name: scope_positions
SELECT tag, last_position FROM scopes WHERE tag IN (SELECT value FROM json_each(:tags));

-- name: tag_position
-- The last position of any tag up to a bound, from the index.
SELECT max(position) FROM event_tags WHERE tag = :tag AND position <= :until;

-- name: match_tagged
-- Positions whose event carries `:tag`, all of `:others`, and one of `:types` if any are given.
SELECT t.position FROM event_tags AS t
WHERE t.tag = :tag AND t.position > :after AND t.position <= :until
  AND NOT EXISTS (
    SELECT 1 FROM json_each(:others) AS other
    WHERE NOT EXISTS (
      SELECT 1 FROM event_tags AS u WHERE u.tag = other.value AND u.position = t.position))
  AND (:types IS NULL OR EXISTS (
    SELECT 1 FROM events AS e
    WHERE e.position = t.position AND e.type IN (SELECT value FROM json_each(:types))))
ORDER BY t.position LIMIT :limit;

-- name: match_typed
SELECT position FROM events
WHERE type = :type AND position > :after AND position <= :until
ORDER BY position LIMIT :limit;

-- name: match_all
SELECT position FROM events
WHERE position > :after AND position <= :until
ORDER BY position LIMIT :limit;

-- name: entry
SELECT position, type, data, tags, event, time_us FROM events
WHERE position = :position AND position <= :until;

-- name: entries_after
SELECT position, type, data, tags, event, time_us FROM events
WHERE position > :after AND position <= :until
ORDER BY position LIMIT :limit;

-- name: entries_tagged
SELECT e.position, e.type, e.data, e.tags, e.event, e.time_us
FROM event_tags AS t JOIN events AS e ON e.position = t.position
WHERE t.tag = :tag AND t.position > :after AND t.position <= :until
ORDER BY t.position LIMIT :limit;

-- name: event_position
SELECT position FROM events WHERE event = :event AND position <= :until;

-- name: clock
-- Microseconds since 1970; this database has milliseconds.
SELECT CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000;

-- name: position_at
-- Times never fall with the position, so the greatest position is the last of the greatest time.
SELECT position FROM events WHERE time_us <= :time_us AND position <= :until
ORDER BY time_us DESC, position DESC LIMIT 1;

-- name: statement
-- A command's entries follow each other, and its statement lies at the first of them.
SELECT statement FROM statements
WHERE position = (SELECT max(position) FROM statements WHERE position <= min(:position, :until))
  AND sha256 = :sha256;

-- name: commands
SELECT id, digest, first, last, statement_sha256 FROM commands
WHERE id IN (SELECT value FROM json_each(:ids)) AND last <= :until;

-- name: answered
SELECT id, first FROM commands WHERE id > :after AND first <= :until ORDER BY id LIMIT :limit;

-- name: openings
-- With the wrapped key of each one's subject.
SELECT o.event, o.pointer, o.subject, o.sealed, k.wrapped
FROM openings AS o LEFT JOIN subject_keys AS k ON k.subject = o.subject
WHERE o.event IN (SELECT value FROM json_each(:events)) AND o.position <= :until
ORDER BY o.event, o.pointer;

-- name: subject_keys
SELECT subject, wrapped FROM subject_keys WHERE subject IN (SELECT value FROM json_each(?));

-- name: erase_openings
DELETE FROM openings WHERE subject = ?;

-- name: erase_key
DELETE FROM subject_keys WHERE subject = ?;

-- name: tile
SELECT hashes FROM tiles WHERE level = :level AND number = :number;

-- name: checkpoint
SELECT size, root, note FROM checkpoints WHERE size = :size AND size <= :until;

-- name: checkpoint_covering
-- That of the batch in which a position was committed, if the register has accepted it.
SELECT size, root, note FROM checkpoints
WHERE size >= :position AND size <= :until AND note IS NOT NULL ORDER BY size LIMIT 1;

-- name: last_checkpoint
SELECT size, root, note FROM checkpoints WHERE size <= :until ORDER BY size DESC LIMIT 1;

-- name: keep_cosignature
-- A witness that signs the same size again says a newer time; the newest stays.
INSERT INTO cosignatures (size, witness, time_s, line) VALUES (?, ?, ?, ?)
ON CONFLICT (size, witness) DO UPDATE SET time_s = excluded.time_s, line = excluded.line
WHERE excluded.time_s >= cosignatures.time_s;

-- name: cosignatures
SELECT size, witness, time_s, line FROM cosignatures WHERE size = :size AND size <= :until
ORDER BY time_s, witness;

-- name: cosigned_sizes
-- Newest first.
SELECT DISTINCT size FROM cosignatures WHERE size >= :least AND size <= :until
ORDER BY size DESC LIMIT :limit;

-- name: cosigned_by
SELECT coalesce(max(size), 0) FROM cosignatures WHERE witness = :witness AND size <= :until;

-- name: log_end
SELECT coalesce(max(position), 0) FROM events;
