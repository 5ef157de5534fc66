-- Version 00.05.00, step 01, before the code of that version runs: statements lie by position.
--
-- By their hash each new one lay on a page of its own. By the position of the first entry that
-- follows from it, the next is put behind the last. Whoever has an entry knows both.
-- The triggers of a table go with it, so they are made anew.

CREATE TABLE statements_by_position (
  position INTEGER PRIMARY KEY CHECK (position > 0),
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  statement BLOB NOT NULL
) STRICT;
INSERT INTO statements_by_position (position, sha256, statement)
SELECT position, sha256, statement FROM statements ORDER BY position;
DROP TABLE statements;
ALTER TABLE statements_by_position RENAME TO statements;

CREATE TRIGGER statements_stay BEFORE UPDATE ON statements
BEGIN SELECT raise(ABORT, 'statements are kept byte for byte'); END;
CREATE TRIGGER statements_remain BEFORE DELETE ON statements
BEGIN SELECT raise(ABORT, 'statements are kept byte for byte'); END;
