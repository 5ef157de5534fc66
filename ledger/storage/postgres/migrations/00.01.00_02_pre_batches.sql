-- Version 00.01.00, step 02, before the code of that version runs: a batch in two calls.

-- Take the lock, then look for all that a batch wants to know. Each statement of a volatile
-- function sees what was committed before that statement began (READ COMMITTED), so everything
-- after the first one sees all that the writers before us have done.
CREATE FUNCTION ledger.begin_batch(
  asked_commands text[], asked_scopes text[], asked_subjects text[],
  OUT size bigint, OUT root bytea, OUT time_us bigint, OUT visible bigint, OUT now timestamptz,
  OUT ids text[], OUT digests bytea[], OUT firsts bigint[], OUT lasts bigint[], OUT hashes bytea[],
  OUT tags text[], OUT positions bigint[],
  OUT subjects text[], OUT wrapped bytea[]
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  SELECT s.size, s.root, s.time_us INTO size, root, time_us
    FROM ledger.state AS s WHERE s.id = 1 FOR UPDATE;
  SELECT v.size INTO visible FROM ledger.visible AS v WHERE v.id = 1;
  now := clock_timestamp();
  IF cardinality(asked_commands) > 0 THEN
    SELECT array_agg(c.id), array_agg(c.digest), array_agg(c.first), array_agg(c.last),
           array_agg(c.statement_sha256)
      INTO ids, digests, firsts, lasts, hashes
      FROM ledger.commands AS c WHERE c.id = ANY (asked_commands);
  END IF;
  IF cardinality(asked_scopes) > 0 THEN
    SELECT array_agg(s.tag), array_agg(s.last_position) INTO tags, positions
      FROM ledger.scopes AS s WHERE s.tag = ANY (asked_scopes);
  END IF;
  IF cardinality(asked_subjects) > 0 THEN
    SELECT array_agg(k.subject), array_agg(k.wrapped) INTO subjects, wrapped
      FROM ledger.subject_keys AS k WHERE k.subject = ANY (asked_subjects);
  END IF;
END $$;

-- Write a batch from parallel arrays and move the head. False, and nothing is written, where the
-- head is not at `old_size`.
CREATE FUNCTION ledger.write_batch(
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
  INSERT INTO ledger.events (position, type, data, tags, event, time_us)
    SELECT * FROM unnest(positions, types, datas, tag_lists, ids, times);
  INSERT INTO ledger.event_tags (tag, position) SELECT * FROM unnest(tags, tag_positions);
  INSERT INTO ledger.scopes AS s (tag, last_position)
    SELECT * FROM unnest(scope_tags, scope_positions)
    ON CONFLICT (tag) DO UPDATE SET last_position = excluded.last_position;
  IF cardinality(command_ids) > 0 THEN
    -- The same bytes are kept once.
    INSERT INTO ledger.statements (sha256, position, statement)
      SELECT * FROM unnest(statement_hashes, statement_positions, statements)
      ON CONFLICT (sha256) DO NOTHING;
    INSERT INTO ledger.commands (id, digest, first, last, statement_sha256)
      SELECT * FROM unnest(command_ids, digests, firsts, lasts, command_hashes);
  END IF;
  IF cardinality(erased) > 0 THEN
    DELETE FROM ledger.openings AS o WHERE o.subject = ANY (erased);
    DELETE FROM ledger.subject_keys AS k WHERE k.subject = ANY (erased);
  END IF;
  IF cardinality(key_subjects) > 0 THEN
    INSERT INTO ledger.subject_keys (subject, wrapped) SELECT * FROM unnest(key_subjects, keys);
  END IF;
  IF cardinality(opened) > 0 THEN
    INSERT INTO ledger.openings (event, pointer, position, subject, sealed)
      SELECT * FROM unnest(opened, pointers, opening_positions, subjects, sealed);
  END IF;
  INSERT INTO ledger.tiles (level, number, hashes) SELECT * FROM unnest(levels, numbers, hashes)
    ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes;
  INSERT INTO ledger.checkpoints (size, root) VALUES (new_size, new_root);
  RETURN true;
END $$;

-- Keep an accepted checkpoint, move the visible head to it, only forward, and tell who listens.
-- Not synchronized to disk: if this is lost, the register still knows.
CREATE FUNCTION ledger.accept(accepted bigint, signed text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO ledger.notes (size, note) VALUES (accepted, signed)
    ON CONFLICT (size) DO NOTHING;
  UPDATE ledger.visible SET size = accepted WHERE id = 1 AND size < accepted;
  IF FOUND THEN
    PERFORM pg_notify('linernotes_visible', accepted::text);
  END IF;
END $$;
