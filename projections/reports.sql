-- What one process has found out about the whole ledger, for all others to show: the newest alone.

-- name: schema
CREATE TABLE IF NOT EXISTS projection_reports (
  name TEXT PRIMARY KEY,
  content TEXT NOT NULL
);

-- name: forget
DELETE FROM projection_reports WHERE name = :name;

-- name: keep
INSERT INTO projection_reports (name, content) VALUES (:name, :content);

-- name: kept
SELECT content FROM projection_reports WHERE name = :name;
