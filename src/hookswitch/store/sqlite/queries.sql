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
INSERT INTO deliveries (event, call, endpoint, sequence, final, created_at, due_at)
SELECT :event, :call, :endpoint, coalesce(max(sequence), 0) + 1, :final, :at, :at
FROM deliveries WHERE call = :call AND endpoint = :endpoint
ON CONFLICT (event, endpoint) DO NOTHING;

-- name: claimable
WITH sending AS (
  SELECT endpoint, count(*) AS n FROM deliveries WHERE state = 'sending' GROUP BY endpoint
),
ready AS (
  SELECT d.id, d.due_at, coalesce(s.n, 0)
    + row_number() OVER (PARTITION BY d.endpoint ORDER BY d.due_at, d.id) AS place
  FROM deliveries d LEFT JOIN sending s ON s.endpoint = d.endpoint
  WHERE d.state = 'pending'
    AND d.due_at <= :now
    AND NOT EXISTS (
      SELECT 1 FROM endpoint_runtime r WHERE r.endpoint = d.endpoint AND r.disabled = 1
    )
    AND (
      d.first_done = 1
      OR NOT EXISTS (
        SELECT 1 FROM deliveries e
        WHERE e.call = d.call AND e.endpoint = d.endpoint AND e.sequence < d.sequence
          AND e.first_done = 0
          AND (
            e.state = 'pending'
            OR (e.state = 'sending' AND e.claimed_at > :now - :window)
          )
      )
    )
)
SELECT id FROM ready WHERE place <= :per_endpoint ORDER BY due_at, id LIMIT :limit;

-- name: claim
UPDATE deliveries SET state = 'sending', attempts = attempts + 1, claimed_at = :now
WHERE id = :id;

-- name: claimed
SELECT d.id, d.event, e.type, d.call, e.revision, d.endpoint, e.body, d.attempts, d.failures,
  d.sequence, d.final
FROM deliveries d JOIN events e ON e.event = d.event
WHERE d.id = :id;

-- name: save_attempt
INSERT INTO attempts
  (delivery, number, started_at, duration_ms, status, error, detail, response)
VALUES
  (:delivery, :number, :started_at, :duration_ms, :status, :error, :detail, :response)
ON CONFLICT (delivery, number) DO NOTHING;

-- name: settle
UPDATE deliveries SET
  -- what was cancelled meanwhile stays cancelled, unless it did arrive
  state = CASE WHEN state = 'cancelled' AND :state <> 'delivered' THEN state ELSE :state END,
  failures = failures + :failed,
  first_done = 1,
  due_at = :due_at
WHERE id = :id;

-- name: interrupted
SELECT id, attempts, claimed_at FROM deliveries WHERE state = 'sending';

-- name: release
UPDATE deliveries SET state = 'pending', due_at = :now WHERE id = :id AND state = 'sending';

-- name: next_due
SELECT min(d.due_at) FROM deliveries d
WHERE d.state = 'pending'
  AND NOT EXISTS (
    SELECT 1 FROM endpoint_runtime r WHERE r.endpoint = d.endpoint AND r.disabled = 1
  );

-- name: live_revision
SELECT number, document, applied_at, applied_by, state FROM revisions WHERE state = 'live';

-- name: revision
SELECT number, document, applied_at, applied_by, state FROM revisions WHERE number = :number;

-- name: stage_revision
INSERT INTO revisions (number, document, applied_at, applied_by, state)
SELECT coalesce(max(number), 0) + 1, :document, :applied_at, :applied_by, 'staged' FROM revisions
RETURNING number;

-- name: retire_revision
UPDATE revisions SET state = 'retired' WHERE state = 'live' AND number <> :number;

-- name: set_revision_state
UPDATE revisions SET state = :state, applied_at = :at WHERE number = :number;

-- name: cancel_endpoint
UPDATE deliveries SET state = 'cancelled', due_at = NULL
WHERE endpoint = :endpoint AND state IN ('pending', 'sending');

-- name: deliveries
SELECT d.id, d.event, e.type, d.call, d.endpoint, d.state, d.sequence, d.attempts, d.due_at,
  d.created_at, a.status, a.error
FROM deliveries d
JOIN events e ON e.event = d.event
LEFT JOIN attempts a ON a.delivery = d.id AND a.number = d.attempts
WHERE (:call IS NULL OR d.call = :call) AND (:state IS NULL OR d.state = :state)
ORDER BY d.id DESC
LIMIT :limit;

-- name: attempts
SELECT number, started_at, duration_ms, status, error, detail, response
FROM attempts WHERE delivery = :delivery ORDER BY number;

-- name: calls
SELECT state FROM calls ORDER BY started_at DESC LIMIT :limit;

-- name: events
SELECT event, type, call, revision, at, endpoint, body
FROM events WHERE call = :call ORDER BY at, rowid;

-- name: delivery_counts
SELECT state, count(*) FROM deliveries GROUP BY state;

-- name: oldest_pending
SELECT min(created_at) FROM deliveries WHERE state = 'pending';

-- name: endpoint_runtime
SELECT endpoint, disabled, reason FROM endpoint_runtime ORDER BY endpoint;

-- name: set_endpoint_disabled
INSERT INTO endpoint_runtime (endpoint, disabled, reason) VALUES (:endpoint, :disabled, :reason)
ON CONFLICT (endpoint) DO UPDATE SET disabled = excluded.disabled, reason = excluded.reason;
