CREATE TABLE line (
  node text PRIMARY KEY,
  generation bigint NOT NULL,
  byte_offset bigint NOT NULL,
  updated_at bigint NOT NULL
);

CREATE TABLE calls (
  call text PRIMARY KEY,
  node text NOT NULL,
  started_at bigint NOT NULL,
  ended_at bigint,
  state bytea NOT NULL
);
CREATE INDEX calls_open ON calls (node) WHERE ended_at IS NULL;
CREATE INDEX calls_started ON calls (started_at);
CREATE INDEX calls_ended ON calls (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE events (
  event text PRIMARY KEY,
  -- the order in which they became visible: see commit_line
  position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  type text NOT NULL,
  call text NOT NULL,
  revision bigint NOT NULL,
  at bigint NOT NULL,
  endpoint text,
  body bytea NOT NULL,
  linked_call text,
  client_ref text
);
CREATE INDEX events_call ON events (call);
-- already small, and read at once after it was written
ALTER TABLE events ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE deliveries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  created_at bigint NOT NULL,
  due_at bigint,
  claimed_at bigint,
  sequence integer,
  attempts integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  -- true once a first attempt has ended with a known outcome; until then the call's order holds it
  first_done boolean NOT NULL DEFAULT false,
  final boolean NOT NULL DEFAULT false,
  state text NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'sending', 'delivered', 'failed', 'cancelled')),
  event text NOT NULL,
  call text NOT NULL,
  endpoint text NOT NULL,
  -- who has it in `sending`; with `attempts` the fence against those taken for dead
  worker text,
  UNIQUE (event, endpoint),
  UNIQUE (call, endpoint, sequence)
) WITH (
  fillfactor = 85,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.05,
  autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX deliveries_due ON deliveries (endpoint, first_done, due_at, id) WHERE state = 'pending';
CREATE INDEX deliveries_unsent ON deliveries (call, endpoint, sequence)
  WHERE state = 'pending' AND NOT first_done;
CREATE INDEX deliveries_sending ON deliveries (endpoint, call) WHERE state = 'sending';
CREATE INDEX deliveries_pending ON deliveries (id) WHERE state = 'pending';
CREATE INDEX deliveries_failed ON deliveries (id) WHERE state = 'failed';
CREATE INDEX deliveries_cancelled ON deliveries (id) WHERE state = 'cancelled';

-- How many are in each state: each statement adds what it moved, `fold_counts` adds them up.
CREATE TABLE delivery_counts (
  state text NOT NULL,
  n bigint NOT NULL
);

CREATE FUNCTION count_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER deliveries_inserted AFTER INSERT ON deliveries
  REFERENCING NEW TABLE AS now_so
  FOR EACH STATEMENT EXECUTE FUNCTION count_deliveries();
CREATE TRIGGER deliveries_moved AFTER UPDATE ON deliveries
  REFERENCING OLD TABLE AS was_so NEW TABLE AS now_so
  FOR EACH STATEMENT EXECUTE FUNCTION count_deliveries();
CREATE TRIGGER deliveries_deleted AFTER DELETE ON deliveries
  REFERENCING OLD TABLE AS was_so
  FOR EACH STATEMENT EXECUTE FUNCTION count_deliveries();

CREATE FUNCTION fold_counts() RETURNS void LANGUAGE sql AS $$
  WITH gone AS (DELETE FROM delivery_counts RETURNING state, n)
  INSERT INTO delivery_counts SELECT state, sum(n) FROM gone GROUP BY state HAVING sum(n) <> 0;
$$;

-- Old ones leave with their partition: one holds the attempts of a range of deliveries.
CREATE TABLE attempts (
  delivery bigint NOT NULL,
  number integer NOT NULL,
  started_at bigint NOT NULL,
  duration_ms bigint NOT NULL,
  status integer,
  error text,
  detail text NOT NULL,
  response bytea NOT NULL,
  PRIMARY KEY (delivery, number)
) PARTITION BY RANGE (delivery);
-- takes what comes before its partition is made
CREATE TABLE attempts_other PARTITION OF attempts DEFAULT;

CREATE FUNCTION partition_size() RETURNS bigint IMMUTABLE LANGUAGE sql AS 'SELECT 1000000';

CREATE FUNCTION make_partitions() RETURNS void LANGUAGE plpgsql AS $$
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

-- Those whose deliveries are all gone.
CREATE FUNCTION drop_partitions() RETURNS void LANGUAGE plpgsql AS $$
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
END $$;

CREATE VIEW delivery_rows AS
SELECT d.id, d.event, e.type, d.call, d.endpoint, d.state, d.sequence, d.attempts, d.due_at,
  d.created_at, a.status AS last_status, a.error AS last_error
FROM deliveries d
JOIN events e ON e.event = d.event
LEFT JOIN attempts a ON a.delivery = d.id AND a.number = d.attempts;

CREATE TABLE revisions (
  number bigint PRIMARY KEY,
  document text NOT NULL,
  applied_at bigint NOT NULL,
  applied_by text NOT NULL,
  state text NOT NULL CHECK (state IN ('staged', 'live', 'retired', 'failed')),
  text text NOT NULL DEFAULT '',
  origin text NOT NULL DEFAULT 'apply',
  comment text NOT NULL DEFAULT '',
  -- why it failed, if it did
  reason text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX revisions_live ON revisions (state) WHERE state = 'live';

-- Encrypted; `key` is the mark of the key, which lies in a file of its own.
CREATE TABLE secrets (
  reference text PRIMARY KEY,
  key text NOT NULL,
  sealed bytea NOT NULL,
  set_at bigint NOT NULL
);

CREATE TABLE endpoint_runtime (
  endpoint text PRIMARY KEY,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
  reason text NOT NULL DEFAULT '',
  changed_at bigint NOT NULL DEFAULT 0,
  -- nothing is sent before: it fails, and is left alone for a while
  held_until bigint,
  failing_since bigint
);

CREATE TABLE media (
  event text PRIMARY KEY REFERENCES events (event) DEFERRABLE INITIALLY DEFERRED,
  call text NOT NULL,
  path text NOT NULL,
  token_hash text NOT NULL UNIQUE,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  revoked boolean NOT NULL DEFAULT false
);

CREATE TABLE emails (
  event text PRIMARY KEY REFERENCES events (event) DEFERRABLE INITIALLY DEFERRED,
  recipients text NOT NULL,
  subject text NOT NULL,
  message text NOT NULL,
  audio text NOT NULL,
  attach boolean NOT NULL,
  delete_from text,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'failed')),
  failures integer NOT NULL DEFAULT 0,
  due_at bigint NOT NULL,
  error text NOT NULL DEFAULT ''
);
CREATE INDEX emails_due ON emails (due_at) WHERE state = 'pending';

-- The processes that claim; by the database's clock, so that theirs may step.
CREATE TABLE workers (
  worker text PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One transaction of the live line. Its media and emails come before it in the same transaction:
-- from here to its end no other may number events, so that a reader of the feed who has seen a
-- position never misses a lower one.
CREATE FUNCTION commit_line(
  the_node text, the_generation bigint, the_offset bigint, the_time bigint,
  call_ids text[], call_starts bigint[], call_ends bigint[], call_states bytea[],
  forgotten text[],
  event_ids text[], event_types text[], event_calls text[], event_revisions bigint[],
  event_times bigint[], event_endpoints text[], event_bodies bytea[],
  event_links text[], event_refs text[],
  delivery_events text[], delivery_calls text[], delivery_endpoints text[],
  delivery_finals boolean[], delivery_times bigint[]
) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
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

-- The endpoints that have something pending: jumps from one to the next along the index.
CREATE FUNCTION waiting_endpoints() RETURNS SETOF text STABLE LANGUAGE sql
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
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

-- Take due deliveries by turns between endpoints; see store/port.py. One claim at a time, so that
-- the order of calls holds among any number of workers.
CREATE FUNCTION claim_deliveries(
  the_worker text, the_time bigint, order_window bigint,
  total_first integer, total_retry integer, each_first integer, each_retry integer,
  room_endpoints text[], room_firsts integer[], room_retries integer[], room_busy integer[],
  strict_endpoints text[], strict_limits bigint[]
) RETURNS TABLE (
  id bigint, event text, type text, call text, revision bigint, endpoint text, body bytea,
  attempt integer, failures integer, sequence integer, created_at bigint, final boolean,
  linked_call text, client_ref text, retry boolean
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  chosen bigint[];
  retries bigint[];
  -- not a literal: else an index of all that waits would be read instead of the rows' own
  pending text := 'pending';
BEGIN
  PERFORM pg_advisory_xact_lock(7465, 2);
  -- A claim promises nothing: lost in a crash of the server, its delivery is given out once more.
  PERFORM set_config('synchronous_commit', 'off', true);

  WITH open AS MATERIALIZED (
    SELECT w.endpoint, coalesce(g.busy, 0) AS busy, strict.since,
      least(total_first, coalesce(g.first, each_first)) AS first_room,
      least(total_retry, coalesce(g.retry, each_retry)) AS retry_room
    FROM waiting_endpoints() w (endpoint)
    LEFT JOIN unnest(room_endpoints, room_firsts, room_retries, room_busy)
      g (endpoint, first, retry, busy) ON g.endpoint = w.endpoint
    LEFT JOIN LATERAL (
      SELECT the_time - l.limits AS since FROM unnest(strict_endpoints, strict_limits)
        l (endpoint, limits)
      WHERE l.endpoint = w.endpoint
    ) strict ON true
    WHERE NOT EXISTS (
      SELECT FROM endpoint_runtime x
      WHERE x.endpoint = w.endpoint AND (x.state <> 'active' OR x.held_until > the_time)
    )
  ),
  -- scalar subqueries, so that each row looks its own call up: as anti-joins they read the whole
  -- index for each row (seen)
  firsts AS (
    SELECT r.id, r.due_at,
      o.busy + row_number() OVER (PARTITION BY o.endpoint ORDER BY r.due_at, r.id) AS place
    FROM open o
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
      LIMIT greatest(0, o.first_room)
    ) r
  ),
  later AS (
    SELECT r.id, r.due_at,
      o.busy + row_number() OVER (PARTITION BY o.endpoint ORDER BY r.due_at, r.id) AS place
    FROM open o
    CROSS JOIN LATERAL (
      SELECT d.id, d.due_at FROM deliveries d
      WHERE d.state = 'pending' AND d.endpoint = o.endpoint AND d.first_done
        AND d.due_at <= the_time
      ORDER BY d.endpoint, d.first_done, d.due_at, d.id
      LIMIT greatest(0, o.retry_room)
    ) r
  )
  SELECT
    (SELECT array_agg(f.id ORDER BY f.place, f.due_at, f.id) FROM (
      SELECT * FROM firsts ORDER BY place, due_at, id LIMIT greatest(0, total_first)) f),
    (SELECT array_agg(f.id ORDER BY f.place, f.due_at, f.id) FROM (
      SELECT * FROM later ORDER BY place, due_at, id LIMIT greatest(0, total_retry)) f)
  INTO chosen, retries;
  chosen := chosen || retries;

  RETURN QUERY
  WITH locked AS (
    SELECT d.id FROM deliveries d WHERE d.id = ANY (chosen) AND d.state = pending
    FOR UPDATE SKIP LOCKED
  ),
  taken AS (
    UPDATE deliveries d
    SET state = 'sending', attempts = d.attempts + 1, claimed_at = the_time, worker = the_worker
    FROM locked WHERE d.id = locked.id
    RETURNING d.*
  )
  SELECT t.id, t.event, e.type, t.call, e.revision, t.endpoint, e.body, t.attempts, t.failures,
    t.sequence, t.created_at, t.final, e.linked_call, e.client_ref,
    coalesce(t.id = ANY (retries), false)
  FROM taken t JOIN events e ON e.event = t.event
  ORDER BY array_position(chosen, t.id);
END $$;

CREATE FUNCTION next_due() RETURNS bigint STABLE LANGUAGE sql
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
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

-- Attempts and what becomes of their deliveries. Only the attempt under way moves its delivery,
-- but one that arrived did arrive, whatever was done with the delivery since.
CREATE FUNCTION record_outcomes(
  the_worker text, ids bigint[], numbers integer[], states text[], dues bigint[],
  starts bigint[], durations bigint[], statuses integer[], errors text[], details text[],
  responses bytea[], gone text[], gone_at bigint[]
) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
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

-- Give back what `the_worker` and the dead had claimed, but for what it `knows` to be under way.
CREATE FUNCTION release_deliveries(
  the_time bigint, the_worker text, knows bigint[], dead_after interval
) RETURNS bigint LANGUAGE plpgsql
SET enable_seqscan = off AS $$
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
