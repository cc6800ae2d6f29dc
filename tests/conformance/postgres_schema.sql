CREATE SCHEMA hookswitch;
CREATE FUNCTION hookswitch.claim_deliveries(the_worker text, the_time bigint, order_window bigint, total_first integer, total_retry integer, each_first integer, each_retry integer, room_endpoints text[], room_firsts integer[], room_retries integer[], room_busy integer[], strict_endpoints text[], strict_limits bigint[]) RETURNS TABLE(id bigint, event text, type text, call text, revision bigint, endpoint text, body bytea, attempt integer, failures integer, sequence integer, created_at bigint, final boolean, linked_call text, client_ref text, retry boolean)
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
DECLARE
  names text[];
  sinces bigint[];
  probed boolean[];
  busies integer[];
  first_rooms integer[];
  retry_rooms integer[];
  level integer;
  is_cut boolean;
  chosen bigint[];
  chosen_of text[];
  retries bigint[];
  begin_of_retries integer;
  -- not a literal: else an index of all that waits would be read instead of the rows' own
  pending text := 'pending';
BEGIN
  PERFORM pg_advisory_xact_lock(7465, 2);
  -- A claim promises nothing: lost in a crash of the server, its delivery is given out once more.
  PERFORM set_config('synchronous_commit', 'off', true);
  SELECT array_agg(w.endpoint), array_agg(strict.since), array_agg(x.held_until IS NOT NULL),
    array_agg(coalesce(g.busy, 0)),
    array_agg(greatest(0, least(
      total_first, coalesce(g.first, each_first), CASE WHEN x.held_until IS NOT NULL THEN 1 END
    ))),
    array_agg(greatest(0, least(
      total_retry, coalesce(g.retry, each_retry), CASE WHEN x.held_until IS NOT NULL THEN 1 END
    )))
  INTO names, sinces, probed, busies, first_rooms, retry_rooms
  FROM waiting_endpoints() w (endpoint)
  LEFT JOIN endpoint_runtime x ON x.endpoint = w.endpoint
  LEFT JOIN unnest(room_endpoints, room_firsts, room_retries, room_busy)
    g (endpoint, first, retry, busy) ON g.endpoint = w.endpoint
  LEFT JOIN LATERAL (
    SELECT the_time - l.limits AS since FROM unnest(strict_endpoints, strict_limits)
      l (endpoint, limits)
    WHERE l.endpoint = w.endpoint
  ) strict ON true
  WHERE coalesce(x.state, 'active') = 'active' AND coalesce(x.held_until, 0) <= the_time
    AND (
      x.held_until IS NULL
      OR (
        SELECT true FROM deliveries e
        WHERE e.state = 'sending' AND e.endpoint = w.endpoint LIMIT 1
      ) IS NULL
    );
  IF names IS NULL THEN
    RETURN;
  END IF;
  -- scalar subqueries, so that each row looks its own call up: as anti-joins they read the whole
  -- index for each row (seen)
  FOREACH level IN ARRAY ARRAY[fair_level(first_rooms, busies, total_first), 1000000] LOOP
    SELECT
      (array_agg(f.id ORDER BY f.busy + f.nth, f.due_at, f.id))[1:total_first],
      (array_agg(f.endpoint ORDER BY f.busy + f.nth, f.due_at, f.id))[1:total_first],
      coalesce(bool_or(f.nth = f.most AND f.most < f.room), false) OR EXISTS (
        SELECT FROM unnest(first_rooms, busies) n (room, busy) WHERE n.room > 0 AND n.busy >= level
      )
    INTO chosen, chosen_of, is_cut
    FROM (
      SELECT r.id, r.due_at, o.endpoint, o.busy, o.room, o.most,
        row_number() OVER (PARTITION BY o.endpoint ORDER BY r.due_at, r.id) AS nth
      FROM (
        SELECT n.*, greatest(0, least(n.room, level - n.busy)) AS most
        FROM unnest(names, sinces, probed, busies, first_rooms)
          n (endpoint, since, probing, busy, room)
      ) o
      CROSS JOIN LATERAL (
        SELECT d.id, d.due_at FROM deliveries d
        WHERE d.state = 'pending' AND d.endpoint = o.endpoint AND NOT d.first_done
          AND d.due_at <= the_time
          AND d.sequence = (
            SELECT e.sequence FROM deliveries e
            WHERE e.state = 'pending' AND NOT e.first_done
              AND e.call = d.call AND e.endpoint = d.endpoint
            ORDER BY e.sequence LIMIT 1
          )
          AND (
            SELECT true FROM deliveries e
            WHERE e.state = 'sending' AND e.endpoint = d.endpoint AND e.call = d.call
              AND e.sequence < d.sequence AND NOT e.first_done
              AND e.claimed_at > the_time - order_window
            LIMIT 1
          ) IS NULL
          AND (
            o.since IS NULL
            OR (
              SELECT true FROM deliveries e
              WHERE e.call = d.call AND e.endpoint = d.endpoint AND e.sequence < d.sequence
                AND e.state IN ('pending', 'sending') AND e.created_at > o.since
              LIMIT 1
            ) IS NULL
          )
        ORDER BY d.endpoint, d.first_done, d.due_at, d.id
        LIMIT o.most
      ) r
    ) f;
    EXIT WHEN NOT is_cut OR cardinality(chosen) >= total_first;
  END LOOP;
  FOREACH level IN ARRAY ARRAY[fair_level(retry_rooms, busies, total_retry), 1000000] LOOP
    SELECT
      (array_agg(f.id ORDER BY f.busy + f.nth, f.due_at, f.id))[1:total_retry],
      coalesce(bool_or(f.nth = f.most AND f.most < f.room), false) OR EXISTS (
        SELECT FROM unnest(retry_rooms, busies) n (room, busy) WHERE n.room > 0 AND n.busy >= level
      )
    INTO retries, is_cut
    FROM (
      SELECT r.id, r.due_at, o.endpoint, o.busy, o.room, o.most,
        row_number() OVER (PARTITION BY o.endpoint ORDER BY r.due_at, r.id) AS nth
      FROM (
        SELECT n.*, greatest(0, least(n.room, level - n.busy)) AS most
        FROM unnest(names, sinces, probed, busies, retry_rooms)
          n (endpoint, since, probing, busy, room)
        WHERE NOT (n.probing AND n.endpoint = ANY (coalesce(chosen_of, '{}')))
      ) o
      CROSS JOIN LATERAL (
        SELECT d.id, d.due_at FROM deliveries d
        WHERE d.state = 'pending' AND d.endpoint = o.endpoint AND d.first_done
          AND d.due_at <= the_time
        ORDER BY d.endpoint, d.first_done, d.due_at, d.id
        LIMIT o.most
      ) r
    ) f;
    EXIT WHEN NOT is_cut OR cardinality(retries) >= total_retry;
  END LOOP;
  begin_of_retries := coalesce(cardinality(chosen), 0);
  chosen := chosen || retries;
  RETURN QUERY
  WITH locked AS (
    SELECT d.id, c.place FROM unnest(chosen) WITH ORDINALITY c (id, place)
    JOIN deliveries d ON d.id = c.id AND d.state = pending
    FOR UPDATE OF d SKIP LOCKED
  ),
  taken AS (
    UPDATE deliveries d
    SET state = 'sending', attempts = d.attempts + 1, claimed_at = the_time, worker = the_worker
    FROM locked WHERE d.id = locked.id
    RETURNING d.*, locked.place
  )
  SELECT t.id, t.event, e.type, t.call, e.revision, t.endpoint, e.body, t.attempts, t.failures,
    t.sequence, t.created_at, t.final, e.linked_call, e.client_ref,
    t.place > begin_of_retries
  FROM taken t JOIN events e ON e.event = t.event
  ORDER BY t.place;
END $$;
CREATE FUNCTION hookswitch.commit_line(the_node text, the_generation bigint, the_offset bigint, the_time bigint, call_ids text[], call_starts bigint[], call_ends bigint[], call_states bytea[], forgotten text[], event_ids text[], event_types text[], event_calls text[], event_revisions bigint[], event_times bigint[], event_endpoints text[], event_bodies bytea[], event_links text[], event_refs text[], delivery_events text[], delivery_calls text[], delivery_endpoints text[], delivery_finals boolean[], delivery_times bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
  INSERT INTO line AS l (node, generation, byte_offset, updated_at)
  VALUES (the_node, the_generation, the_offset, the_time)
  ON CONFLICT (node) DO UPDATE SET
    generation = excluded.generation,
    byte_offset = excluded.byte_offset,
    updated_at = excluded.updated_at;
  INSERT INTO calls (call, node, started_at, ended_at, state)
  SELECT g.call, the_node, g.started_at, g.ended_at, g.state
  FROM unnest(call_ids, call_starts, call_ends, call_states) g (call, started_at, ended_at, state)
  ON CONFLICT (call) DO UPDATE SET ended_at = excluded.ended_at, state = excluded.state;
  DELETE FROM calls WHERE call = ANY (forgotten);
  IF cardinality(event_ids) > 0 THEN
    PERFORM pg_advisory_xact_lock(7465, 1);
    INSERT INTO events
      (event, type, call, revision, at, endpoint, body, linked_call, client_ref)
    SELECT g.event, g.type, g.call, g.revision, g.at, g.endpoint, g.body,
      g.linked_call, g.client_ref
    FROM unnest(
      event_ids, event_types, event_calls, event_revisions, event_times, event_endpoints,
      event_bodies, event_links, event_refs
    ) WITH ORDINALITY
      g (event, type, call, revision, at, endpoint, body, linked_call, client_ref, place)
    WHERE NOT EXISTS (SELECT FROM events e WHERE e.event = g.event)
    ORDER BY g.place;
  END IF;
  IF cardinality(delivery_events) > 0 THEN
    -- an event that is not there is null, and refused
    INSERT INTO deliveries (event, call, endpoint, sequence, final, created_at, due_at)
    SELECT e.event, g.call, g.endpoint,
      coalesce((
        SELECT max(x.sequence) FROM deliveries x WHERE x.call = g.call AND x.endpoint = g.endpoint
      ), 0) + row_number() OVER (PARTITION BY g.call, g.endpoint ORDER BY g.place),
      g.final, g.at, g.at
    FROM unnest(
      delivery_events, delivery_calls, delivery_endpoints, delivery_finals, delivery_times
    ) WITH ORDINALITY g (event, call, endpoint, final, at, place)
    LEFT JOIN events e ON e.event = g.event
    WHERE NOT EXISTS (
      SELECT FROM deliveries x WHERE x.event = g.event AND x.endpoint = g.endpoint
    )
    ORDER BY g.place;
    PERFORM pg_notify('hookswitch', 'deliveries');
  END IF;
END $$;
CREATE FUNCTION hookswitch.count_deliveries() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO delivery_counts SELECT state, count(*) FROM now_so GROUP BY state;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO delivery_counts SELECT state, -count(*) FROM was_so GROUP BY state;
  ELSE
    INSERT INTO delivery_counts
    SELECT state, sum(n) FROM (
      SELECT state, 1 AS n FROM now_so UNION ALL SELECT state, -1 FROM was_so
    ) moved
    GROUP BY state HAVING sum(n) <> 0;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION hookswitch.drop_partitions() RETURNS void
    LANGUAGE plpgsql
    AS $_$
DECLARE
  size bigint := partition_size();
  oldest bigint := (SELECT min(id) FROM deliveries);
  part text;
BEGIN
  PERFORM pg_advisory_xact_lock(7465, 3);
  FOR part IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'attempts'::regclass AND c.relname ~ '^attempts_[0-9]+$'
  LOOP
    IF (substring(part from '[0-9]+$')::bigint + 1) * size <= oldest THEN
      EXECUTE format('DROP TABLE %I', part);
    END IF;
  END LOOP;
END $_$;
CREATE FUNCTION hookswitch.fair_level(rooms integer[], busies integer[], total integer) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE
    AS $$
DECLARE
  low integer := 0;
  high integer;
  middle integer;
BEGIN
  SELECT coalesce(max(l.room + l.busy), 0) INTO high FROM unnest(rooms, busies) l (room, busy);
  WHILE low < high LOOP
    middle := (low + high) / 2;
    IF total > (
      SELECT coalesce(sum(greatest(0, least(l.room, middle - l.busy))), 0)
      FROM unnest(rooms, busies) l (room, busy)
    ) THEN
      low := middle + 1;
    ELSE
      high := middle;
    END IF;
  END LOOP;
  RETURN low;
END $$;
CREATE FUNCTION hookswitch.fold_counts() RETURNS void
    LANGUAGE sql
    AS $$
  WITH gone AS (DELETE FROM delivery_counts RETURNING state, n)
  INSERT INTO delivery_counts SELECT state, sum(n) FROM gone GROUP BY state HAVING sum(n) <> 0;
$$;
CREATE FUNCTION hookswitch.make_partitions() RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
  size bigint := partition_size();
  oldest bigint := coalesce((SELECT min(id) FROM deliveries), 0);
  newest bigint := coalesce((SELECT max(id) FROM deliveries), 0);
BEGIN
  PERFORM pg_advisory_xact_lock(7465, 3);
  FOR part IN oldest / size .. newest / size + 1 LOOP
    IF to_regclass('attempts_' || part) IS NULL
      AND NOT EXISTS (
        SELECT FROM attempts_other a WHERE a.delivery >= part * size AND a.delivery < (part + 1) * size
      )
    THEN
      EXECUTE format(
        'CREATE TABLE %I PARTITION OF attempts FOR VALUES FROM (%s) TO (%s)',
        'attempts_' || part, part * size, (part + 1) * size
      );
    END IF;
  END LOOP;
END $$;
CREATE FUNCTION hookswitch.next_due() RETURNS bigint
    LANGUAGE sql STABLE
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
  WITH soonest (endpoint, due_at) AS (
    SELECT w, (
      SELECT d.due_at FROM deliveries d
      WHERE d.state = 'pending' AND d.endpoint = w AND NOT d.first_done
        AND d.sequence = (
          SELECT e.sequence FROM deliveries e
          WHERE e.state = 'pending' AND NOT e.first_done
            AND e.call = d.call AND e.endpoint = d.endpoint
          ORDER BY e.sequence LIMIT 1
        )
      ORDER BY d.endpoint, d.first_done, d.due_at, d.id LIMIT 1
    ) FROM waiting_endpoints() w
    UNION ALL
    SELECT w, (
      SELECT d.due_at FROM deliveries d
      WHERE d.state = 'pending' AND d.endpoint = w AND d.first_done
      ORDER BY d.endpoint, d.first_done, d.due_at, d.id LIMIT 1
    ) FROM waiting_endpoints() w
  )
  SELECT min(greatest(s.due_at, r.held_until))
  FROM soonest s LEFT JOIN endpoint_runtime r ON r.endpoint = s.endpoint
  WHERE s.due_at IS NOT NULL AND coalesce(r.state, 'active') = 'active'
$$;
CREATE FUNCTION hookswitch.note_parties() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
  said jsonb := convert_from(NEW.state, 'UTF8')::jsonb;
BEGIN
  INSERT INTO call_parties (party, started_at, call)
  SELECT found.party, NEW.started_at, NEW.call FROM (
    SELECT 'n:' || ltrim(nullif(said #>> '{caller,number}', ''), '+') AS party
    UNION
    SELECT 'n:' || ltrim(nullif(said ->> 'dest_number', ''), '+')
    UNION
    SELECT 'u:' || (leg.value #>> '{user,extension}') FROM jsonb_each(said -> 'legs') leg
    UNION
    SELECT 'u:' || (said #>> '{outgoing,user,extension}')
    UNION
    SELECT CASE
      WHEN said #>> '{outgoing,answered_at}' IS NOT NULL AND said -> 'legs' = '{}'::jsonb
      OR EXISTS (
        SELECT FROM jsonb_each(said -> 'legs') leg WHERE leg.value ->> 'answered_at' IS NOT NULL
      ) THEN 's:answered' ELSE 's:missed' END
    WHERE NEW.ended_at IS NOT NULL
  ) found
  WHERE found.party IS NOT NULL
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE FUNCTION hookswitch.partition_size() RETURNS bigint
    LANGUAGE sql IMMUTABLE
    AS $$SELECT 1000000$$;
CREATE FUNCTION hookswitch.record_outcomes(the_worker text, ids bigint[], numbers integer[], states text[], dues bigint[], starts bigint[], durations bigint[], statuses integer[], errors text[], details text[], responses bytea[], gone text[], gone_at bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
  -- not a literal: else an index of all that is under way would be read instead of the rows' own
  sending text := 'sending';
BEGIN
  INSERT INTO attempts (delivery, number, started_at, duration_ms, status, error, detail, response)
  SELECT * FROM unnest(ids, numbers, starts, durations, statuses, errors, details, responses)
  ON CONFLICT DO NOTHING;
  UPDATE deliveries d SET
    state = g.state,
    failures = d.failures + (g.state <> 'delivered')::integer,
    first_done = true,
    due_at = g.due_at,
    worker = NULL
  FROM unnest(ids, numbers, states, dues) g (id, number, state, due_at)
  WHERE d.id = g.id AND d.state = sending AND d.attempts = g.number AND d.worker = the_worker;
  UPDATE deliveries d
  SET state = 'delivered', first_done = true, due_at = NULL, worker = NULL
  FROM unnest(ids, states) g (id, state)
  WHERE d.id = g.id AND g.state = 'delivered' AND d.state <> 'delivered';
  IF cardinality(gone) > 0 THEN
    INSERT INTO endpoint_runtime (endpoint, state, reason, changed_at)
    SELECT g.endpoint, 'disabled', 'the receiver answered 410 Gone', max(g.at)
    FROM unnest(gone, gone_at) g (endpoint, at) GROUP BY g.endpoint
    ON CONFLICT (endpoint) DO UPDATE SET
      state = excluded.state, reason = excluded.reason, changed_at = excluded.changed_at;
  END IF;
END $$;
CREATE FUNCTION hookswitch.release_deliveries(the_time bigint, the_worker text, knows bigint[], dead_after interval) RETURNS bigint
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    AS $$
DECLARE
  released bigint;
BEGIN
  DELETE FROM workers
  WHERE seen_at < clock_timestamp() - dead_after AND worker <> the_worker;
  -- mostly nobody is dead: then no claim has to wait for this
  IF cardinality(knows) > 0 AND NOT EXISTS (
    SELECT FROM deliveries d
    WHERE d.state = 'sending' AND d.worker IS DISTINCT FROM the_worker
      AND NOT EXISTS (SELECT FROM workers w WHERE w.worker = d.worker)
  ) AND (
    SELECT count(*) FROM deliveries d WHERE d.state = 'sending' AND d.worker = the_worker
  ) <= cardinality(knows) THEN
    RETURN 0;
  END IF;
  PERFORM pg_advisory_xact_lock(7465, 2);
  WITH lost AS (
    SELECT d.id, d.attempts, d.claimed_at FROM deliveries d
    WHERE d.state = 'sending'
      AND CASE WHEN d.worker = the_worker THEN d.id <> ALL (knows)
          ELSE NOT EXISTS (SELECT FROM workers w WHERE w.worker = d.worker) END
    FOR UPDATE SKIP LOCKED
  ),
  listed AS (
    INSERT INTO attempts
      (delivery, number, started_at, duration_ms, error, detail, response)
    SELECT id, attempts, claimed_at, 0, 'interrupted', 'our process ended during this attempt', ''
    FROM lost
    ON CONFLICT DO NOTHING
  ),
  moved AS (
    UPDATE deliveries d SET state = 'pending', due_at = the_time, worker = NULL
    FROM lost WHERE d.id = lost.id
    RETURNING d.id
  )
  SELECT count(*) INTO released FROM moved;
  IF released > 0 THEN
    PERFORM pg_notify('hookswitch', 'deliveries');
  END IF;
  RETURN released;
END $$;
CREATE FUNCTION hookswitch.waiting_endpoints() RETURNS SETOF text
    LANGUAGE sql STABLE
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
  WITH RECURSIVE waiting (endpoint) AS (
    (SELECT endpoint FROM deliveries WHERE state = 'pending' ORDER BY endpoint LIMIT 1)
    UNION ALL
    SELECT (
      SELECT d.endpoint FROM deliveries d
      WHERE d.state = 'pending' AND d.endpoint > w.endpoint ORDER BY d.endpoint LIMIT 1
    )
    FROM waiting w WHERE w.endpoint IS NOT NULL
  )
  SELECT endpoint FROM waiting WHERE endpoint IS NOT NULL
$$;
CREATE TABLE hookswitch.administrators (
    name text NOT NULL,
    role text NOT NULL,
    password_hash text NOT NULL,
    created_at bigint NOT NULL,
    disabled boolean DEFAULT false NOT NULL,
    totp boolean DEFAULT false NOT NULL,
    totp_step bigint DEFAULT 0 NOT NULL,
    last_login_at bigint,
    CONSTRAINT administrators_role_check CHECK ((role = ANY (ARRAY['read_only'::text, 'operator'::text, 'administrator'::text])))
);
CREATE TABLE hookswitch.alerts (
    endpoint text NOT NULL,
    trouble bigint NOT NULL,
    stage double precision NOT NULL,
    told boolean NOT NULL,
    claimed_until bigint NOT NULL
);
CREATE TABLE hookswitch.api_tokens (
    id text NOT NULL,
    name text NOT NULL,
    token_hash text NOT NULL,
    role text NOT NULL,
    created_at bigint NOT NULL,
    created_by text NOT NULL,
    addresses text NOT NULL,
    used_at bigint,
    used_from text DEFAULT ''::text NOT NULL,
    CONSTRAINT api_tokens_role_check CHECK ((role = ANY (ARRAY['read_only'::text, 'operator'::text, 'administrator'::text])))
);
CREATE TABLE hookswitch.attempts (
    delivery bigint NOT NULL,
    number integer NOT NULL,
    started_at bigint NOT NULL,
    duration_ms bigint NOT NULL,
    status integer,
    error text,
    detail text NOT NULL,
    response bytea NOT NULL
)
PARTITION BY RANGE (delivery);
CREATE TABLE hookswitch.attempts_other (
    delivery bigint CONSTRAINT attempts_delivery_not_null NOT NULL,
    number integer CONSTRAINT attempts_number_not_null NOT NULL,
    started_at bigint CONSTRAINT attempts_started_at_not_null NOT NULL,
    duration_ms bigint CONSTRAINT attempts_duration_ms_not_null NOT NULL,
    status integer,
    error text,
    detail text CONSTRAINT attempts_detail_not_null NOT NULL,
    response bytea CONSTRAINT attempts_response_not_null NOT NULL
);
CREATE TABLE hookswitch.audit (
    id bigint NOT NULL,
    at bigint NOT NULL,
    who text NOT NULL,
    what text NOT NULL,
    target text NOT NULL,
    address text NOT NULL,
    details text NOT NULL
);
ALTER TABLE hookswitch.audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hookswitch.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE hookswitch.call_parties (
    party text NOT NULL COLLATE pg_catalog."C",
    started_at bigint NOT NULL,
    call text NOT NULL
);
CREATE TABLE hookswitch.calls (
    call text NOT NULL,
    node text NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint,
    state bytea NOT NULL
);
CREATE TABLE hookswitch.clicks (
    key text NOT NULL,
    wish text NOT NULL,
    call text NOT NULL,
    made_at bigint NOT NULL,
    placed boolean NOT NULL
);
CREATE TABLE hookswitch.deliveries (
    id bigint NOT NULL,
    created_at bigint NOT NULL,
    due_at bigint,
    claimed_at bigint,
    sequence integer,
    attempts integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    first_done boolean DEFAULT false NOT NULL,
    final boolean DEFAULT false NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    event text NOT NULL,
    call text NOT NULL,
    endpoint text NOT NULL,
    worker text,
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sending'::text, 'delivered'::text, 'failed'::text, 'cancelled'::text])))
)
WITH (fillfactor='85', autovacuum_vacuum_scale_factor='0.02', autovacuum_analyze_scale_factor='0.05', autovacuum_vacuum_cost_delay='0');
ALTER TABLE hookswitch.deliveries ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hookswitch.deliveries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE hookswitch.delivery_counts (
    state text NOT NULL,
    n bigint NOT NULL
);
CREATE TABLE hookswitch.events (
    event text NOT NULL,
    "position" bigint NOT NULL,
    type text NOT NULL,
    call text NOT NULL,
    revision bigint NOT NULL,
    at bigint NOT NULL,
    endpoint text,
    body bytea NOT NULL,
    linked_call text,
    client_ref text
);
ALTER TABLE ONLY hookswitch.events ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE VIEW hookswitch.delivery_rows AS
 SELECT d.id,
    d.event,
    e.type,
    d.call,
    d.endpoint,
    d.state,
    d.sequence,
    d.attempts,
    d.due_at,
    d.created_at,
    a.status AS last_status,
    a.error AS last_error
   FROM ((hookswitch.deliveries d
     JOIN hookswitch.events e ON ((e.event = d.event)))
     LEFT JOIN hookswitch.attempts a ON (((a.delivery = d.id) AND (a.number = d.attempts))));
CREATE TABLE hookswitch.draft (
    one bigint NOT NULL,
    tag text NOT NULL,
    base bigint NOT NULL,
    document text NOT NULL,
    text text NOT NULL,
    changed_at bigint NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT draft_one_check CHECK ((one = 1))
);
CREATE TABLE hookswitch.emails (
    event text NOT NULL,
    recipients text NOT NULL,
    subject text NOT NULL,
    message text NOT NULL,
    audio text NOT NULL,
    attach boolean NOT NULL,
    delete_from text,
    state text DEFAULT 'pending'::text NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    due_at bigint NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    CONSTRAINT emails_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sent'::text, 'failed'::text])))
);
CREATE TABLE hookswitch.endpoint_runtime (
    endpoint text NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    changed_at bigint DEFAULT 0 NOT NULL,
    held_until bigint,
    failing_since bigint,
    CONSTRAINT endpoint_runtime_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'disabled'::text])))
);
ALTER TABLE hookswitch.events ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hookswitch.events_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE hookswitch.line (
    node text NOT NULL,
    generation bigint NOT NULL,
    byte_offset bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE hookswitch.media (
    event text NOT NULL,
    call text NOT NULL,
    path text NOT NULL,
    token_hash text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked boolean DEFAULT false NOT NULL
);
CREATE TABLE hookswitch.replays (
    id bigint NOT NULL,
    call text,
    endpoint text,
    kind text,
    states text[] NOT NULL,
    since bigint,
    until bigint,
    rate integer NOT NULL,
    asked_by text NOT NULL,
    asked_at bigint NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    matched bigint NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    skipped bigint DEFAULT 0 NOT NULL,
    last bigint DEFAULT 0 NOT NULL,
    upto bigint NOT NULL,
    ended_at bigint,
    next_at bigint NOT NULL,
    CONSTRAINT replays_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'cancelled'::text])))
);
ALTER TABLE hookswitch.replays ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hookswitch.replays_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE hookswitch.revisions (
    number bigint NOT NULL,
    document text NOT NULL,
    applied_at bigint NOT NULL,
    applied_by text NOT NULL,
    state text NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    origin text DEFAULT 'apply'::text NOT NULL,
    comment text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT revisions_state_check CHECK ((state = ANY (ARRAY['staged'::text, 'live'::text, 'retired'::text, 'failed'::text])))
);
CREATE TABLE hookswitch.schema_version (
    version integer NOT NULL
);
CREATE TABLE hookswitch.secrets (
    reference text NOT NULL,
    key text NOT NULL,
    sealed bytea NOT NULL,
    set_at bigint NOT NULL
);
CREATE TABLE hookswitch.sessions (
    id text NOT NULL,
    token_hash text NOT NULL,
    administrator text NOT NULL,
    created_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    address text NOT NULL,
    agent text NOT NULL
);
CREATE TABLE hookswitch.workers (
    worker text NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE ONLY hookswitch.attempts ATTACH PARTITION hookswitch.attempts_other DEFAULT;
ALTER TABLE ONLY hookswitch.administrators
    ADD CONSTRAINT administrators_pkey PRIMARY KEY (name);
ALTER TABLE ONLY hookswitch.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (endpoint);
ALTER TABLE ONLY hookswitch.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (id);
ALTER TABLE ONLY hookswitch.api_tokens
    ADD CONSTRAINT api_tokens_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY hookswitch.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (delivery, number);
ALTER TABLE ONLY hookswitch.attempts_other
    ADD CONSTRAINT attempts_other_pkey PRIMARY KEY (delivery, number);
ALTER TABLE ONLY hookswitch.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY hookswitch.call_parties
    ADD CONSTRAINT call_parties_pkey PRIMARY KEY (party, started_at, call);
ALTER TABLE ONLY hookswitch.calls
    ADD CONSTRAINT calls_pkey PRIMARY KEY (call);
ALTER TABLE ONLY hookswitch.clicks
    ADD CONSTRAINT clicks_pkey PRIMARY KEY (key);
ALTER TABLE ONLY hookswitch.deliveries
    ADD CONSTRAINT deliveries_call_endpoint_sequence_key UNIQUE (call, endpoint, sequence);
ALTER TABLE ONLY hookswitch.deliveries
    ADD CONSTRAINT deliveries_event_endpoint_key UNIQUE (event, endpoint);
ALTER TABLE ONLY hookswitch.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY hookswitch.draft
    ADD CONSTRAINT draft_pkey PRIMARY KEY (one);
ALTER TABLE ONLY hookswitch.emails
    ADD CONSTRAINT emails_pkey PRIMARY KEY (event);
ALTER TABLE ONLY hookswitch.endpoint_runtime
    ADD CONSTRAINT endpoint_runtime_pkey PRIMARY KEY (endpoint);
ALTER TABLE ONLY hookswitch.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (event);
ALTER TABLE ONLY hookswitch.events
    ADD CONSTRAINT events_position_key UNIQUE ("position");
ALTER TABLE ONLY hookswitch.line
    ADD CONSTRAINT line_pkey PRIMARY KEY (node);
ALTER TABLE ONLY hookswitch.media
    ADD CONSTRAINT media_pkey PRIMARY KEY (event);
ALTER TABLE ONLY hookswitch.media
    ADD CONSTRAINT media_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY hookswitch.replays
    ADD CONSTRAINT replays_pkey PRIMARY KEY (id);
ALTER TABLE ONLY hookswitch.revisions
    ADD CONSTRAINT revisions_pkey PRIMARY KEY (number);
ALTER TABLE ONLY hookswitch.secrets
    ADD CONSTRAINT secrets_pkey PRIMARY KEY (reference);
ALTER TABLE ONLY hookswitch.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY hookswitch.sessions
    ADD CONSTRAINT sessions_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY hookswitch.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (worker);
CREATE INDEX call_parties_call ON hookswitch.call_parties USING btree (call);
CREATE INDEX calls_ended ON hookswitch.calls USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX calls_listed ON hookswitch.calls USING btree (started_at, call);
CREATE INDEX calls_open ON hookswitch.calls USING btree (node) WHERE (ended_at IS NULL);
CREATE INDEX clicks_made ON hookswitch.clicks USING btree (made_at);
CREATE INDEX deliveries_cancelled ON hookswitch.deliveries USING btree (id) WHERE (state = 'cancelled'::text);
CREATE INDEX deliveries_due ON hookswitch.deliveries USING btree (endpoint, first_done, due_at, id) WHERE (state = 'pending'::text);
CREATE INDEX deliveries_endpoint ON hookswitch.deliveries USING btree (endpoint, id);
CREATE INDEX deliveries_failed ON hookswitch.deliveries USING btree (id) WHERE (state = 'failed'::text);
CREATE INDEX deliveries_pending ON hookswitch.deliveries USING btree (id) WHERE (state = 'pending'::text);
CREATE INDEX deliveries_sending ON hookswitch.deliveries USING btree (endpoint, call) WHERE (state = 'sending'::text);
CREATE INDEX deliveries_unsent ON hookswitch.deliveries USING btree (call, endpoint, sequence) WHERE ((state = 'pending'::text) AND (NOT first_done));
CREATE INDEX emails_due ON hookswitch.emails USING btree (due_at) WHERE (state = 'pending'::text);
CREATE INDEX events_call ON hookswitch.events USING btree (call);
CREATE INDEX events_type ON hookswitch.events USING btree (type, "position");
CREATE INDEX replays_running ON hookswitch.replays USING btree (next_at) WHERE (state = 'running'::text);
CREATE UNIQUE INDEX revisions_live ON hookswitch.revisions USING btree (state) WHERE (state = 'live'::text);
CREATE INDEX sessions_administrator ON hookswitch.sessions USING btree (administrator);
ALTER INDEX hookswitch.attempts_pkey ATTACH PARTITION hookswitch.attempts_other_pkey;
CREATE TRIGGER calls_parties AFTER INSERT OR UPDATE OF state ON hookswitch.calls FOR EACH ROW WHEN ((new.ended_at IS NOT NULL)) EXECUTE FUNCTION hookswitch.note_parties();
CREATE TRIGGER deliveries_deleted AFTER DELETE ON hookswitch.deliveries REFERENCING OLD TABLE AS was_so FOR EACH STATEMENT EXECUTE FUNCTION hookswitch.count_deliveries();
CREATE TRIGGER deliveries_inserted AFTER INSERT ON hookswitch.deliveries REFERENCING NEW TABLE AS now_so FOR EACH STATEMENT EXECUTE FUNCTION hookswitch.count_deliveries();
CREATE TRIGGER deliveries_moved AFTER UPDATE ON hookswitch.deliveries REFERENCING OLD TABLE AS was_so NEW TABLE AS now_so FOR EACH STATEMENT EXECUTE FUNCTION hookswitch.count_deliveries();
ALTER TABLE ONLY hookswitch.call_parties
    ADD CONSTRAINT call_parties_call_fkey FOREIGN KEY (call) REFERENCES hookswitch.calls(call) ON DELETE CASCADE;
ALTER TABLE ONLY hookswitch.emails
    ADD CONSTRAINT emails_event_fkey FOREIGN KEY (event) REFERENCES hookswitch.events(event) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY hookswitch.media
    ADD CONSTRAINT media_event_fkey FOREIGN KEY (event) REFERENCES hookswitch.events(event) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY hookswitch.sessions
    ADD CONSTRAINT sessions_administrator_fkey FOREIGN KEY (administrator) REFERENCES hookswitch.administrators(name) ON DELETE CASCADE;
