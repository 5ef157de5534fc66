-- How far each projection has read. The row moves in the same transaction as the projection's rows.

-- name: schema
CREATE TABLE IF NOT EXISTS projection_positions (
  name TEXT PRIMARY KEY,
  -- The version of the code that made the tables; another version needs a rebuild.
  version INTEGER NOT NULL,
  -- Rebuilds so far: names of indexes carry it, since they stay when tables are renamed.
  generation INTEGER NOT NULL,
  position BIGINT NOT NULL,
  -- History before this position has been given up; 1 while all of it is kept.
  retained_from BIGINT NOT NULL,
  -- Why the projection stopped, and at which position; NULL while it runs.
  failure TEXT,
  failed_position BIGINT
);

-- name: all
SELECT name, version, generation, position, retained_from, failure, failed_position
FROM projection_positions ORDER BY name;

-- name: one
SELECT name, version, generation, position, retained_from, failure, failed_position
FROM projection_positions WHERE name = :name;

-- name: begin
INSERT INTO projection_positions (name, version, generation, position, retained_from)
VALUES (:name, :version, 0, 0, 1)
ON CONFLICT (name) DO NOTHING;

-- name: hold
-- Nobody else moves the position, or folds into the tables, until the end of the transaction.
UPDATE projection_positions SET generation = generation WHERE name = :name;

-- name: move
-- After it was claimed where it was read: two runners cannot fold an event twice.
UPDATE projection_positions SET position = :position, failure = NULL, failed_position = NULL
WHERE name = :name;

-- name: fail
UPDATE projection_positions SET failure = :failure, failed_position = :failed_position
WHERE name = :name;

-- name: swap
UPDATE projection_positions
SET version = :version, generation = :generation, position = :position,
    retained_from = :retained_from, failure = NULL, failed_position = NULL
WHERE name = :name;
