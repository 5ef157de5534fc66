SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;


CREATE SCHEMA ledger;



CREATE FUNCTION ledger.accept(accepted bigint, signed text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO ledger.notes (size, note) VALUES (accepted, signed)
    ON CONFLICT (size) DO NOTHING;
  UPDATE ledger.visible SET size = accepted WHERE id = 1 AND size < accepted;
  IF FOUND THEN
    PERFORM pg_notify('linernotes_visible', accepted::text);
  END IF;
END $$;



CREATE FUNCTION ledger.append_batch(old_size bigint, old_root bytea, old_time_us bigint, asked_commands text[], guard_tags text[], guard_positions bigint[], asked_subjects text[], held_subjects text[], held_keys bytea[], earliest timestamp with time zone, latest timestamp with time zone, clock timestamp with time zone, new_size bigint, new_root bytea, new_time_us bigint, new_positions bigint[], types text[], datas bytea[], tag_lists text[], event_ids text[], times bigint[], new_tags text[], tag_positions bigint[], scope_tags text[], scope_positions bigint[], statement_hashes bytea[], statement_positions bigint[], statements bytea[], command_ids text[], new_digests bytea[], new_firsts bigint[], new_lasts bigint[], command_hashes bytea[], key_subjects text[], keys bytea[], opened text[], pointers text[], opening_positions bigint[], opened_subjects text[], sealed bytea[], levels integer[], numbers bigint[], tile_hashes bytea[], OUT is_written boolean, OUT size bigint, OUT root bytea, OUT time_us bigint, OUT visible bigint, OUT now timestamp with time zone, OUT ids text[], OUT digests bytea[], OUT firsts bigint[], OUT lasts bigint[], OUT hashes bytea[], OUT tags text[], OUT positions bigint[], OUT subjects text[], OUT wrapped bytea[], OUT edge_levels integer[], OUT edge bytea[]) RETURNS record
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    AS $$
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



CREATE FUNCTION ledger.begin_batch(asked_commands text[], asked_scopes text[], asked_subjects text[], OUT size bigint, OUT root bytea, OUT time_us bigint, OUT visible bigint, OUT now timestamp with time zone, OUT ids text[], OUT digests bytea[], OUT firsts bigint[], OUT lasts bigint[], OUT hashes bytea[], OUT tags text[], OUT positions bigint[], OUT subjects text[], OUT wrapped bytea[]) RETURNS record
    LANGUAGE plpgsql
    AS $$
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



CREATE FUNCTION ledger.look(asked_commands text[], asked_scopes text[], asked_subjects text[], OUT size bigint, OUT root bytea, OUT time_us bigint, OUT visible bigint, OUT now timestamp with time zone, OUT ids text[], OUT digests bytea[], OUT firsts bigint[], OUT lasts bigint[], OUT hashes bytea[], OUT tags text[], OUT positions bigint[], OUT subjects text[], OUT wrapped bytea[], OUT edge_levels integer[], OUT edge bytea[]) RETURNS record
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    AS $$
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



CREATE FUNCTION ledger.stay() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  RAISE EXCEPTION '% is append-only, and kept byte for byte', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;



CREATE FUNCTION ledger.write_batch(old_size bigint, new_size bigint, new_root bytea, new_time_us bigint, positions bigint[], types text[], datas bytea[], tag_lists text[], ids text[], times bigint[], tags text[], tag_positions bigint[], scope_tags text[], scope_positions bigint[], statement_hashes bytea[], statement_positions bigint[], statements bytea[], command_ids text[], digests bytea[], firsts bigint[], lasts bigint[], command_hashes bytea[], erased text[], key_subjects text[], keys bytea[], opened text[], pointers text[], opening_positions bigint[], subjects text[], sealed bytea[], levels integer[], numbers bigint[], hashes bytea[]) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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


SET default_tablespace = '';

SET default_table_access_method = heap;


CREATE TABLE ledger.checkpoints (
    size bigint NOT NULL,
    root bytea NOT NULL,
    CONSTRAINT checkpoints_root_check CHECK ((octet_length(root) = 32)),
    CONSTRAINT checkpoints_size_check CHECK ((size > 0))
);



CREATE TABLE ledger.commands (
    id text NOT NULL COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    statement_sha256 bytea NOT NULL,
    CONSTRAINT commands_check CHECK ((last >= first))
);



CREATE TABLE ledger.cosignatures (
    size bigint NOT NULL,
    witness text NOT NULL COLLATE pg_catalog."C",
    time_s bigint NOT NULL,
    line text NOT NULL,
    CONSTRAINT cosignatures_size_check CHECK ((size > 0)),
    CONSTRAINT cosignatures_time_s_check CHECK ((time_s > 0))
);



CREATE TABLE ledger.event_tags (
    tag text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL
);



CREATE TABLE ledger.events (
    "position" bigint NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    data bytea NOT NULL,
    tags text NOT NULL COLLATE pg_catalog."C",
    event text COLLATE pg_catalog."C",
    time_us bigint NOT NULL,
    CONSTRAINT events_position_check CHECK (("position" > 0))
);



CREATE TABLE ledger.migrations (
    name text NOT NULL,
    ran_at timestamp with time zone DEFAULT now() NOT NULL
);



CREATE TABLE ledger.notes (
    size bigint NOT NULL,
    note text NOT NULL
);



CREATE TABLE ledger.openings (
    event text NOT NULL COLLATE pg_catalog."C",
    pointer text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    subject text NOT NULL COLLATE pg_catalog."C",
    sealed bytea NOT NULL
);



CREATE TABLE ledger.scopes (
    tag text NOT NULL COLLATE pg_catalog."C",
    last_position bigint NOT NULL
)
WITH (fillfactor='70');



CREATE TABLE ledger.state (
    id integer NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    time_us bigint NOT NULL,
    CONSTRAINT state_id_check CHECK ((id = 1)),
    CONSTRAINT state_root_check CHECK ((octet_length(root) = 32)),
    CONSTRAINT state_size_check CHECK ((size >= 0))
)
WITH (fillfactor='10');



CREATE TABLE ledger.statements (
    sha256 bytea NOT NULL,
    "position" bigint NOT NULL,
    statement bytea NOT NULL,
    CONSTRAINT statements_sha256_check CHECK ((octet_length(sha256) = 32))
);



CREATE TABLE ledger.subject_keys (
    subject text NOT NULL COLLATE pg_catalog."C",
    wrapped bytea NOT NULL
);



CREATE TABLE ledger.tiles (
    level integer NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT tiles_hashes_check CHECK (((octet_length(hashes) >= 32) AND (octet_length(hashes) <= 8192)))
)
WITH (fillfactor='70');
ALTER TABLE ONLY ledger.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;



CREATE TABLE ledger.visible (
    id integer NOT NULL,
    size bigint NOT NULL,
    CONSTRAINT visible_id_check CHECK ((id = 1)),
    CONSTRAINT visible_size_check CHECK ((size >= 0))
)
WITH (fillfactor='10');



INSERT INTO ledger.checkpoints VALUES (2, '\xefade419b52c50cb7a181e21b2ff333245db27ba6ef563a537828147119613e4');
INSERT INTO ledger.checkpoints VALUES (3, '\x29e6aeec920474f25e9febbaf1d32af5140bbc594b65757b9b14eb3cb73591ec');



INSERT INTO ledger.commands VALUES ('cmd_a', '\xca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb', 1, 2, '\x12bb10143d3e580dc518a09850f22dd86b4c4ab8afe15805b6912ac809567bd6');
INSERT INTO ledger.commands VALUES ('cmd_b', '\x3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d', 3, 3, '\x68d8a120d86dfe7e1b98ac4979f45762901eff850829dab57f025e8247dc7393');






INSERT INTO ledger.event_tags VALUES ('rights:rec_1', 1);
INSERT INTO ledger.event_tags VALUES ('about:pty_1', 1);
INSERT INTO ledger.event_tags VALUES ('rights:rec_1', 3);



INSERT INTO ledger.events VALUES (1, 'ConsentGranted', '\x656e7472792030206f662061', '["rights:rec_1", "about:pty_1"]', 'evt_a_0', 1795334400000000);
INSERT INTO ledger.events VALUES (2, 'ConsentGranted', '\x656e7472792031206f662061', '[]', 'evt_a_1', 1795334400000000);
INSERT INTO ledger.events VALUES (3, 'ConsentGranted', '\x656e7472792030206f662062', '["rights:rec_1"]', 'evt_b_0', 1795334400000000);



INSERT INTO ledger.migrations VALUES ('00.01.00_01_pre_log', '2026-11-30 22:32:33.537518+00');
INSERT INTO ledger.migrations VALUES ('00.01.00_02_pre_batches', '2026-11-30 22:32:33.552789+00');
INSERT INTO ledger.migrations VALUES ('00.02.00_01_pre_cosignatures', '2026-11-30 22:32:33.558174+00');
INSERT INTO ledger.migrations VALUES ('00.03.00_01_pre_append', '2026-11-30 22:32:33.560029+00');
INSERT INTO ledger.migrations VALUES ('00.04.00_01_pre_one_statement', '2026-11-30 22:32:33.562885+00');



INSERT INTO ledger.notes VALUES (2, 'ledger.example/2026
2
763kGbUsUMt6GB4hsv8zMkXbJ7pu9WOlN4KBRxGWE+Q=

— ledger.example/2026 UiSYWfeiW6MG0HnevepA7LEyfBcIi7YTeHm7IJG/or6zQs8HNdMZfcNRC5OajU6MSteNSpHvymbuf8bETw788JMa0w4=
');
INSERT INTO ledger.notes VALUES (3, 'ledger.example/2026
3
Keau7JIEdPJen+u68dMq9RQLvFlLZXV7mxTrPLc1kew=

— ledger.example/2026 UiSYWb+FFMzOzF/XfNZVMjim4pefU0VzgkTgp6kqTkVMarhfo0asg65GOBoUBgZrKmPuJVIY+2BA6qe9kraR0rgqawo=
');



INSERT INTO ledger.openings VALUES ('evt_a_0', '/data/name', 1, 'pty_1', '\xeb8da9c33c2be28dfec143cc3402bb4f1a0d38ebbc7d20decebd84881539775198dd9b0c832ca3dd80628d74871b9c2926d40ef84e8c84159163f64a87ced3657e2d07bed0664f08485c32c3bf8eb9fb4b');



INSERT INTO ledger.scopes VALUES ('rights:rec_1', 3);



INSERT INTO ledger.state VALUES (1, 3, '\x29e6aeec920474f25e9febbaf1d32af5140bbc594b65757b9b14eb3cb73591ec', 1795334400000000);



INSERT INTO ledger.statements VALUES ('\x12bb10143d3e580dc518a09850f22dd86b4c4ab8afe15805b6912ac809567bd6', 1, '\x73746174656d656e742061206f662061');
INSERT INTO ledger.statements VALUES ('\x68d8a120d86dfe7e1b98ac4979f45762901eff850829dab57f025e8247dc7393', 3, '\x73746174656d656e742062206f662062');



INSERT INTO ledger.subject_keys VALUES ('pty_1', '\x65ad01a0bc2a46bd0694510873283b37ce7c89d2857ab0c9e308a7c7b60070cf147179d30122ed568aacd8c0a56d7198350bc1acc89c3723a429808a');



INSERT INTO ledger.tiles VALUES (0, 0, '\xc0aa7a760519092a2b849026e834ed8860e3b47e71a20ac2fbb81e29e56d0d6116932d7b17c235a3d5e9d6152d0f93cc104a3e1d7e4cffa4d50a0106336f6949cca661d4843b3d230a2e55a61ddf68138446a86b35e2d06de5b8824cc7b55e6a');



INSERT INTO ledger.visible VALUES (1, 3);



ALTER TABLE ONLY ledger.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (size);



ALTER TABLE ONLY ledger.commands
    ADD CONSTRAINT commands_pkey PRIMARY KEY (id);



ALTER TABLE ONLY ledger.cosignatures
    ADD CONSTRAINT cosignatures_pkey PRIMARY KEY (size, witness);



ALTER TABLE ONLY ledger.event_tags
    ADD CONSTRAINT event_tags_pkey PRIMARY KEY (tag, "position");



ALTER TABLE ONLY ledger.events
    ADD CONSTRAINT events_event UNIQUE (event);



ALTER TABLE ONLY ledger.events
    ADD CONSTRAINT events_pkey PRIMARY KEY ("position");



ALTER TABLE ONLY ledger.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);



ALTER TABLE ONLY ledger.notes
    ADD CONSTRAINT notes_pkey PRIMARY KEY (size);



ALTER TABLE ONLY ledger.openings
    ADD CONSTRAINT openings_pkey PRIMARY KEY (event, pointer);



ALTER TABLE ONLY ledger.scopes
    ADD CONSTRAINT scopes_pkey PRIMARY KEY (tag);



ALTER TABLE ONLY ledger.state
    ADD CONSTRAINT state_pkey PRIMARY KEY (id);



ALTER TABLE ONLY ledger.statements
    ADD CONSTRAINT statements_pkey PRIMARY KEY (sha256);



ALTER TABLE ONLY ledger.subject_keys
    ADD CONSTRAINT subject_keys_pkey PRIMARY KEY (subject);



ALTER TABLE ONLY ledger.tiles
    ADD CONSTRAINT tiles_pkey PRIMARY KEY (level, number);



ALTER TABLE ONLY ledger.visible
    ADD CONSTRAINT visible_pkey PRIMARY KEY (id);



CREATE INDEX cosignatures_witness ON ledger.cosignatures USING btree (witness, size);



CREATE INDEX events_time ON ledger.events USING btree (time_us, "position");



CREATE INDEX events_type ON ledger.events USING btree (type, "position");



CREATE INDEX openings_subject ON ledger.openings USING btree (subject);



CREATE TRIGGER stay BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.events FOR EACH STATEMENT EXECUTE FUNCTION ledger.stay();



CREATE TRIGGER stay BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.statements FOR EACH STATEMENT EXECUTE FUNCTION ledger.stay();



ALTER TABLE ONLY ledger.notes
    ADD CONSTRAINT notes_size_fkey FOREIGN KEY (size) REFERENCES ledger.checkpoints(size);
