-- Folding --------------------------------------------------------------------------------------

-- name: add_parties
INSERT INTO catalog_parties
  (party, kind, name, isni, ipi_name, ipi_base, ipn, residence, time_us, position)
VALUES
  (:party, :kind, :name, :isni, :ipi_name, :ipi_base, :ipn, :residence, :time_us, :position);

-- name: add_deaths
INSERT INTO catalog_deaths (party, position)
VALUES (:party, :position);

-- name: add_recordings
INSERT INTO catalog_recordings
  (recording, title, artist, isrc, duration_ms, sample_rate_hz, file_sha256, frames_sha256,
   decoder, registrant, time_us, position)
VALUES
  (:recording, :title, :artist, :isrc, :duration_ms, :sample_rate_hz, :file_sha256,
   :frames_sha256, :decoder, :registrant, :time_us, :position);

-- name: add_works
INSERT INTO catalog_works (work, title, iswc, registrant, time_us, position)
VALUES (:work, :title, :iswc, :registrant, :time_us, :position);

-- name: add_public_domain
INSERT INTO catalog_public_domain (work, position)
VALUES (:work, :position);

-- name: close_keys
UPDATE catalog_keys SET until_position = :position
WHERE key_id = :key_id AND from_position < :position AND until_position IS NULL;

-- name: open_keys
INSERT INTO catalog_keys
  (key_id, party, public_key, roles, status, reason, compromised_since_us, from_position)
VALUES
  (:key_id, :party, :public_key, :roles, :status, :reason, :compromised_since_us, :position);

-- name: end_keys
-- After its row was closed at :position: the same words, ended.
INSERT INTO catalog_keys
  (key_id, party, public_key, roles, status, reason, compromised_since_us, from_position)
SELECT
  key_id, party, public_key, roles, 'revoked', :reason, :compromised_since_us, :position
FROM catalog_keys WHERE key_id = :key_id AND until_position = :position;

-- name: close_mandates
UPDATE catalog_mandates SET until_position = :position
WHERE mandate = :mandate AND from_position < :position AND until_position IS NULL;

-- name: open_mandates
INSERT INTO catalog_mandates
  (mandate, grantor, mandatee, capacities, uses, territories, exclusive, may_revoke,
   effective_from_us, effective_until_us, status, from_position)
VALUES
  (:mandate, :grantor, :mandatee, :capacities, :uses, :territories, :exclusive, :may_revoke,
   :effective_from_us, :effective_until_us, :status, :position);

-- name: end_mandates
-- After its row was closed at :position: the same words, ended.
INSERT INTO catalog_mandates
  (mandate, grantor, mandatee, capacities, uses, territories, exclusive, may_revoke,
   effective_from_us, effective_until_us, status, from_position)
SELECT
  mandate, grantor, mandatee, capacities, uses, territories, exclusive, may_revoke,
  effective_from_us, effective_until_us, 'revoked', :position
FROM catalog_mandates WHERE mandate = :mandate AND until_position = :position;

-- name: close_stems
UPDATE catalog_stems SET until_position = :position
WHERE recording = :recording AND stem = :stem
  AND from_position < :position AND until_position IS NULL;

-- name: open_stems
INSERT INTO catalog_stems (recording, stem, file_sha256, frames_sha256, decoder, from_position)
VALUES (:recording, :stem, :file_sha256, :frames_sha256, :decoder, :position);

-- name: close_links
UPDATE catalog_links SET until_position = :position
WHERE link = :link AND from_position < :position AND until_position IS NULL;

-- name: open_links
INSERT INTO catalog_links (link, recording, work, fraction, status, from_position)
VALUES (:link, :recording, :work, :fraction, :status, :position);

-- name: close_credits
UPDATE catalog_credits SET until_position = :position
WHERE credit = :credit AND from_position < :position AND until_position IS NULL;

-- name: open_credits
INSERT INTO catalog_credits
  (credit, asset, party, role, featured, vocal, stems, status, from_position)
VALUES
  (:credit, :asset, :party, :role, :featured, :vocal, :stems, :status, :position);

-- name: close_vocals
UPDATE catalog_vocals SET until_position = :position
WHERE credit = :credit AND from_position < :position AND until_position IS NULL;

-- name: open_vocals
INSERT INTO catalog_vocals (credit, recording, vocals, performers, status, from_position)
VALUES (:credit, :recording, :vocals, :performers, :status, :position);

-- name: close_shares
UPDATE catalog_shares SET until_position = :position
WHERE share = :share AND from_position < :position AND until_position IS NULL;

-- name: open_shares
INSERT INTO catalog_shares
  (share, asset, party, fraction, territories, effective_from_us, effective_until_us, status,
   confirmer, from_position)
VALUES
  (:share, :asset, :party, :fraction, :territories, :effective_from_us, :effective_until_us,
   :status, :confirmer, :position);

-- name: end_shares
-- After its row was closed at :position: the same words, ended.
INSERT INTO catalog_shares
  (share, asset, party, fraction, territories, effective_from_us, effective_until_us, status,
   confirmer, from_position)
SELECT
  share, asset, party, fraction, territories, effective_from_us, effective_until_us,
  'withdrawn', confirmer, :position
FROM catalog_shares WHERE share = :share AND until_position = :position;

-- name: close_restrictions
UPDATE catalog_restrictions SET until_position = :position
WHERE asset = :asset AND party = :party AND from_position < :position AND until_position IS NULL;

-- name: open_restrictions
INSERT INTO catalog_restrictions (asset, party, purposes, from_position)
VALUES (:asset, :party, :purposes, :position);

-- name: close_inference
UPDATE catalog_inference SET until_position = :position
WHERE recording = :recording AND model = :model
  AND from_position < :position AND until_position IS NULL;

-- name: open_inference
INSERT INTO catalog_inference (recording, model, from_position)
VALUES (:recording, :model, :position);

-- name: close_models
UPDATE catalog_models SET until_position = :position
WHERE model = :model AND from_position < :position AND until_position IS NULL;

-- name: open_models
INSERT INTO catalog_models
  (model, name, version, provider, weights_sha256, training, license, capabilities, status,
   from_position)
VALUES
  (:model, :name, :version, :provider, :weights_sha256, :training, :license, :capabilities,
   :status, :position);

-- name: end_models
-- After its row was closed at :position: the same words, ended.
INSERT INTO catalog_models
  (model, name, version, provider, weights_sha256, training, license, capabilities, status,
   from_position)
SELECT
  model, name, version, provider, weights_sha256, training, license, capabilities, 'retired',
  :position
FROM catalog_models WHERE model = :model AND until_position = :position;

-- name: close_tariffs
UPDATE catalog_tariffs SET until_position = :position
WHERE tariff = :tariff AND from_position < :position AND until_position IS NULL;

-- name: open_tariffs
INSERT INTO catalog_tariffs
  (tariff, name, prices, pool_rate, credit_prior_fee, effective_from_us, effective_until_us,
   status, from_position)
VALUES
  (:tariff, :name, :prices, :pool_rate, :credit_prior_fee, :effective_from_us,
   :effective_until_us, :status, :position);

-- name: end_tariffs
-- After its row was closed at :position: the same words, ended.
INSERT INTO catalog_tariffs
  (tariff, name, prices, pool_rate, credit_prior_fee, effective_from_us, effective_until_us,
   status, from_position)
SELECT
  tariff, name, prices, pool_rate, credit_prior_fee, effective_from_us, effective_until_us,
  'withdrawn', :position
FROM catalog_tariffs WHERE tariff = :tariff AND until_position = :position;

-- name: close_vocals_of
-- A confirmed declaration replaces the one before.
UPDATE catalog_vocals SET until_position = :position
WHERE recording = :recording AND status = 'confirmed'
  AND from_position < :position AND until_position IS NULL;

-- name: add_word
INSERT INTO catalog_words (kind, id, word, label, private, position)
VALUES (:kind, :id, :word, :label, :private, :position)
ON CONFLICT (word, kind, id) DO NOTHING;

-- Questions ------------------------------------------------------------------------------------
-- What takes effect when it is recorded is asked at :valid_position; what has a window of its own
-- at :position, and the window is compared with valid_at by whoever asks.

-- name: parties
SELECT p.*, d.position AS died_position FROM catalog_parties p
LEFT JOIN catalog_deaths d ON d.party = p.party AND d.position <= :valid_position
WHERE p.position <= :valid_position AND p.position > :after
  AND (CAST(:party AS TEXT) IS NULL OR p.party = :party)
ORDER BY p.position LIMIT :limit;

-- name: recordings
SELECT * FROM catalog_recordings
WHERE position <= :valid_position AND position > :after
  AND (CAST(:recording AS TEXT) IS NULL OR recording = :recording)
  AND (CAST(:isrc AS TEXT) IS NULL OR isrc = :isrc)
  AND (CAST(:sha256 AS TEXT) IS NULL OR file_sha256 = :sha256 OR frames_sha256 = :sha256)
ORDER BY position LIMIT :limit;

-- name: stems
SELECT * FROM catalog_stems
WHERE recording = :recording AND from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position)
ORDER BY stem;

-- name: works
SELECT w.*, d.position AS public_domain_position FROM catalog_works w
LEFT JOIN catalog_public_domain d ON d.work = w.work AND d.position <= :valid_position
WHERE w.position <= :valid_position AND w.position > :after
  AND (CAST(:work AS TEXT) IS NULL OR w.work = :work)
  AND (CAST(:iswc AS TEXT) IS NULL OR w.iswc = :iswc)
ORDER BY w.position LIMIT :limit;

-- name: links
SELECT * FROM catalog_links
WHERE from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position)
  AND (CAST(:recording AS TEXT) IS NULL OR recording = :recording)
  AND (CAST(:work AS TEXT) IS NULL OR work = :work)
ORDER BY from_position;

-- name: credits
SELECT * FROM catalog_credits
WHERE from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position)
  AND (CAST(:asset AS TEXT) IS NULL OR asset = :asset)
  AND (CAST(:party AS TEXT) IS NULL OR party = :party)
ORDER BY from_position;

-- name: vocals
SELECT * FROM catalog_vocals
WHERE from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position)
  AND (CAST(:recording AS TEXT) IS NULL OR recording = :recording)
ORDER BY from_position;

-- name: restrictions
SELECT * FROM catalog_restrictions
WHERE from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position)
  AND (CAST(:asset AS TEXT) IS NULL OR asset = :asset)
  AND (CAST(:party AS TEXT) IS NULL OR party = :party)
ORDER BY from_position;

-- name: inference
SELECT * FROM catalog_inference
WHERE from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position)
  AND (CAST(:recording AS TEXT) IS NULL OR recording = :recording)
  AND (CAST(:model AS TEXT) IS NULL OR model = :model)
ORDER BY from_position;

-- name: models
SELECT * FROM catalog_models
WHERE from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position)
  AND (CAST(:model AS TEXT) IS NULL OR model = :model)
ORDER BY from_position;

-- name: keys
SELECT * FROM catalog_keys
WHERE from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position)
  AND (CAST(:party AS TEXT) IS NULL OR party = :party)
  AND (CAST(:key_id AS TEXT) IS NULL OR key_id = :key_id)
ORDER BY from_position, key_id;

-- name: shares
SELECT * FROM catalog_shares
WHERE from_position <= :position
  AND (until_position IS NULL OR until_position > :position)
  AND (CAST(:asset AS TEXT) IS NULL OR asset = :asset)
  AND (CAST(:party AS TEXT) IS NULL OR party = :party)
  AND (CAST(:share AS TEXT) IS NULL OR share = :share)
ORDER BY from_position;

-- name: mandates
SELECT * FROM catalog_mandates
WHERE from_position <= :position
  AND (until_position IS NULL OR until_position > :position)
  AND (CAST(:grantor AS TEXT) IS NULL OR grantor = :grantor)
  AND (CAST(:mandatee AS TEXT) IS NULL OR mandatee = :mandatee)
  AND (CAST(:mandate AS TEXT) IS NULL OR mandate = :mandate)
ORDER BY from_position;

-- name: tariffs
SELECT * FROM catalog_tariffs
WHERE from_position <= :position
  AND (until_position IS NULL OR until_position > :position)
  AND (CAST(:tariff AS TEXT) IS NULL OR tariff = :tariff)
ORDER BY from_position;

-- name: search
-- Exact words first, then beginnings, then the rest.
SELECT kind, id, MIN(label) AS label,
  MIN(CASE WHEN word = :needle THEN 0 WHEN word LIKE :beginning ESCAPE '\' THEN 1 ELSE 2 END) AS rank
FROM catalog_words
WHERE word LIKE :anywhere ESCAPE '\' AND position <= :valid_position
  AND (CAST(:kind AS TEXT) IS NULL OR kind = :kind)
GROUP BY kind, id
ORDER BY rank, label, id LIMIT :limit;

-- Digests: names of natural persons are openings that can be erased. -----------------------------

-- name: digest_parties
SELECT party, kind, CASE WHEN kind = 'person' THEN NULL ELSE name END AS name, isni, ipi_name, ipi_base, ipn,
  residence, time_us, position
FROM catalog_parties ORDER BY party;

-- name: digest_deaths
SELECT party, position
FROM catalog_deaths ORDER BY party;

-- name: digest_recordings
SELECT recording, title, artist, isrc, duration_ms, sample_rate_hz, file_sha256, frames_sha256,
  decoder, registrant, time_us, position
FROM catalog_recordings ORDER BY recording;

-- name: digest_works
SELECT work, title, iswc, registrant, time_us, position
FROM catalog_works ORDER BY work;

-- name: digest_public_domain
SELECT work, position
FROM catalog_public_domain ORDER BY work;

-- name: digest_keys
SELECT key_id, party, public_key, roles, status, reason, compromised_since_us, from_position,
  until_position
FROM catalog_keys ORDER BY key_id, from_position;

-- name: digest_mandates
SELECT mandate, grantor, mandatee, capacities, uses, territories, exclusive, may_revoke,
  effective_from_us, effective_until_us, status, from_position, until_position
FROM catalog_mandates ORDER BY mandate, from_position;

-- name: digest_stems
SELECT recording, stem, file_sha256, frames_sha256, decoder, from_position, until_position
FROM catalog_stems ORDER BY recording, stem, from_position;

-- name: digest_links
SELECT link, recording, work, fraction, status, from_position, until_position
FROM catalog_links ORDER BY link, from_position;

-- name: digest_credits
SELECT credit, asset, party, role, featured, vocal, stems, status, from_position, until_position
FROM catalog_credits ORDER BY credit, from_position;

-- name: digest_vocals
SELECT credit, recording, vocals, performers, status, from_position, until_position
FROM catalog_vocals ORDER BY credit, from_position;

-- name: digest_shares
SELECT share, asset, party, fraction, territories, effective_from_us, effective_until_us, status,
  confirmer, from_position, until_position
FROM catalog_shares ORDER BY share, from_position;

-- name: digest_restrictions
SELECT asset, party, purposes, from_position, until_position
FROM catalog_restrictions ORDER BY asset, party, from_position;

-- name: digest_inference
SELECT recording, model, from_position, until_position
FROM catalog_inference ORDER BY recording, model, from_position;

-- name: digest_models
SELECT model, name, version, provider, weights_sha256, training, license, capabilities, status,
  from_position, until_position
FROM catalog_models ORDER BY model, from_position;

-- name: digest_tariffs
SELECT tariff, name, prices, pool_rate, credit_prior_fee, effective_from_us, effective_until_us,
  status, from_position, until_position
FROM catalog_tariffs ORDER BY tariff, from_position;

-- name: digest_words
SELECT kind, id, word, label, position FROM catalog_words
WHERE private = 0 ORDER BY word, kind, id;
