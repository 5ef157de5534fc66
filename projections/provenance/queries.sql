-- Folding --------------------------------------------------------------------------------------

-- name: add_generation
INSERT INTO provenance_generations
  (generation, position, time_us, verification, creator, model, tier, purpose, channel,
   territories, seed, duration_ms, upgrades, manifest_urn, worker, references_sha256,
   vector_sha256, expires_at_us)
VALUES
  (:generation, :position, :time_us, :verification, :creator, :model, :tier, :purpose, :channel,
   :territories, :seed, :duration_ms, :upgrades, :manifest_urn, :worker, :references_sha256,
   :vector_sha256, :expires_at_us);

-- name: close_step
UPDATE provenance_steps SET until_position = :position
WHERE generation = :generation AND from_position < :position AND until_position IS NULL;

-- name: open_step
INSERT INTO provenance_steps (generation, step, code, time_us, from_position)
VALUES (:generation, :step, :code, :time_us, :position);

-- name: add_use
INSERT INTO provenance_uses
  (generation, position, line, recording, title, isrc, works, weight, level, parameters, role,
   source_from_ms, source_until_ms, output_from_ms, output_until_ms, stem, chosen_by, copied,
   consents)
VALUES
  (:generation, :position, :line, :recording, :title, :isrc, :works, :weight, :level, :parameters,
   :role, :source_from_ms, :source_until_ms, :output_from_ms, :output_until_ms, :stem, :chosen_by,
   :copied, :consents);

-- name: add_concerned
INSERT INTO provenance_concerned (position, subject, recording, asset, side, party)
VALUES (:position, :subject, :recording, :asset, :side, :party);

-- name: add_fee
INSERT INTO provenance_fees
  (generation, stage, position, currency, fee_micro, credited_micro, pool_micro, commission_micro,
   tariff, vector_sha256)
VALUES
  (:generation, :stage, :position, :currency, :fee_micro, :credited_micro, :pool_micro,
   :commission_micro, :tariff, :vector_sha256);

-- name: add_leg
INSERT INTO provenance_legs
  (generation, stage, line, position, recording, side, asset, party, currency, amount_micro)
VALUES
  (:generation, :stage, :line, :position, :recording, :side, :asset, :party, :currency,
   :amount_micro);

-- name: add_output
INSERT INTO provenance_outputs
  (output, generation, position, time_us, artifact_sha256, file_sha256, frames_sha256, decoder,
   worker, authorized_before_revocation)
VALUES
  (:output, :generation, :position, :time_us, :artifact_sha256, :file_sha256, :frames_sha256,
   :decoder, :worker, :authorized_before_revocation);

-- name: add_manifest
INSERT INTO provenance_manifests
  (output, generation, position, manifest_urn, claim_signer_sha256, claim_sha256,
   artifact_sha256, ingredients)
VALUES
  (:output, :generation, :position, :manifest_urn, :claim_signer_sha256, :claim_sha256,
   :artifact_sha256, :ingredients);

-- name: add_quarantine
INSERT INTO provenance_quarantine
  (generation, position, time_us, code, differences, artifact_sha256)
VALUES (:generation, :position, :time_us, :code, :differences, :artifact_sha256);

-- name: add_clearance
INSERT INTO provenance_clearances
  (verification, position, time_us, creator, generation, tariff, currency, fee_micro, pool_micro,
   expires_at_us)
VALUES
  (:verification, :position, :time_us, :creator, :generation, :tariff, :currency, :fee_micro,
   :pool_micro, :expires_at_us);

-- name: add_refusal
INSERT INTO provenance_refusals
  (position, time_us, kind, generation, verification, creator, model, tier, purpose, channel,
   territories, code, reasons, alternatives, asked)
VALUES
  (:position, :time_us, :kind, :generation, :verification, :creator, :model, :tier, :purpose,
   :channel, :territories, :code, :reasons, :alternatives, :asked);

-- name: add_repeats
INSERT INTO provenance_repeats (position, refusal, repeats)
VALUES (:position, :refusal, :repeats);

-- Questions: :valid_position answers both axes. -------------------------------------------------

-- name: uses_of_asset
-- Authorizations that refer to an asset, the newest first; :limit counts generations, so that no
-- page ends between two recordings of one.
SELECT DISTINCT c.position, c.subject AS generation, c.recording
FROM provenance_concerned c
WHERE c.asset = :asset AND c.position IN (
  SELECT DISTINCT n.position FROM provenance_concerned n
  JOIN provenance_generations g ON g.position = n.position
  WHERE n.asset = :asset AND n.position <= :valid_position AND n.position < :before
  ORDER BY n.position DESC LIMIT :limit
)
ORDER BY c.position DESC, c.recording;

-- name: uses_of_party
SELECT DISTINCT c.position, c.subject AS generation, c.recording
FROM provenance_concerned c
WHERE c.party = :party AND c.position IN (
  SELECT DISTINCT n.position FROM provenance_concerned n
  JOIN provenance_generations g ON g.position = n.position
  WHERE n.party = :party AND n.position <= :valid_position AND n.position < :before
  ORDER BY n.position DESC LIMIT :limit
)
ORDER BY c.position DESC, c.recording;

-- name: generation
SELECT * FROM provenance_generations
WHERE generation = :generation AND position <= :valid_position;

-- name: generations_of_creator
SELECT * FROM provenance_generations
WHERE creator = :creator AND position <= :valid_position AND position < :before
ORDER BY position DESC LIMIT :limit;

-- name: step
SELECT * FROM provenance_steps
WHERE generation = :generation AND from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position);

-- name: steps
SELECT * FROM provenance_steps
WHERE generation = :generation AND from_position <= :valid_position ORDER BY from_position;

-- name: references_of_recording
SELECT * FROM provenance_uses
WHERE generation = :generation AND recording = :recording AND position <= :valid_position
ORDER BY line;

-- name: fees
SELECT * FROM provenance_fees
WHERE generation = :generation AND position <= :valid_position ORDER BY position;

-- name: legs
SELECT * FROM provenance_legs
WHERE generation = :generation AND stage = :stage AND position <= :valid_position ORDER BY line;

-- name: earned_by_recording
-- What each recording has earned a party, or all parties where none is named.
SELECT recording, currency, SUM(amount_micro) AS amount_micro, COUNT(DISTINCT generation) AS uses
FROM provenance_legs
WHERE stage = 'accrued' AND position <= :valid_position
  AND (CAST(:party AS TEXT) IS NULL OR party = :party) AND (CAST(:recording AS TEXT) IS NULL OR recording = :recording)
GROUP BY recording, currency ORDER BY recording, currency;

-- name: outputs_of_generation
SELECT * FROM provenance_outputs
WHERE generation = :generation AND position <= :valid_position ORDER BY position;

-- name: output
SELECT * FROM provenance_outputs WHERE output = :output AND position <= :valid_position;

-- name: outputs_by_hash
SELECT * FROM provenance_outputs
WHERE (artifact_sha256 = :sha256 OR file_sha256 = :sha256 OR frames_sha256 = :sha256)
  AND position <= :valid_position
ORDER BY position;

-- name: outputs_by_urn
SELECT o.* FROM provenance_outputs o
JOIN provenance_manifests m ON m.output = o.output
WHERE m.manifest_urn = :urn AND m.position <= :valid_position AND o.position <= :valid_position
ORDER BY o.position;

-- name: manifest
SELECT * FROM provenance_manifests
WHERE output = :output AND position <= :valid_position ORDER BY position DESC LIMIT 1;

-- name: generation_by_urn
SELECT * FROM provenance_generations
WHERE manifest_urn = :urn AND position <= :valid_position;

-- name: quarantine
SELECT * FROM provenance_quarantine
WHERE position <= :valid_position AND position < :before
  AND (CAST(:sha256 AS TEXT) IS NULL OR artifact_sha256 = :sha256)
ORDER BY position DESC LIMIT :limit;

-- name: clearance
SELECT * FROM provenance_clearances
WHERE verification = :verification AND position <= :valid_position;

-- name: refusals_of_party
SELECT DISTINCT r.* FROM provenance_refusals r
JOIN provenance_concerned c ON c.position = r.position
WHERE c.party = :party AND r.position <= :valid_position AND r.position < :before
ORDER BY r.position DESC LIMIT :limit;

-- name: refusals_of_asset
SELECT DISTINCT r.* FROM provenance_refusals r
JOIN provenance_concerned c ON c.position = r.position
WHERE c.asset = :asset AND r.position <= :valid_position AND r.position < :before
ORDER BY r.position DESC LIMIT :limit;

-- name: refusals_of_creator
SELECT * FROM provenance_refusals
WHERE creator = :creator AND position <= :valid_position AND position < :before
ORDER BY position DESC LIMIT :limit;

-- name: repeats_of
SELECT COALESCE(SUM(repeats), 0) AS repeats FROM provenance_repeats
WHERE refusal = :refusal AND position <= :valid_position;

-- name: recordings_concerned
SELECT DISTINCT recording FROM provenance_concerned WHERE position = :at ORDER BY recording;

-- Digests: creators are private. ------------------------------------------------------------------

-- name: digest_generations
SELECT generation, position, time_us, verification, model, tier, purpose, channel, territories,
  seed, duration_ms, upgrades, manifest_urn, worker, references_sha256, vector_sha256,
  expires_at_us
FROM provenance_generations ORDER BY position;

-- name: digest_steps
SELECT generation, step, code, time_us, from_position, until_position
FROM provenance_steps ORDER BY generation, from_position;

-- name: digest_uses
SELECT generation, position, line, recording, title, isrc, works, weight, level, parameters, role,
  source_from_ms, source_until_ms, output_from_ms, output_until_ms, stem, chosen_by, copied,
  consents
FROM provenance_uses ORDER BY generation, line;

-- name: digest_concerned
SELECT position, subject, recording, asset, side, party
FROM provenance_concerned ORDER BY position, recording, asset, side, party NULLS FIRST;

-- name: digest_fees
SELECT generation, stage, position, currency, fee_micro, credited_micro, pool_micro,
  commission_micro, tariff, vector_sha256
FROM provenance_fees ORDER BY generation, stage;

-- name: digest_legs
SELECT generation, stage, line, position, recording, side, asset, party, currency, amount_micro
FROM provenance_legs ORDER BY generation, stage, line;

-- name: digest_outputs
SELECT output, generation, position, time_us, artifact_sha256, file_sha256, frames_sha256,
  decoder, worker, authorized_before_revocation
FROM provenance_outputs ORDER BY output;

-- name: digest_manifests
SELECT output, generation, position, manifest_urn, claim_signer_sha256, claim_sha256,
  artifact_sha256, ingredients
FROM provenance_manifests ORDER BY output, position;

-- name: digest_quarantine
SELECT generation, position, time_us, code, differences, artifact_sha256
FROM provenance_quarantine ORDER BY generation, position;

-- name: digest_clearances
SELECT verification, position, time_us, generation, tariff, currency, fee_micro, pool_micro,
  expires_at_us
FROM provenance_clearances ORDER BY verification;

-- name: digest_refusals
SELECT position, time_us, kind, generation, verification, model, tier, purpose, channel,
  territories, code, reasons, alternatives, asked
FROM provenance_refusals ORDER BY position;

-- name: digest_repeats
SELECT position, refusal, repeats FROM provenance_repeats ORDER BY position;
