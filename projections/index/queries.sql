-- name: touch
INSERT INTO index_touches (subject, position, touches, chain)
VALUES (:subject, :position, :touches, :chain);

-- name: newest_touches
SELECT touches, chain FROM index_touches
WHERE subject = :subject ORDER BY position DESC LIMIT 1;

-- name: newest_touches on postgres
SELECT k.number, t.touches, t.chain
FROM unnest(CAST(:subject AS TEXT[])) WITH ORDINALITY AS k (subject, number)
CROSS JOIN LATERAL (
  SELECT touches, chain FROM index_touches
  WHERE subject = k.subject ORDER BY position DESC LIMIT 1
) AS t;

-- name: newest_touch
SELECT touches, chain FROM index_touches
WHERE subject = :subject AND position <= :until ORDER BY position DESC LIMIT 1;

-- name: touched_between
-- The newest value of every subject that was touched after one position and up to another.
SELECT t.subject, t.touches, t.chain FROM index_touches t
JOIN (
  SELECT subject, MAX(position) AS position FROM index_touches
  WHERE position > :after AND position <= :until GROUP BY subject
) newest ON newest.subject = t.subject AND newest.position = t.position
ORDER BY t.subject;

-- name: subjects_until
SELECT COUNT(DISTINCT subject) AS subjects FROM index_touches WHERE position <= :until;

-- name: positions_between
SELECT position FROM index_touches
WHERE subject = :subject AND position > :after AND position <= :until ORDER BY position;

-- name: node
SELECT body FROM index_nodes WHERE hash = :hash;

-- name: keep_node
INSERT INTO index_nodes (hash, body) VALUES (:hash, :body) ON CONFLICT (hash) DO NOTHING;

-- name: publish
INSERT INTO index_roots (position, through, root, subjects)
VALUES (:position, :through, :root, :subjects);

-- name: newest_root
SELECT position, through, root, subjects FROM index_roots
WHERE position <= :until ORDER BY position DESC LIMIT 1;

-- name: roots
SELECT position, through, root, subjects FROM index_roots
WHERE position <= :until ORDER BY position;

-- name: digest_touches
SELECT subject, position, touches, chain FROM index_touches ORDER BY subject, position;

-- name: digest_nodes
SELECT hash, body FROM index_nodes ORDER BY hash;

-- name: digest_roots
SELECT position, through, root, subjects FROM index_roots ORDER BY position;
