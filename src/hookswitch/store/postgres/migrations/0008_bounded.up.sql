-- The lowest level up to which all lanes filled with what they have room for come to `total`.
CREATE FUNCTION fair_level(rooms integer[], busies integer[], total integer) RETURNS integer
IMMUTABLE LANGUAGE plpgsql AS $$
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

-- Take due deliveries by turns between endpoints; see store/port.py. One that was held is given one
-- at a time until it is well, whichever worker asks. One claim at a time, so that the order of calls
-- holds among any number of workers. An endpoint is looked into no deeper than its share of what is
-- free; only where that is not enough, as deep as it has room.
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
