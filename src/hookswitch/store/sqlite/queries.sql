-- name: load_cursor
SELECT generation, byte_offset FROM line WHERE node = :node;

-- name: load_open_calls
SELECT state FROM calls WHERE node = :node AND ended_at IS NULL ORDER BY started_at;

-- name: save_cursor
INSERT INTO line (node, generation, byte_offset, updated_at)
VALUES (:node, :generation, :byte_offset, :updated_at)
ON CONFLICT (node) DO UPDATE SET
  generation = excluded.generation,
  byte_offset = excluded.byte_offset,
  updated_at = excluded.updated_at;

-- name: save_call
INSERT INTO calls (call, node, started_at, ended_at, state)
VALUES (:call, :node, :started_at, :ended_at, :state)
ON CONFLICT (call) DO UPDATE SET ended_at = excluded.ended_at, state = excluded.state;

-- name: forget_call
DELETE FROM calls WHERE call = :call;

-- name: open_endpoints
-- Those that have something waiting and may be sent to.
WITH RECURSIVE waiting (endpoint) AS (
  -- jumps from endpoint to endpoint along the index
  SELECT min(endpoint) FROM deliveries INDEXED BY deliveries_ready WHERE state = 'pending'
  UNION ALL
  SELECT (
    SELECT min(d.endpoint) FROM deliveries d INDEXED BY deliveries_ready
    WHERE d.state = 'pending' AND d.endpoint > w.endpoint
  )
  FROM waiting w WHERE w.endpoint IS NOT NULL
)
SELECT json_group_array(json_array(w.endpoint, r.held_until IS NOT NULL))
FROM waiting w LEFT JOIN endpoint_runtime r ON r.endpoint = w.endpoint
WHERE w.endpoint IS NOT NULL
  AND coalesce(r.state, 'active') = 'active' AND coalesce(r.held_until, 0) <= :now
  AND (r.held_until IS NULL OR NOT EXISTS (
    SELECT 1 FROM deliveries e INDEXED BY deliveries_sending
    WHERE e.state = 'sending' AND e.endpoint = w.endpoint
  ));

-- name: ready_first
-- Only the first that waits of a call and endpoint is not `held`, so few rows are looked at in
-- vain: those behind a first attempt that is under way.
WITH lanes (lane, endpoint, strict) AS MATERIALIZED (
  SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(:lanes)
)
SELECT json_group_array(json_array(l.lane, d.due_at, d.id))
FROM lanes l CROSS JOIN deliveries d ON d.id IN (
  SELECT x.id FROM deliveries x INDEXED BY deliveries_ready
  WHERE x.state = 'pending' AND x.endpoint = l.endpoint AND x.held = 0
    AND x.first_done = 0 AND x.due_at <= :now
    AND NOT EXISTS (
      SELECT 1 FROM deliveries e INDEXED BY deliveries_sending
      WHERE e.state = 'sending' AND e.endpoint = x.endpoint AND e.call = x.call
        AND e.sequence < x.sequence AND e.first_done = 0 AND e.claimed_at > :now - :window
    )
    AND (
      l.strict IS NULL
      OR NOT EXISTS (
        SELECT 1 FROM deliveries e
        WHERE e.call = x.call AND e.endpoint = x.endpoint AND e.sequence < x.sequence
          AND e.state IN ('pending', 'sending') AND e.created_at > :now - l.strict
      )
    )
  ORDER BY x.due_at, x.id LIMIT :most
);

-- name: ready_retry
WITH lanes (lane, endpoint) AS MATERIALIZED (
  SELECT value ->> 0, value ->> 1 FROM json_each(:lanes)
)
SELECT json_group_array(json_array(l.lane, d.due_at, d.id))
FROM lanes l CROSS JOIN deliveries d ON d.id IN (
  SELECT x.id FROM deliveries x INDEXED BY deliveries_ready
  WHERE x.state = 'pending' AND x.endpoint = l.endpoint AND x.held = 0
    AND x.first_done = 1 AND x.due_at <= :now
  ORDER BY x.due_at, x.id LIMIT :most
);

-- name: claim
UPDATE deliveries SET state = 'sending', attempts = attempts + 1, claimed_at = :now
WHERE id IN (SELECT value FROM json_each(:ids));

-- name: let_next
-- The first that waits of a call and endpoint is the next one.
UPDATE deliveries SET held = 0
WHERE held = 1 AND id IN (
  SELECT (
    SELECT n.id FROM deliveries n INDEXED BY deliveries_unsent
    WHERE n.state = 'pending' AND n.first_done = 0
      AND n.call = d.call AND n.endpoint = d.endpoint
    ORDER BY n.sequence LIMIT 1
  )
  FROM json_each(:ids) i CROSS JOIN deliveries d ON d.id = i.value
);

-- name: claimed
-- One row for all: the interpreter's lock changes hands with each row it is given.
SELECT
  json_group_array(json_array(
    d.id, d.event, e.type, d.call, e.revision, d.endpoint, length(e.body), d.attempts, d.failures,
    d.sequence, d.created_at, d.final, e.linked_call, e.client_ref
  )),
  CAST(group_concat(e.body, '') AS BLOB)
FROM json_each(:ids) i
CROSS JOIN deliveries d ON d.id = i.value
CROSS JOIN events e ON e.event = d.event;

-- name: undelivered
SELECT json_group_array(d.id)
FROM json_each(:ids) i CROSS JOIN deliveries d ON d.id = i.value
WHERE d.state <> 'delivered';

-- name: deliver_late
UPDATE deliveries SET state = 'delivered', first_done = 1, due_at = NULL
WHERE id IN (SELECT value FROM json_each(:ids));

-- name: interrupted
SELECT id, attempts, claimed_at FROM deliveries INDEXED BY deliveries_sending
WHERE state = 'sending';

-- name: release
UPDATE deliveries SET state = 'pending', due_at = :now WHERE id = :id AND state = 'sending';

-- name: hold_behind
-- A first attempt that is to be made again has its place back in front of the later ones.
UPDATE deliveries SET held = 1
WHERE id IN (
  SELECT behind.id
  FROM deliveries d
  JOIN deliveries behind INDEXED BY deliveries_unsent
    ON behind.state = 'pending' AND behind.first_done = 0
    AND behind.call = d.call AND behind.endpoint = d.endpoint AND behind.sequence > d.sequence
  WHERE d.id = :id AND d.first_done = 0
) AND held = 0;

-- name: give_back
UPDATE deliveries SET state = 'pending', attempts = attempts - 1
WHERE id = :id AND state = 'sending' AND attempts = :attempt;

-- name: next_due
WITH RECURSIVE waiting (endpoint) AS (
  SELECT min(endpoint) FROM deliveries INDEXED BY deliveries_ready WHERE state = 'pending'
  UNION ALL
  SELECT (
    SELECT min(d.endpoint) FROM deliveries d INDEXED BY deliveries_ready
    WHERE d.state = 'pending' AND d.endpoint > w.endpoint
  )
  FROM waiting w WHERE w.endpoint IS NOT NULL
),
soonest (endpoint, due_at) AS (
  SELECT w.endpoint, (
    SELECT min(d.due_at) FROM deliveries d INDEXED BY deliveries_ready
    WHERE d.state = 'pending' AND d.endpoint = w.endpoint AND d.held = 0 AND d.first_done = 0
  )
  FROM waiting w WHERE w.endpoint IS NOT NULL
  UNION ALL
  SELECT w.endpoint, (
    SELECT min(d.due_at) FROM deliveries d INDEXED BY deliveries_ready
    WHERE d.state = 'pending' AND d.endpoint = w.endpoint AND d.held = 0 AND d.first_done = 1
  )
  FROM waiting w WHERE w.endpoint IS NOT NULL
)
SELECT min(max(s.due_at, coalesce(r.held_until, 0)))
FROM soonest s LEFT JOIN endpoint_runtime r ON r.endpoint = s.endpoint
WHERE coalesce(r.state, 'active') = 'active';

-- name: deliveries
SELECT * FROM delivery_rows
WHERE (:endpoint IS NULL OR endpoint = :endpoint) AND (:type IS NULL OR type = :type)
  AND created_at >= :since AND created_at < :until AND id < :before AND id >= :first
ORDER BY id DESC LIMIT :limit;

-- name: deliveries_of_endpoint
SELECT r.* FROM deliveries d INDEXED BY deliveries_endpoint JOIN delivery_rows r ON r.id = d.id
WHERE d.endpoint = :endpoint AND (:type IS NULL OR r.type = :type)
  AND d.created_at >= :since AND d.created_at < :until AND d.id < :before AND d.id >= :first
ORDER BY d.id DESC LIMIT :limit;

-- name: deliveries_of_type
-- Events and their deliveries are written in the same order.
SELECT r.*
FROM events e INDEXED BY events_type
CROSS JOIN deliveries d INDEXED BY deliveries_lane ON d.call = e.call AND d.event = e.event
CROSS JOIN delivery_rows r ON r.id = d.id
WHERE e.type = :type
  AND (:endpoint IS NULL OR d.endpoint = :endpoint) AND (:state IS NULL OR d.state = :state)
  AND e.rowid <= coalesce(
    (SELECT b.rowid FROM deliveries l JOIN events b ON b.event = l.event WHERE l.id = :before),
    9223372036854775807
  )
  AND d.created_at >= :since AND d.created_at < :until AND d.id < :before
ORDER BY e.rowid DESC, d.id DESC LIMIT :limit;

-- name: how_many_of_type
SELECT count(*) FROM (SELECT 1 FROM events INDEXED BY events_type WHERE type = :type LIMIT :most);

-- name: first_since
-- Ids ascend with time: `since` and `until` are looked for by halving.
SELECT id, created_at FROM deliveries WHERE id >= :id ORDER BY id LIMIT 1;

-- name: last_delivery
SELECT max(id) FROM deliveries;

-- name: deliveries_in_state
-- The state is put in as a literal: an index for one state serves no parameter.
SELECT * FROM delivery_rows
WHERE state = '{state}'
  AND (:endpoint IS NULL OR endpoint = :endpoint) AND (:type IS NULL OR type = :type)
  AND created_at >= :since AND created_at < :until AND id < :before AND id >= :first
ORDER BY id DESC LIMIT :limit;

-- name: deliveries_of_call
SELECT * FROM delivery_rows
WHERE call = :call AND (:state IS NULL OR state = :state)
  AND (:endpoint IS NULL OR endpoint = :endpoint) AND (:type IS NULL OR type = :type)
  AND created_at >= :since AND created_at < :until AND id < :before
ORDER BY id DESC LIMIT :limit;

-- name: attempts
SELECT number, started_at, duration_ms, status, error, detail, response
FROM attempts WHERE delivery = :delivery ORDER BY number;

-- name: calls
SELECT c.state FROM calls c INDEXED BY calls_listed
WHERE c.started_at >= :since AND c.started_at < :until
  AND (c.started_at, c.call) < (:before_at, :before)
  AND (:party IS NULL OR EXISTS (
    SELECT 1 FROM call_parties p
    WHERE p.party = :party AND p.started_at = c.started_at AND p.call = c.call
  ))
  AND (:other IS NULL OR EXISTS (
    SELECT 1 FROM call_parties p
    WHERE p.party = :other AND p.started_at = c.started_at AND p.call = c.call
  ))
  AND (:prefix IS NULL OR EXISTS (
    SELECT 1 FROM call_parties p
    WHERE p.call = c.call AND p.party >= :prefix AND p.party < :prefix || '~'
  ))
ORDER BY c.started_at DESC, c.call DESC LIMIT :limit;

-- name: open_calls
SELECT state FROM calls WHERE ended_at IS NULL;

-- name: calls_of_party
SELECT c.state FROM call_parties f CROSS JOIN calls c ON c.call = f.call
WHERE f.party = :first AND f.started_at >= :since AND f.started_at < :until
  AND (f.started_at, f.call) < (:before_at, :before)
  AND (:party IS NULL OR EXISTS (
    SELECT 1 FROM call_parties p
    WHERE p.party = :party AND p.started_at = c.started_at AND p.call = c.call
  ))
  AND (:other IS NULL OR EXISTS (
    SELECT 1 FROM call_parties p
    WHERE p.party = :other AND p.started_at = c.started_at AND p.call = c.call
  ))
  AND (:prefix IS NULL OR EXISTS (
    SELECT 1 FROM call_parties p
    WHERE p.call = c.call AND p.party >= :prefix AND p.party < :prefix || '~'
  ))
ORDER BY f.started_at DESC, f.call DESC LIMIT :limit;

-- name: calls_beginning
-- A call may have two numbers that begin so.
SELECT c.state FROM (
  SELECT DISTINCT started_at, call FROM (
    SELECT started_at, call FROM call_parties
    WHERE party >= :prefix AND party < :prefix || '~'
      AND started_at >= :since AND started_at < :until
      AND (started_at, call) < (:before_at, :before)
    ORDER BY started_at DESC, call DESC LIMIT 2 * :limit
  )
) f CROSS JOIN calls c ON c.call = f.call
ORDER BY f.started_at DESC, f.call DESC LIMIT :limit;

-- name: edge_of_newest
SELECT started_at FROM calls INDEXED BY calls_listed
WHERE started_at >= :since AND started_at < :until AND (started_at, call) < (:before_at, :before)
ORDER BY started_at DESC, call DESC LIMIT 1 OFFSET :newest;

-- name: how_many_begin
SELECT count(*) FROM (
  SELECT 1 FROM call_parties WHERE party >= :prefix AND party < :prefix || '~' LIMIT :most
);

-- name: call
SELECT state FROM calls WHERE call = :call;

-- name: events
SELECT event, type, call, revision, at, body, endpoint, linked_call, client_ref
FROM events WHERE call = :call ORDER BY at, position;

-- name: count_ends
UPDATE delivery_totals SET n = n + :ended WHERE state = :state;

-- name: uncount_ends
UPDATE delivery_totals SET n = n - (
  SELECT count(*) FROM json_each(:ids) i CROSS JOIN deliveries d ON d.id = i.value
  WHERE d.state = delivery_totals.state
);

-- name: delivery_counts
SELECT state, n FROM delivery_totals
UNION ALL
SELECT 'pending', count(*) FROM deliveries INDEXED BY deliveries_pending WHERE state = 'pending'
UNION ALL
SELECT 'sending', count(*) FROM deliveries INDEXED BY deliveries_sending WHERE state = 'sending';

-- name: oldest_pending
SELECT created_at FROM deliveries INDEXED BY deliveries_pending
WHERE state = 'pending' ORDER BY id LIMIT 1;

-- name: backlog
SELECT w.endpoint, w.pending, d.created_at
FROM (
  SELECT endpoint, count(*) AS pending, min(id) AS oldest
  FROM deliveries INDEXED BY deliveries_ready WHERE state = 'pending' GROUP BY endpoint
) w
JOIN deliveries d ON d.id = w.oldest
ORDER BY w.endpoint;

-- name: endpoint_runtime
SELECT endpoint, state, reason, changed_at, held_until, failing_since
FROM endpoint_runtime ORDER BY endpoint;

-- name: set_endpoint_state
INSERT INTO endpoint_runtime (endpoint, state, reason, changed_at)
VALUES (:endpoint, :state, :reason, :at)
ON CONFLICT (endpoint) DO UPDATE SET
  state = excluded.state,
  reason = excluded.reason,
  changed_at = excluded.changed_at,
  held_until = iif(excluded.state = 'active', NULL, held_until),
  failing_since = iif(excluded.state = 'active', NULL, failing_since);

-- name: set_endpoint_health
-- A failure does not end a hold; a success ends it.
INSERT INTO endpoint_runtime (endpoint, held_until, failing_since)
VALUES (:endpoint, :held_until, :failing_since)
ON CONFLICT (endpoint) DO UPDATE SET
  held_until = iif(excluded.failing_since IS NOT NULL, nullif(
    max(coalesce(held_until, 0), coalesce(excluded.held_until, 0)), 0), NULL),
  failing_since = iif(excluded.failing_since IS NOT NULL,
    min(coalesce(failing_since, excluded.failing_since), excluded.failing_since), NULL);
