-- How the same rows are found in two tables, and which differ. Filled in by `comparing`.

-- name: differing
-- A row that one of them alone holds differs in all its columns.
SELECT COUNT(*) AS differing FROM ({one}) AS one FULL JOIN ({other}) AS other ON {same}
WHERE {differs};

-- name: numbered
SELECT numbered.*, ROW_NUMBER() OVER (ORDER BY {order}) AS number FROM ({rows}) AS numbered
