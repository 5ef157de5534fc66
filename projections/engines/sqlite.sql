-- What only SQLite says so.

-- name: tables
SELECT name FROM sqlite_master
WHERE type = 'table' AND substr(name, 1, length(:prefix)) = :prefix ORDER BY name;
