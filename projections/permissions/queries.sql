-- Folding --------------------------------------------------------------------------------------

-- name: live_consents
SELECT subject, party, consent, version, capacity, catalog, uses, parameters, reproduction, tiers,
  purposes, channels, models, modules, territories, territories_version, floors, minimum_weight,
  revocation, text_sha256, signed_by, contested, effective_from_us, effective_until_us,
  revoked_from_us
FROM permissions_consents WHERE subject = :subject AND until_position IS NULL;

-- name: open_consents
INSERT INTO permissions_consents
  (subject, party, consent, version, capacity, catalog, uses, parameters, reproduction, tiers,
   purposes, channels, models, modules, territories, territories_version, floors, minimum_weight,
   revocation, text_sha256, signed_by, contested, effective_from_us, effective_until_us,
   revoked_from_us, from_position)
VALUES
  (:subject, :party, :consent, :version, :capacity, :catalog, :uses, :parameters, :reproduction,
   :tiers, :purposes, :channels, :models, :modules, :territories, :territories_version, :floors,
   :minimum_weight, :revocation, :text_sha256, :signed_by, :contested, :effective_from_us,
   :effective_until_us, :revoked_from_us, :position);

-- name: close_consents
UPDATE permissions_consents SET until_position = :position
WHERE subject = :subject AND consent = :consent AND version = :version
  AND from_position < :position AND until_position IS NULL;

-- name: live_shares
SELECT asset, side, party, share, fraction, countries, effective_from_us, effective_until_us
FROM permissions_shares WHERE asset = :subject AND until_position IS NULL;

-- name: open_shares
INSERT INTO permissions_shares
  (asset, side, party, share, fraction, countries, effective_from_us, effective_until_us,
   from_position)
VALUES
  (:asset, :side, :party, :share, :fraction, :countries, :effective_from_us, :effective_until_us,
   :position);

-- name: close_shares
UPDATE permissions_shares SET until_position = :position
WHERE asset = :asset AND share = :share AND fraction = :fraction AND countries = :countries
  AND (effective_from_us = :effective_from_us OR (effective_from_us IS NULL AND :effective_from_us IS NULL))
  AND (effective_until_us = :effective_until_us OR (effective_until_us IS NULL AND :effective_until_us IS NULL))
  AND from_position < :position AND until_position IS NULL;

-- name: live_performers
SELECT asset, party FROM permissions_performers
WHERE asset = :subject AND until_position IS NULL;

-- name: open_performers
INSERT INTO permissions_performers (asset, party, from_position)
VALUES (:asset, :party, :position);

-- name: close_performers
UPDATE permissions_performers SET until_position = :position
WHERE asset = :asset AND party = :party AND from_position < :position AND until_position IS NULL;

-- name: dependents
SELECT subject FROM permissions_depends WHERE tag = :tag ORDER BY subject;

-- name: dependencies
SELECT tag FROM permissions_depends WHERE subject = :subject;

-- name: depend
-- Written in its order among those that end one: within a batch one may come again.
INSERT INTO permissions_depends (tag, subject) VALUES (:tag, :subject)
ON CONFLICT (tag, subject) DO NOTHING;

-- name: depend_no_more
DELETE FROM permissions_depends WHERE tag = :tag AND subject = :subject;

-- Questions: what was known at :position; of that, with `in_force`, what held at :valid_at_us. ---

-- name: consents_of_asset
-- Consents that name the asset, and consents to the catalog of who holds or performs it, unless
-- the asset has a row of its own for the same words.
SELECT * FROM permissions_consents c
WHERE c.subject = :asset
  AND c.from_position <= :position AND (c.until_position IS NULL OR c.until_position > :position)
UNION ALL
SELECT * FROM permissions_consents c
WHERE c.catalog = 1
  AND c.subject IN (
    SELECT party FROM permissions_shares
    WHERE asset = :asset AND from_position <= :position
      AND (until_position IS NULL OR until_position > :position)
    UNION
    SELECT party FROM permissions_performers
    WHERE asset = :asset AND from_position <= :position
      AND (until_position IS NULL OR until_position > :position)
  )
  AND c.from_position <= :position AND (c.until_position IS NULL OR c.until_position > :position)
  AND NOT EXISTS (
    SELECT 1 FROM permissions_consents own
    WHERE own.subject = :asset AND own.consent = c.consent AND own.version = c.version
      AND own.from_position <= :position
      AND (own.until_position IS NULL OR own.until_position > :position)
  )
ORDER BY party, consent, version;

-- name: consents_of_party
SELECT * FROM permissions_consents
WHERE party = :party
  AND from_position <= :position AND (until_position IS NULL OR until_position > :position)
ORDER BY subject, consent, version;

-- name: consents_of_subject
SELECT * FROM permissions_consents
WHERE subject = :subject
  AND from_position <= :position AND (until_position IS NULL OR until_position > :position)
ORDER BY party, consent, version;

-- name: consent_history
SELECT * FROM permissions_consents
WHERE consent = :consent AND from_position <= :position
ORDER BY from_position, subject, version;

-- name: shares_of_asset
SELECT * FROM permissions_shares
WHERE asset = :asset
  AND from_position <= :position AND (until_position IS NULL OR until_position > :position)
ORDER BY party, share, effective_from_us NULLS FIRST, effective_until_us NULLS FIRST, countries;

-- name: shares_of_party
SELECT * FROM permissions_shares
WHERE party = :party
  AND from_position <= :position AND (until_position IS NULL OR until_position > :position)
ORDER BY asset, share, effective_from_us NULLS FIRST, effective_until_us NULLS FIRST, countries;

-- name: performers_of
SELECT party FROM permissions_performers
WHERE asset = :asset
  AND from_position <= :position AND (until_position IS NULL OR until_position > :position)
ORDER BY party;

-- Digests --------------------------------------------------------------------------------------

-- name: digest_consents
SELECT subject, party, consent, version, capacity, catalog, uses, parameters, reproduction, tiers,
  purposes, channels, models, modules, territories, territories_version, floors, minimum_weight,
  revocation, text_sha256, signed_by, contested, effective_from_us, effective_until_us,
  revoked_from_us, from_position, until_position
FROM permissions_consents ORDER BY subject, consent, version, from_position;

-- name: digest_shares
SELECT asset, side, party, share, fraction, countries, effective_from_us, effective_until_us,
  from_position, until_position
FROM permissions_shares
ORDER BY asset, share, from_position, fraction, countries, effective_from_us NULLS FIRST,
  effective_until_us NULLS FIRST;

-- name: digest_performers
SELECT asset, party, from_position, until_position
FROM permissions_performers ORDER BY asset, party, from_position;

-- name: digest_depends
SELECT tag, subject FROM permissions_depends ORDER BY tag, subject;
