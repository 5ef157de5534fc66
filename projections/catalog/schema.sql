-- Who and what there is. Lists are JSON, times microseconds since 1970. A row is what was known
-- from from_position until until_position; [effective_from_us, effective_until_us) is the law's.

CREATE TABLE catalog_parties (
  party TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- A natural person's name is an opening that can be erased: it is in no digest.
  name TEXT,
  isni TEXT,
  ipi_name TEXT,
  ipi_base TEXT,
  ipn TEXT,
  residence TEXT,
  time_us BIGINT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (party)
);

CREATE TABLE catalog_deaths (
  party TEXT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (party)
);

CREATE TABLE catalog_keys (
  key_id TEXT NOT NULL,
  party TEXT NOT NULL,
  public_key TEXT,
  roles TEXT,
  status TEXT NOT NULL,
  reason TEXT,
  compromised_since_us BIGINT,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (key_id, from_position)
);
CREATE INDEX catalog_keys_of_party ON catalog_keys (party, from_position);

CREATE TABLE catalog_mandates (
  mandate TEXT NOT NULL,
  grantor TEXT NOT NULL,
  mandatee TEXT NOT NULL,
  capacities TEXT NOT NULL,
  uses TEXT NOT NULL,
  territories TEXT NOT NULL,
  exclusive INTEGER NOT NULL,
  may_revoke INTEGER NOT NULL,
  effective_from_us BIGINT,
  effective_until_us BIGINT,
  status TEXT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (mandate, from_position)
);
CREATE INDEX catalog_mandates_of_grantor ON catalog_mandates (grantor, from_position);
CREATE INDEX catalog_mandates_of_mandatee ON catalog_mandates (mandatee, from_position);

CREATE TABLE catalog_recordings (
  recording TEXT NOT NULL,
  title TEXT NOT NULL,
  artist TEXT NOT NULL,
  isrc TEXT,
  duration_ms BIGINT NOT NULL,
  sample_rate_hz BIGINT NOT NULL,
  file_sha256 TEXT NOT NULL,
  frames_sha256 TEXT NOT NULL,
  decoder TEXT NOT NULL,
  registrant TEXT NOT NULL,
  time_us BIGINT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (recording)
);
CREATE INDEX catalog_recordings_by_isrc ON catalog_recordings (isrc);
CREATE INDEX catalog_recordings_by_file ON catalog_recordings (file_sha256);
CREATE INDEX catalog_recordings_by_frames ON catalog_recordings (frames_sha256);

CREATE TABLE catalog_stems (
  recording TEXT NOT NULL,
  stem TEXT NOT NULL,
  file_sha256 TEXT NOT NULL,
  frames_sha256 TEXT NOT NULL,
  decoder TEXT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (recording, stem, from_position)
);

CREATE TABLE catalog_works (
  work TEXT NOT NULL,
  title TEXT NOT NULL,
  iswc TEXT,
  registrant TEXT NOT NULL,
  time_us BIGINT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (work)
);
CREATE INDEX catalog_works_by_iswc ON catalog_works (iswc);

CREATE TABLE catalog_public_domain (
  work TEXT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (work)
);

-- Claims: proposed, confirmed or withdrawn. What is confirmed today of a share, after others were
-- confirmed out of it, is in the permissions projection.
CREATE TABLE catalog_links (
  link TEXT NOT NULL,
  recording TEXT NOT NULL,
  work TEXT NOT NULL,
  fraction TEXT,
  status TEXT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (link, from_position)
);
CREATE INDEX catalog_links_of_recording ON catalog_links (recording, from_position);
CREATE INDEX catalog_links_of_work ON catalog_links (work, from_position);

CREATE TABLE catalog_credits (
  credit TEXT NOT NULL,
  asset TEXT NOT NULL,
  party TEXT NOT NULL,
  role TEXT NOT NULL,
  featured INTEGER NOT NULL,
  vocal INTEGER NOT NULL,
  stems TEXT NOT NULL,
  status TEXT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (credit, from_position)
);
CREATE INDEX catalog_credits_of_asset ON catalog_credits (asset, from_position);
CREATE INDEX catalog_credits_of_party ON catalog_credits (party, from_position);

CREATE TABLE catalog_vocals (
  credit TEXT NOT NULL,
  recording TEXT NOT NULL,
  vocals TEXT NOT NULL,
  performers TEXT NOT NULL,
  status TEXT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (credit, from_position)
);
CREATE INDEX catalog_vocals_of_recording ON catalog_vocals (recording, from_position);

CREATE TABLE catalog_shares (
  share TEXT NOT NULL,
  asset TEXT NOT NULL,
  party TEXT NOT NULL,
  fraction TEXT NOT NULL,
  territories TEXT NOT NULL,
  effective_from_us BIGINT,
  effective_until_us BIGINT,
  status TEXT NOT NULL,
  confirmer TEXT,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (share, from_position)
);
CREATE INDEX catalog_shares_of_asset ON catalog_shares (asset, from_position);
CREATE INDEX catalog_shares_of_party ON catalog_shares (party, from_position);

CREATE TABLE catalog_restrictions (
  asset TEXT NOT NULL,
  party TEXT NOT NULL,
  purposes TEXT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (asset, party, from_position)
);

CREATE TABLE catalog_inference (
  recording TEXT NOT NULL,
  model TEXT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (recording, model, from_position)
);
CREATE INDEX catalog_inference_of_model ON catalog_inference (model, from_position);

CREATE TABLE catalog_models (
  model TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  provider TEXT NOT NULL,
  weights_sha256 TEXT,
  training TEXT NOT NULL,
  license TEXT NOT NULL,
  capabilities TEXT NOT NULL,
  status TEXT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (model, from_position)
);

CREATE TABLE catalog_tariffs (
  tariff TEXT NOT NULL,
  name TEXT NOT NULL,
  prices TEXT NOT NULL,
  pool_rate TEXT NOT NULL,
  credit_prior_fee INTEGER NOT NULL,
  effective_from_us BIGINT,
  effective_until_us BIGINT,
  status TEXT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (tariff, from_position)
);

-- What can be found: one row a title, name or number, in small letters without accents.
CREATE TABLE catalog_words (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  word TEXT NOT NULL,
  label TEXT NOT NULL,
  private INTEGER NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (word, kind, id)
);
