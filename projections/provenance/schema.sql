-- All that is here takes effect when it is recorded. Lists are JSON, times microseconds since 1970.

-- What was authorized: the license instant, once and for ever.
CREATE TABLE provenance_generations (
  generation TEXT NOT NULL,
  position BIGINT NOT NULL,
  time_us BIGINT NOT NULL,
  verification TEXT NOT NULL,
  creator TEXT,
  model TEXT NOT NULL,
  tier TEXT NOT NULL,
  purpose TEXT NOT NULL,
  channel TEXT NOT NULL,
  territories TEXT NOT NULL,
  seed BIGINT NOT NULL,
  duration_ms BIGINT NOT NULL,
  upgrades TEXT,
  manifest_urn TEXT NOT NULL,
  worker TEXT,
  references_sha256 TEXT NOT NULL,
  vector_sha256 TEXT NOT NULL,
  expires_at_us BIGINT NOT NULL,
  PRIMARY KEY (generation)
);
CREATE INDEX provenance_generations_of_creator ON provenance_generations (creator, position);
CREATE INDEX provenance_generations_by_urn ON provenance_generations (manifest_urn);

-- Where a generation stands: authorized, completed, failed, canceled, expired.
CREATE TABLE provenance_steps (
  generation TEXT NOT NULL,
  step TEXT NOT NULL,
  code TEXT,
  time_us BIGINT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (generation, from_position)
);

-- One row a reference, as the manifest repeats it.
CREATE TABLE provenance_uses (
  generation TEXT NOT NULL,
  position BIGINT NOT NULL,
  line INTEGER NOT NULL,
  recording TEXT NOT NULL,
  title TEXT NOT NULL,
  isrc TEXT,
  works TEXT NOT NULL,
  weight TEXT NOT NULL,
  level TEXT NOT NULL,
  parameters TEXT NOT NULL,
  role TEXT NOT NULL,
  source_from_ms BIGINT,
  source_until_ms BIGINT,
  output_from_ms BIGINT,
  output_until_ms BIGINT,
  stem TEXT,
  chosen_by TEXT NOT NULL,
  copied INTEGER NOT NULL,
  consents TEXT NOT NULL,
  PRIMARY KEY (generation, line)
);
CREATE INDEX provenance_uses_of_recording ON provenance_uses (recording, position);

-- Whom an authorization or a refusal concerned: per recording its assets and their parties.
CREATE TABLE provenance_concerned (
  position BIGINT NOT NULL,
  subject TEXT NOT NULL,
  recording TEXT NOT NULL,
  asset TEXT NOT NULL,
  side TEXT NOT NULL,
  party TEXT
);
CREATE INDEX provenance_concerned_parties ON provenance_concerned (party, position);
CREATE INDEX provenance_concerned_assets ON provenance_concerned (asset, position);
CREATE INDEX provenance_concerned_positions ON provenance_concerned (position);

-- The money of a generation: agreed with the authorization, accrued with the completion.
CREATE TABLE provenance_fees (
  generation TEXT NOT NULL,
  stage TEXT NOT NULL,
  position BIGINT NOT NULL,
  currency TEXT NOT NULL,
  fee_micro BIGINT NOT NULL,
  credited_micro BIGINT,
  pool_micro BIGINT NOT NULL,
  commission_micro BIGINT NOT NULL,
  tariff TEXT,
  vector_sha256 TEXT NOT NULL,
  PRIMARY KEY (generation, stage)
);

CREATE TABLE provenance_legs (
  generation TEXT NOT NULL,
  stage TEXT NOT NULL,
  line INTEGER NOT NULL,
  position BIGINT NOT NULL,
  recording TEXT NOT NULL,
  side TEXT NOT NULL,
  asset TEXT NOT NULL,
  party TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_micro BIGINT NOT NULL,
  PRIMARY KEY (generation, stage, line)
);
CREATE INDEX provenance_legs_of_party ON provenance_legs (party, position);
CREATE INDEX provenance_legs_of_recording ON provenance_legs (recording, position);

-- A completed file, and what its manifest says as it was read back.
CREATE TABLE provenance_outputs (
  output TEXT NOT NULL,
  generation TEXT NOT NULL,
  position BIGINT NOT NULL,
  time_us BIGINT NOT NULL,
  artifact_sha256 TEXT NOT NULL,
  file_sha256 TEXT NOT NULL,
  frames_sha256 TEXT NOT NULL,
  decoder TEXT NOT NULL,
  worker TEXT NOT NULL,
  authorized_before_revocation TEXT NOT NULL,
  PRIMARY KEY (output)
);
CREATE INDEX provenance_outputs_of_generation ON provenance_outputs (generation);
CREATE INDEX provenance_outputs_by_artifact ON provenance_outputs (artifact_sha256);
CREATE INDEX provenance_outputs_by_file ON provenance_outputs (file_sha256);
CREATE INDEX provenance_outputs_by_frames ON provenance_outputs (frames_sha256);

CREATE TABLE provenance_manifests (
  output TEXT NOT NULL,
  generation TEXT NOT NULL,
  position BIGINT NOT NULL,
  manifest_urn TEXT NOT NULL,
  claim_signer_sha256 TEXT NOT NULL,
  claim_sha256 TEXT,
  artifact_sha256 TEXT NOT NULL,
  ingredients TEXT NOT NULL,
  PRIMARY KEY (output, position)
);
CREATE INDEX provenance_manifests_by_urn ON provenance_manifests (manifest_urn);

-- Files that said something else than what was authorized.
CREATE TABLE provenance_quarantine (
  generation TEXT NOT NULL,
  position BIGINT NOT NULL,
  time_us BIGINT NOT NULL,
  code TEXT NOT NULL,
  differences TEXT NOT NULL,
  artifact_sha256 TEXT,
  PRIMARY KEY (generation, position)
);
CREATE INDEX provenance_quarantine_by_artifact ON provenance_quarantine (artifact_sha256);

-- Verifications that cleared.
CREATE TABLE provenance_clearances (
  verification TEXT NOT NULL,
  position BIGINT NOT NULL,
  time_us BIGINT NOT NULL,
  creator TEXT,
  generation TEXT NOT NULL,
  tariff TEXT NOT NULL,
  currency TEXT NOT NULL,
  fee_micro BIGINT NOT NULL,
  pool_micro BIGINT NOT NULL,
  expires_at_us BIGINT NOT NULL,
  PRIMARY KEY (verification)
);

-- Demand that was turned down, and how often it was repeated within its hour.
CREATE TABLE provenance_refusals (
  position BIGINT NOT NULL,
  time_us BIGINT NOT NULL,
  kind TEXT NOT NULL,
  generation TEXT NOT NULL,
  verification TEXT,
  creator TEXT,
  model TEXT NOT NULL,
  tier TEXT NOT NULL,
  purpose TEXT NOT NULL,
  channel TEXT NOT NULL,
  territories TEXT NOT NULL,
  code TEXT NOT NULL,
  reasons TEXT NOT NULL,
  alternatives TEXT NOT NULL,
  asked TEXT NOT NULL,
  PRIMARY KEY (position)
);

CREATE TABLE provenance_repeats (
  position BIGINT NOT NULL,
  refusal BIGINT NOT NULL,
  repeats BIGINT NOT NULL,
  PRIMARY KEY (position)
);
CREATE INDEX provenance_repeats_of_refusal ON provenance_repeats (refusal);
