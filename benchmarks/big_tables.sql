-- Tables as a log of :events events leaves them: each row is one that was folded from a real event,
-- copied under other ids and positions. One event in five is an accrual that moves five accounts,
-- one grants a consent, one confirms a share; the rest moves neither money nor rights.

-- name: balances
-- 1,000 payees; what stands after each row is summed in the order of the log.
INSERT INTO royalties_balances (account, currency, position, amount_micro, balance_after_micro)
SELECT account, currency, position, amount_micro,
  SUM(amount_micro) OVER (PARTITION BY account, currency ORDER BY position)
FROM (
  SELECT 'payable:pty_' || (7 * n + 211 * side) % 1000 AS account, t.currency,
    CAST(5 * n AS BIGINT) AS position, t.amount_micro
  FROM royalties_balances AS t, generate_series(20, :events / 5) AS n,
    generate_series(1, 5) AS side
  WHERE t.account = :account
) AS moved;

-- name: consents
-- A recording each, of one of 1,000 holders.
INSERT INTO permissions_consents
  (subject, party, consent, version, capacity, catalog, uses, parameters, reproduction, tiers,
   purposes, channels, models, modules, territories, territories_version, floors, minimum_weight,
   revocation, text_sha256, signed_by, contested, effective_from_us, effective_until_us,
   revoked_from_us, from_position)
SELECT 'rec_' || n, 'pty_' || n % 1000, 'cns_' || n, 5 * n + 1, capacity, catalog, uses,
  parameters, reproduction, tiers, purposes, channels, models, modules, territories,
  territories_version, floors, minimum_weight, revocation, text_sha256, signed_by, contested,
  effective_from_us, effective_until_us, revoked_from_us, 5 * n + 1
FROM permissions_consents AS t, generate_series(20, :events / 5) AS n
WHERE t.consent = :consent AND t.until_position IS NULL;

-- name: shares
INSERT INTO permissions_shares
  (asset, side, party, share, fraction, countries, effective_from_us, effective_until_us,
   from_position)
SELECT 'rec_' || n, side, 'pty_' || n % 1000, 'shr_' || n, fraction, countries, effective_from_us,
  effective_until_us, 5 * n + 2
FROM permissions_shares AS t, generate_series(20, :events / 5) AS n
WHERE t.asset = :asset AND t.until_position IS NULL;

-- name: reached
UPDATE projection_positions SET position = :events;

-- name: analyze
ANALYZE;
