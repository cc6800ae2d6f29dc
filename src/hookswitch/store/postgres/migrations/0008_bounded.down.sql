-- Take due deliveries by turns between endpoints; see store/port.py. One that was held is given one
-- at a time until it is well, whichever worker asks. One claim at a time, so that
-- the order of calls holds among any number of workers.
CREATE OR REPLACE FUNCTION claim_deliveries(
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
      x.held_until IS NOT NULL AS probing,
      least(
        total_first, coalesce(g.first, each_first), CASE WHEN x.held_until IS NOT NULL THEN 1 END
      ) AS first_room,
      least(
        total_retry, coalesce(g.retry, each_retry), CASE WHEN x.held_until IS NOT NULL THEN 1 END
      ) AS retry_room
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
      )
  ),
  -- scalar subqueries, so that each row looks its own call up: as anti-joins they read the whole
  -- index for each row (seen)
  firsts AS (
    SELECT r.id, r.due_at, o.endpoint,
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
  given AS MATERIALIZED (
    SELECT * FROM firsts ORDER BY place, due_at, id LIMIT greatest(0, total_first)
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
    WHERE NOT (o.probing AND o.endpoint IN (SELECT endpoint FROM given))
  )
  SELECT
    (SELECT array_agg(f.id ORDER BY f.place, f.due_at, f.id) FROM given f),
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

DROP FUNCTION fair_level(integer[], integer[], integer);
