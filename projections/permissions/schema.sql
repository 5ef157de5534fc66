-- One row a version of a consent, for each asset that it names, and for the party whose catalog it
-- covers (then `subject` is the party). Where the revocation of one asset cuts it out of a catalog
-- consent, the asset has a row of its own that stands for the catalog's.
-- [effective_from_us, effective_until_us) is the law's time (NULL: no end), revocations included;
-- [from_position, until_position) is what was known. Lists are JSON.
CREATE TABLE permissions_consents (
  subject TEXT NOT NULL,
  party TEXT NOT NULL,
  consent TEXT NOT NULL,
  -- The position from which these words come.
  version BIGINT NOT NULL,
  capacity TEXT NOT NULL,
  catalog INTEGER NOT NULL,
  uses TEXT NOT NULL,
  parameters TEXT NOT NULL,
  reproduction INTEGER NOT NULL,
  tiers TEXT NOT NULL,
  purposes TEXT NOT NULL,
  channels TEXT NOT NULL,
  models TEXT NOT NULL,
  modules TEXT NOT NULL,
  territories TEXT NOT NULL,
  territories_version TEXT NOT NULL,
  floors TEXT NOT NULL,
  minimum_weight TEXT,
  revocation TEXT NOT NULL,
  text_sha256 TEXT NOT NULL,
  signed_by TEXT NOT NULL,
  contested INTEGER NOT NULL,
  effective_from_us BIGINT NOT NULL,
  effective_until_us BIGINT,
  revoked_from_us BIGINT,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (subject, consent, version, from_position)
);
CREATE INDEX permissions_consents_of_party ON permissions_consents (party, from_position);

-- Confirmed shares, one row for each part that is the same in fraction, countries and window.
-- A side is `master` for recordings and `publishing` for works. NULL: since ever, without end.
CREATE TABLE permissions_shares (
  asset TEXT NOT NULL,
  side TEXT NOT NULL,
  party TEXT NOT NULL,
  share TEXT NOT NULL,
  fraction TEXT NOT NULL,
  countries TEXT NOT NULL,
  effective_from_us BIGINT,
  effective_until_us BIGINT,
  from_position BIGINT NOT NULL,
  until_position BIGINT
);
CREATE INDEX permissions_shares_of_asset ON permissions_shares (asset, from_position);
CREATE INDEX permissions_shares_of_party ON permissions_shares (party, from_position);

-- Confirmed performers and authors, who may be asked beside the controllers.
CREATE TABLE permissions_performers (
  asset TEXT NOT NULL,
  party TEXT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (asset, party, from_position)
);

-- Which scopes the rows of a subject were made from: when one moves, they are made again.
CREATE TABLE permissions_depends (
  tag TEXT NOT NULL,
  subject TEXT NOT NULL,
  PRIMARY KEY (tag, subject)
);
CREATE INDEX permissions_depends_of_subject ON permissions_depends (subject);
