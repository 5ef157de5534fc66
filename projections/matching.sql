-- name: completed
-- Each completed output: what was authorized, what was read back, what accrued.
SELECT o.generation, o.output, o.position, m.ingredients, m.manifest_urn,
  g.manifest_urn AS authorized_urn, g.vector_sha256 AS authorized_vector,
  (SELECT vector_sha256 FROM provenance_fees f
    WHERE f.generation = o.generation AND f.stage = 'accrued') AS accrued_vector
FROM provenance_outputs o
JOIN provenance_generations g ON g.generation = o.generation
LEFT JOIN provenance_manifests m ON m.output = o.output
WHERE o.position > :after AND o.position <= :position
ORDER BY o.position LIMIT :limit;

-- name: authorized_set
SELECT DISTINCT recording FROM provenance_uses WHERE generation = :generation ORDER BY recording;

-- name: accrued_set
SELECT DISTINCT recording FROM provenance_legs
WHERE generation = :generation AND stage = 'accrued' ORDER BY recording;
