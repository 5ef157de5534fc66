-- Version 00.01.00, step 01, before the code of that version runs: the log and what lies beside it.
--
-- Positions are 1, 2, 3 ... without gaps; leaf index = position - 1. Every table that a reader may
-- see carries a position, so that a reader can stop at the visible head in every one of them.

-- The one row that serializes all writers. `size` and `root` are those of the tree over all
-- committed entries; `time_us` is the time of position `size` (microseconds since 1970, UTC);
-- `visible` is the size that the register has accepted: readers stop there.
CREATE TABLE state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  time_us INTEGER NOT NULL,
  visible INTEGER NOT NULL CHECK (visible BETWEEN 0 AND size)
) STRICT;

-- The log. `data` is the entry's bytes, whose SHA-256 with a zero byte before is the leaf; `tags`
-- is a JSON list in the order given; `event` is the event's id where there is one; `time_us` is the
-- running maximum of recorded_at, so it never falls and an instant maps to a position.
CREATE TABLE events (
  position INTEGER PRIMARY KEY CHECK (position > 0),
  type TEXT NOT NULL,
  data BLOB NOT NULL,
  tags TEXT NOT NULL,
  event TEXT UNIQUE,
  time_us INTEGER NOT NULL
) STRICT;
CREATE INDEX events_type ON events (type);
CREATE INDEX events_time ON events (time_us);

CREATE TABLE event_tags (
  tag TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (tag, position)
) STRICT, WITHOUT ROWID;

-- Where each scope stands: tags that decide something, not those that start with "about:".
-- Derived from event_tags; kept so that a guard is one probe.
CREATE TABLE scopes (
  tag TEXT PRIMARY KEY,
  last_position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Signed commands, byte for byte, bound to the log by the hash that their entries name.
CREATE TABLE statements (
  sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
  position INTEGER NOT NULL,
  statement BLOB NOT NULL
) STRICT;

-- What was answered to a command id: its events lie at first .. last.
CREATE TABLE commands (
  id TEXT PRIMARY KEY,
  digest BLOB NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL CHECK (last >= first),
  statement_sha256 BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys of subjects (a party, a generation), each wrapped by the master key, which is no row here.
CREATE TABLE subject_keys (
  subject TEXT PRIMARY KEY,
  wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Openings of commitments, sealed under the subject's key. Erasing deletes them and the key.
CREATE TABLE openings (
  event TEXT NOT NULL,
  pointer TEXT NOT NULL,
  position INTEGER NOT NULL,
  subject TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (event, pointer)
) STRICT, WITHOUT ROWID;
CREATE INDEX openings_subject ON openings (subject);

-- The tree as C2SP tiles (tlog-tiles 0.1.0); the last one of each level grows until it has 256
-- hashes. A partial tile of an earlier size is the beginning of the one stored.
CREATE TABLE tiles (
  level INTEGER NOT NULL,
  number INTEGER NOT NULL,
  hashes BLOB NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192),
  PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;

-- One row a batch. `note` is the signed checkpoint; NULL until the register has accepted it.
CREATE TABLE checkpoints (
  size INTEGER PRIMARY KEY CHECK (size > 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  note TEXT
) STRICT;

-- The log only grows. These stop a slip, not an insider: `audit` recomputes everything.
CREATE TRIGGER events_stay BEFORE UPDATE ON events
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER statements_stay BEFORE UPDATE ON statements
BEGIN SELECT raise(ABORT, 'statements are kept byte for byte'); END;
CREATE TRIGGER statements_remain BEFORE DELETE ON statements
BEGIN SELECT raise(ABORT, 'statements are kept byte for byte'); END;

-- The root of the empty tree is SHA-256 of nothing (RFC 9162, section 2.1.1).
INSERT INTO state (id, size, root, time_us, visible)
VALUES (1, 0, x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 0, 0);
