-- Version 00.02.00, step 01, before the code of that version runs: what witnesses have signed.

-- One row a witness and size: its signature line over the checkpoint of that size, verified before
-- it was kept. `witness` is its verifier key as text, so that another key is another witness;
-- `time_s` is the time in the line, POSIX seconds. The greatest size of a witness is what it is
-- known to have seen.
CREATE TABLE ledger.cosignatures (
  size bigint NOT NULL CHECK (size > 0),
  witness text COLLATE "C" NOT NULL,
  time_s bigint NOT NULL CHECK (time_s > 0),
  line text NOT NULL,
  PRIMARY KEY (size, witness)
);
CREATE INDEX cosignatures_witness ON ledger.cosignatures (witness, size);
