-- Version 00.03.00, step 01, before the code of that version runs: a batch in one call.

-- Tell what `begin_batch` tells, and the edge of the tree: the last tile of each level. Whoever
-- writes is waited for, but the lock is given back at once.
CREATE FUNCTION ledger.look(
  asked_commands text[], asked_scopes text[], asked_subjects text[],
  OUT size bigint, OUT root bytea, OUT time_us bigint, OUT visible bigint, OUT now timestamptz,
  OUT ids text[], OUT digests bytea[], OUT firsts bigint[], OUT lasts bigint[], OUT hashes bytea[],
  OUT tags text[], OUT positions bigint[],
  OUT subjects text[], OUT wrapped bytea[],
  OUT edge_levels integer[], OUT edge bytea[]
) LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
  SELECT b.size, b.root, b.time_us, b.visible, b.now, b.ids, b.digests, b.firsts, b.lasts,
         b.hashes, b.tags, b.positions, b.subjects, b.wrapped
    INTO size, root, time_us, visible, now, ids, digests, firsts, lasts,
         hashes, tags, positions, subjects, wrapped
    FROM ledger.begin_batch(asked_commands, asked_scopes, asked_subjects) AS b;
  -- Seven levels of tiles are those of 2^56 entries.
  SELECT array_agg(t.level), array_agg(t.hashes) INTO edge_levels, edge
    FROM generate_series(0, 6) AS l (level)
    JOIN ledger.tiles AS t ON t.level = l.level AND t.number = size >> 8 * (l.level + 1);
END $$;

-- Take the lock; write a batch if all that it took for granted is so, and commit with the statement.
-- Else write nothing, and tell what is so, as `look` does.
--
-- What it took for granted: the state row; that no asked command is known; that no scope has moved
-- beyond its `guard_position`; that the subjects of its openings have the keys in `held_keys`, and
-- those without a key there have none; that its decisions are within a minute of the clock. Each
-- statement here sees what the writers before us have committed: see `begin_batch`. Plans are kept
-- from when the tables were small, and none may scan one that has grown since.
CREATE FUNCTION ledger.append_batch(
  old_size bigint, old_root bytea, old_time_us bigint,
  asked_commands text[], guard_tags text[], guard_positions bigint[],
  asked_subjects text[], held_subjects text[], held_keys bytea[],
  earliest timestamptz, latest timestamptz, clock timestamptz,
  new_size bigint, new_root bytea, new_time_us bigint,
  new_positions bigint[], types text[], datas bytea[], tag_lists text[], event_ids text[],
  times bigint[],
  new_tags text[], tag_positions bigint[],
  scope_tags text[], scope_positions bigint[],
  statement_hashes bytea[], statement_positions bigint[], statements bytea[],
  command_ids text[], new_digests bytea[], new_firsts bigint[], new_lasts bigint[],
  command_hashes bytea[],
  key_subjects text[], keys bytea[],
  opened text[], pointers text[], opening_positions bigint[], opened_subjects text[],
  sealed bytea[],
  levels integer[], numbers bigint[], tile_hashes bytea[],
  OUT is_written boolean,
  OUT size bigint, OUT root bytea, OUT time_us bigint, OUT visible bigint, OUT now timestamptz,
  OUT ids text[], OUT digests bytea[], OUT firsts bigint[], OUT lasts bigint[], OUT hashes bytea[],
  OUT tags text[], OUT positions bigint[],
  OUT subjects text[], OUT wrapped bytea[],
  OUT edge_levels integer[], OUT edge bytea[]
) LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
  PERFORM 1 FROM ledger.state AS s WHERE s.id = 1 FOR UPDATE;
  now := coalesce(clock, clock_timestamp());
  is_written :=
    EXISTS (SELECT 1 FROM ledger.state AS s
      WHERE s.id = 1 AND s.size = old_size AND s.root = old_root AND s.time_us = old_time_us)
    AND earliest >= now - interval '60 seconds' AND latest <= now + interval '60 seconds'
    AND 0 = (SELECT count(*) FROM ledger.commands AS c WHERE c.id = ANY (asked_commands))
    AND 0 = (SELECT count(*) FROM unnest(guard_tags, guard_positions) AS g (tag, position)
      JOIN ledger.scopes AS s ON s.tag = g.tag WHERE s.last_position > g.position);
  IF is_written AND cardinality(asked_subjects) > 0 THEN
    is_written := cardinality(held_subjects) = (
        SELECT count(*) FROM ledger.subject_keys AS k WHERE k.subject = ANY (asked_subjects))
      AND cardinality(held_subjects) = (
        SELECT count(*) FROM unnest(held_subjects, held_keys) AS h (subject, wrapped)
        JOIN ledger.subject_keys AS k ON k.subject = h.subject AND k.wrapped = h.wrapped);
  END IF;
  IF is_written THEN
    is_written := ledger.write_batch(
      old_size, new_size, new_root, new_time_us,
      new_positions, types, datas, tag_lists, event_ids, times,
      new_tags, tag_positions, scope_tags, scope_positions,
      statement_hashes, statement_positions, statements,
      command_ids, new_digests, new_firsts, new_lasts, command_hashes,
      ARRAY[]::text[], key_subjects, keys,
      opened, pointers, opening_positions, opened_subjects, sealed,
      levels, numbers, tile_hashes);
  END IF;
  IF NOT is_written THEN
    SELECT l.size, l.root, l.time_us, l.visible, l.now, l.ids, l.digests, l.firsts, l.lasts,
           l.hashes, l.tags, l.positions, l.subjects, l.wrapped, l.edge_levels, l.edge
      INTO size, root, time_us, visible, now, ids, digests, firsts, lasts,
           hashes, tags, positions, subjects, wrapped, edge_levels, edge
      FROM ledger.look(asked_commands, guard_tags, asked_subjects) AS l;
  END IF;
END $$;
