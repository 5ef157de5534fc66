-- The verifiable index (ledger.evidence.index). Hashes are 64 hexadecimal digits.

-- Each touch of a subject with the running count and chain: the value at any position is a lookup.
CREATE TABLE index_touches (
  subject TEXT NOT NULL,
  position BIGINT NOT NULL,
  touches BIGINT NOT NULL,
  chain TEXT NOT NULL,
  PRIMARY KEY (subject, position)
);
CREATE INDEX index_touches_in_order ON index_touches (position);

-- Bodies of nodes by their hash: they never change, so every published root can still be asked.
CREATE TABLE index_nodes (
  hash TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (hash)
);

CREATE TABLE index_roots (
  position BIGINT NOT NULL,
  through BIGINT NOT NULL,
  root TEXT NOT NULL,
  subjects BIGINT NOT NULL,
  PRIMARY KEY (position)
);
