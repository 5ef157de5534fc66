-- Version 00.01.00, step 01, before the code of that version runs: the log and what lies beside it.
--
-- Positions are 1, 2, 3 ... without gaps; leaf index = position - 1. Every table that a reader may
-- see carries a position, so that a reader can stop at the visible head in every one of them.
-- Texts are compared byte by byte (COLLATE "C"): they are names, not words of a language.

-- The one row that serializes all writers: every write to the log locks it first. `size` and `root`
-- are those of the tree over all committed entries; `time_us` is the time of position `size`
-- (microseconds since 1970, UTC). Room on its page, so that a move is no new index entry.
CREATE TABLE ledger.state (
  id integer PRIMARY KEY CHECK (id = 1),
  size bigint NOT NULL CHECK (size >= 0),
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  time_us bigint NOT NULL
) WITH (fillfactor = 10);

-- The size that the register has accepted: readers stop there. A row of its own, so that who moves
-- it waits for no writer.
CREATE TABLE ledger.visible (
  id integer PRIMARY KEY CHECK (id = 1),
  size bigint NOT NULL CHECK (size >= 0)
) WITH (fillfactor = 10);

-- The log. `data` is the entry's bytes, whose SHA-256 with a zero byte before is the leaf; `tags`
-- is a JSON list in the order given; `event` is the event's id where there is one; `time_us` is the
-- running maximum of recorded_at, so it never falls and an instant maps to a position.
CREATE TABLE ledger.events (
  position bigint PRIMARY KEY CHECK (position > 0),
  type text COLLATE "C" NOT NULL,
  data bytea NOT NULL,
  tags text COLLATE "C" NOT NULL,
  event text COLLATE "C" CONSTRAINT events_event UNIQUE,
  time_us bigint NOT NULL
);
CREATE INDEX events_type ON ledger.events (type, position);
CREATE INDEX events_time ON ledger.events (time_us, position);

CREATE TABLE ledger.event_tags (
  tag text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (tag, position)
);

-- Where each scope stands: tags that decide something, not those that start with "about:".
-- Derived from event_tags; kept so that a guard is one probe.
CREATE TABLE ledger.scopes (
  tag text COLLATE "C" PRIMARY KEY,
  last_position bigint NOT NULL
) WITH (fillfactor = 70);

-- Signed commands, byte for byte, bound to the log by the hash that their entries name.
CREATE TABLE ledger.statements (
  sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
  position bigint NOT NULL,
  statement bytea NOT NULL
);

-- What was answered to a command id: its events lie at first .. last.
CREATE TABLE ledger.commands (
  id text COLLATE "C" PRIMARY KEY,
  digest bytea NOT NULL,
  first bigint NOT NULL,
  last bigint NOT NULL CHECK (last >= first),
  statement_sha256 bytea NOT NULL
);

-- Keys of subjects (a party, a generation), each wrapped by the master key, which is no row here.
CREATE TABLE ledger.subject_keys (
  subject text COLLATE "C" PRIMARY KEY,
  wrapped bytea NOT NULL
);

-- Openings of commitments, sealed under the subject's key. Erasing deletes them and the key.
CREATE TABLE ledger.openings (
  event text COLLATE "C" NOT NULL,
  pointer text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  subject text COLLATE "C" NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (event, pointer)
);
CREATE INDEX openings_subject ON ledger.openings (subject);

-- The tree as C2SP tiles (tlog-tiles 0.1.0); the last one of each level grows until it has 256
-- hashes. A partial tile of an earlier size is the beginning of the one stored. Hashes do not
-- compress, so nobody tries.
CREATE TABLE ledger.tiles (
  level integer NOT NULL,
  number bigint NOT NULL,
  hashes bytea NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192),
  PRIMARY KEY (level, number)
) WITH (fillfactor = 70);
ALTER TABLE ledger.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- One row a batch; the signed checkpoint follows when the register has accepted it.
CREATE TABLE ledger.checkpoints (
  size bigint PRIMARY KEY CHECK (size > 0),
  root bytea NOT NULL CHECK (octet_length(root) = 32)
);
CREATE TABLE ledger.notes (
  size bigint PRIMARY KEY REFERENCES ledger.checkpoints,
  note text NOT NULL
);

-- The log only grows. This stops a slip, not an insider: `audit` recomputes everything.
CREATE FUNCTION ledger.stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only, and kept byte for byte', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.events
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.stay();
CREATE TRIGGER stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.statements
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.stay();

-- The root of the empty tree is SHA-256 of nothing (RFC 9162, section 2.1.1).
INSERT INTO ledger.state (id, size, root, time_us)
VALUES (1, 0, '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 0);
INSERT INTO ledger.visible (id, size) VALUES (1, 0);
