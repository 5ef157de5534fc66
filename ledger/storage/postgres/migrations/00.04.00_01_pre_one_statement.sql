-- Version 00.04.00, step 01, before the code of that version runs: a batch is written by one statement.

-- Write a batch from parallel arrays and move the head. False, and nothing is written, where the
-- head is not at `old_size`.
--
-- The tables of every batch are written by one statement: a statement of its own for each costs more
-- to begin and to end than the few rows take. None of them looks at what another writes. What only
-- some batches have stays apart.
CREATE OR REPLACE FUNCTION ledger.write_batch(
  old_size bigint, new_size bigint, new_root bytea, new_time_us bigint,
  positions bigint[], types text[], datas bytea[], tag_lists text[], ids text[], times bigint[],
  tags text[], tag_positions bigint[],
  scope_tags text[], scope_positions bigint[],
  statement_hashes bytea[], statement_positions bigint[], statements bytea[],
  command_ids text[], digests bytea[], firsts bigint[], lasts bigint[], command_hashes bytea[],
  erased text[],
  key_subjects text[], keys bytea[],
  opened text[], pointers text[], opening_positions bigint[], subjects text[], sealed bytea[],
  levels integer[], numbers bigint[], hashes bytea[]
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE ledger.state SET size = new_size, root = new_root, time_us = new_time_us
    WHERE id = 1 AND size = old_size;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF cardinality(erased) > 0 THEN
    DELETE FROM ledger.openings AS o WHERE o.subject = ANY (erased);
    DELETE FROM ledger.subject_keys AS k WHERE k.subject = ANY (erased);
  END IF;
  WITH
    events AS (INSERT INTO ledger.events (position, type, data, tags, event, time_us)
      SELECT * FROM unnest(positions, types, datas, tag_lists, ids, times)),
    event_tags AS (INSERT INTO ledger.event_tags (tag, position)
      SELECT * FROM unnest(tags, tag_positions)),
    scopes AS (INSERT INTO ledger.scopes AS s (tag, last_position)
      SELECT * FROM unnest(scope_tags, scope_positions)
      ON CONFLICT (tag) DO UPDATE SET last_position = excluded.last_position),
    -- The same bytes are kept once.
    statements AS (INSERT INTO ledger.statements (sha256, position, statement)
      SELECT * FROM unnest(statement_hashes, statement_positions, statements)
      ON CONFLICT (sha256) DO NOTHING),
    commands AS (INSERT INTO ledger.commands (id, digest, first, last, statement_sha256)
      SELECT * FROM unnest(command_ids, digests, firsts, lasts, command_hashes)),
    tiles AS (INSERT INTO ledger.tiles (level, number, hashes)
      SELECT * FROM unnest(levels, numbers, hashes)
      ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes)
  INSERT INTO ledger.checkpoints (size, root) VALUES (new_size, new_root);
  IF cardinality(key_subjects) > 0 THEN
    INSERT INTO ledger.subject_keys (subject, wrapped) SELECT * FROM unnest(key_subjects, keys);
  END IF;
  IF cardinality(opened) > 0 THEN
    INSERT INTO ledger.openings (event, pointer, position, subject, sealed)
      SELECT * FROM unnest(opened, pointers, opening_positions, subjects, sealed);
  END IF;
  RETURN true;
END $$;
