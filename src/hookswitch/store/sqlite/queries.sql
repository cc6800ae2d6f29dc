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

-- name: save_event
INSERT INTO events (event, type, call, revision, at, endpoint, body)
VALUES (:event, :type, :call, :revision, :at, :endpoint, :body)
ON CONFLICT (event) DO NOTHING;

-- name: save_delivery
INSERT INTO deliveries (event, call, endpoint, sequence, final, created_at, due_at, held)
SELECT :event, :call, :endpoint, coalesce(max(sequence), 0) + 1, :final, :at, :at,
  EXISTS (
    SELECT 1 FROM deliveries INDEXED BY deliveries_unsent
    WHERE state = 'pending' AND first_done = 0 AND call = :call AND endpoint = :endpoint
  )
FROM deliveries WHERE call = :call AND endpoint = :endpoint
ON CONFLICT (event, endpoint) DO NOTHING;

-- name: due_endpoints
-- Jumps from endpoint to endpoint along the index.
WITH RECURSIVE waiting (endpoint) AS (
  SELECT min(endpoint) FROM deliveries INDEXED BY deliveries_ready
  WHERE state = 'pending' AND held = 0
  UNION ALL
  SELECT (
    SELECT min(d.endpoint) FROM deliveries d INDEXED BY deliveries_ready
    WHERE d.state = 'pending' AND d.held = 0 AND d.endpoint > w.endpoint
  )
  FROM waiting w WHERE w.endpoint IS NOT NULL
)
SELECT w.endpoint FROM waiting w
WHERE w.endpoint IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM endpoint_runtime r
    WHERE r.endpoint = w.endpoint AND (r.state <> 'active' OR r.held_until > :now)
  );

-- name: ready_first
-- Only the first that waits of a call and endpoint is not `held`, so few rows are looked at in
-- vain: those behind a first attempt that is under way.
SELECT d.due_at, d.id FROM deliveries d INDEXED BY deliveries_ready
WHERE d.state = 'pending' AND d.held = 0 AND d.endpoint = :endpoint AND d.first_done = 0
  AND d.due_at <= :now
  AND NOT EXISTS (
    SELECT 1 FROM deliveries e INDEXED BY deliveries_sending
    WHERE e.state = 'sending' AND e.endpoint = d.endpoint AND e.call = d.call
      AND e.sequence < d.sequence AND e.first_done = 0 AND e.claimed_at > :now - :window
  )
  AND (
    :strict IS NULL
    OR NOT EXISTS (
      SELECT 1 FROM deliveries e
      WHERE e.call = d.call AND e.endpoint = d.endpoint AND e.sequence < d.sequence
        AND e.state IN ('pending', 'sending') AND e.created_at > :now - :strict
    )
  )
ORDER BY d.due_at, d.id LIMIT :room;

-- name: ready_retry
SELECT d.due_at, d.id FROM deliveries d INDEXED BY deliveries_ready
WHERE d.state = 'pending' AND d.held = 0 AND d.endpoint = :endpoint AND d.first_done = 1
  AND d.due_at <= :now
ORDER BY d.due_at, d.id LIMIT :room;

-- name: claim
UPDATE deliveries SET state = 'sending', attempts = attempts + 1, claimed_at = :now
WHERE id = :id;

-- name: let_next
-- The first that waits of a call and endpoint is the next one.
UPDATE deliveries SET held = 0
WHERE id = (
  SELECT id FROM deliveries INDEXED BY deliveries_unsent
  WHERE state = 'pending' AND first_done = 0 AND call = :call AND endpoint = :endpoint
  ORDER BY sequence LIMIT 1
) AND held = 1;

-- name: claimed
SELECT d.id, d.event, e.type, d.call, e.revision, d.endpoint, e.body, d.attempts, d.failures,
  d.sequence, d.created_at, d.final, d.first_done
FROM deliveries d JOIN events e ON e.event = d.event
WHERE d.id = :id;

-- name: save_attempt
INSERT INTO attempts
  (delivery, number, started_at, duration_ms, status, error, detail, response)
VALUES
  (:delivery, :number, :started_at, :duration_ms, :status, :error, :detail, :response)
ON CONFLICT (delivery, number) DO NOTHING;

-- name: settle
-- Only the attempt under way moves its delivery; a cancelled one stays so.
UPDATE deliveries SET
  state = :state,
  failures = failures + :failed,
  first_done = 1,
  due_at = :due_at
WHERE id = :id AND state = 'sending' AND attempts = :attempt;

-- name: deliver_late
UPDATE deliveries SET state = 'delivered', first_done = 1, due_at = NULL WHERE id = :id;

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
  SELECT min(endpoint) FROM deliveries INDEXED BY deliveries_ready
  WHERE state = 'pending' AND held = 0
  UNION ALL
  SELECT (
    SELECT min(d.endpoint) FROM deliveries d INDEXED BY deliveries_ready
    WHERE d.state = 'pending' AND d.held = 0 AND d.endpoint > w.endpoint
  )
  FROM waiting w WHERE w.endpoint IS NOT NULL
),
soonest (endpoint, due_at) AS (
  SELECT w.endpoint, (
    SELECT min(d.due_at) FROM deliveries d INDEXED BY deliveries_ready
    WHERE d.state = 'pending' AND d.held = 0 AND d.endpoint = w.endpoint AND d.first_done = 0
  )
  FROM waiting w WHERE w.endpoint IS NOT NULL
  UNION ALL
  SELECT w.endpoint, (
    SELECT min(d.due_at) FROM deliveries d INDEXED BY deliveries_ready
    WHERE d.state = 'pending' AND d.held = 0 AND d.endpoint = w.endpoint AND d.first_done = 1
  )
  FROM waiting w WHERE w.endpoint IS NOT NULL
)
SELECT min(max(s.due_at, coalesce(r.held_until, 0)))
FROM soonest s LEFT JOIN endpoint_runtime r ON r.endpoint = s.endpoint
WHERE coalesce(r.state, 'active') = 'active';

-- name: deliveries
SELECT * FROM delivery_rows
WHERE (:endpoint IS NULL OR endpoint = :endpoint) AND (:type IS NULL OR type = :type)
ORDER BY id DESC LIMIT :limit;

-- name: deliveries_in_state
-- The state is put in as a literal: an index for one state serves no parameter.
SELECT * FROM delivery_rows
WHERE state = '{state}'
  AND (:endpoint IS NULL OR endpoint = :endpoint) AND (:type IS NULL OR type = :type)
ORDER BY id DESC LIMIT :limit;

-- name: deliveries_of_call
SELECT * FROM delivery_rows
WHERE call = :call AND (:state IS NULL OR state = :state)
  AND (:endpoint IS NULL OR endpoint = :endpoint) AND (:type IS NULL OR type = :type)
ORDER BY id DESC LIMIT :limit;

-- name: attempts
SELECT number, started_at, duration_ms, status, error, detail, response
FROM attempts WHERE delivery = :delivery ORDER BY number;

-- name: calls
SELECT state FROM calls ORDER BY started_at DESC LIMIT :limit;

-- name: events
SELECT event, type, call, revision, at, endpoint, body
FROM events WHERE call = :call ORDER BY at, rowid;

-- name: delivery_counts
SELECT state, n FROM delivery_totals
UNION ALL
SELECT 'pending', count(*) FROM deliveries INDEXED BY deliveries_pending WHERE state = 'pending'
UNION ALL
SELECT 'sending', count(*) FROM deliveries INDEXED BY deliveries_sending WHERE state = 'sending';

-- name: oldest_pending
WITH RECURSIVE waiting (endpoint) AS (
  SELECT min(endpoint) FROM deliveries INDEXED BY deliveries_pending WHERE state = 'pending'
  UNION ALL
  SELECT (
    SELECT min(d.endpoint) FROM deliveries d INDEXED BY deliveries_pending
    WHERE d.state = 'pending' AND d.endpoint > w.endpoint
  )
  FROM waiting w WHERE w.endpoint IS NOT NULL
)
SELECT min((
  SELECT min(d.created_at) FROM deliveries d INDEXED BY deliveries_pending
  WHERE d.state = 'pending' AND d.endpoint = w.endpoint
))
FROM waiting w;

-- name: backlog
SELECT endpoint, count(*), min(created_at) FROM deliveries INDEXED BY deliveries_pending
WHERE state = 'pending' GROUP BY endpoint ORDER BY endpoint;

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
INSERT INTO endpoint_runtime (endpoint, held_until, failing_since)
VALUES (:endpoint, :held_until, :failing_since)
ON CONFLICT (endpoint) DO UPDATE SET
  held_until = excluded.held_until,
  failing_since = excluded.failing_since;
