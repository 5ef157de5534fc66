-- name: consents_moved
-- Consents of which something was learned after one position and up to another, and where.
SELECT subject, consent, position FROM (
  SELECT subject, consent, from_position AS position FROM permissions_consents
  UNION
  SELECT subject, consent, until_position FROM permissions_consents WHERE until_position IS NOT NULL
) AS moved WHERE position > :older AND position <= :newer
ORDER BY subject, consent, position;

-- name: consent_known
-- What was known of a consent about a subject at a position.
SELECT * FROM permissions_consents
WHERE subject = :subject AND consent = :consent
  AND from_position <= :known AND (until_position IS NULL OR until_position > :known)
ORDER BY effective_from_us, version;

-- name: accounts_moved
SELECT account, currency, position, SUM(amount_micro) AS amount_micro FROM royalties_balances
WHERE position > :older AND position <= :newer
GROUP BY account, currency, position ORDER BY account, currency, position;

-- name: stood
SELECT balance_after_micro FROM royalties_balances
WHERE account = :account AND currency = :currency AND position <= :known
ORDER BY position DESC LIMIT 1;
