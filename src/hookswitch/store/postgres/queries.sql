-- name: load_cursor
SELECT generation, byte_offset FROM line WHERE node = $1;

-- name: load_open_calls
SELECT state FROM calls WHERE node = $1 AND ended_at IS NULL ORDER BY started_at;

-- name: commit_line
SELECT commit_line(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
  $22, $23
);

-- name: claim
SELECT * FROM claim_deliveries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: give_back
UPDATE deliveries d SET state = 'pending', attempts = d.attempts - 1, worker = NULL
FROM unnest($1::bigint[], $2::integer[]) g (id, attempt)
WHERE d.id = g.id AND d.state = 'sending' AND d.attempts = g.attempt;

-- name: record
SELECT record_outcomes($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: release
SELECT release_deliveries($1, $2, $3, $4);

-- name: next_due
SELECT next_due();

-- name: heartbeat
INSERT INTO workers (worker) VALUES ($1)
ON CONFLICT (worker) DO UPDATE SET seen_at = clock_timestamp();

-- name: leave
DELETE FROM workers WHERE worker = $1;

-- name: known_workers
SELECT worker FROM workers;

-- name: retire
DELETE FROM workers WHERE worker = ANY ($1);

-- name: deliveries
SELECT * FROM delivery_rows
WHERE ($1::text IS NULL OR call = $1) AND ($2::text IS NULL OR state = $2)
  AND ($3::text IS NULL OR endpoint = $3) AND ($4::text IS NULL OR type = $4)
  AND created_at >= $5 AND created_at < $6 AND id < $7
ORDER BY id DESC LIMIT $8;

-- name: attempts
SELECT number, started_at, duration_ms, status, error, detail, response
FROM attempts WHERE delivery = $1 ORDER BY number;

-- name: calls
SELECT c.state FROM calls c
WHERE c.started_at >= $1 AND c.started_at < $2
  AND (c.started_at, c.call) < ($3, $4)
  AND ($5::text IS NULL OR EXISTS (
    SELECT 1 FROM call_parties p
    WHERE p.party = $5 AND p.started_at = c.started_at AND p.call = c.call
  ))
  AND ($6::text IS NULL OR EXISTS (
    SELECT 1 FROM call_parties p
    WHERE p.party = $6 AND p.started_at = c.started_at AND p.call = c.call
  ))
  AND ($7::text IS NULL OR EXISTS (
    SELECT 1 FROM call_parties p
    WHERE p.call = c.call AND p.party >= $7 AND p.party < $7 || '~'
  ))
ORDER BY c.started_at DESC, c.call DESC LIMIT $8;

-- name: open_calls
SELECT state FROM calls WHERE ended_at IS NULL;

-- name: calls_of_party
SELECT c.state FROM call_parties f JOIN calls c ON c.call = f.call
WHERE f.party = $9 AND f.started_at >= $1 AND f.started_at < $2
  AND (f.started_at, f.call) < ($3, $4)
  AND ($5::text IS NULL OR EXISTS (
    SELECT 1 FROM call_parties p
    WHERE p.party = $5 AND p.started_at = c.started_at AND p.call = c.call
  ))
  AND ($6::text IS NULL OR EXISTS (
    SELECT 1 FROM call_parties p
    WHERE p.party = $6 AND p.started_at = c.started_at AND p.call = c.call
  ))
  AND ($7::text IS NULL OR EXISTS (
    SELECT 1 FROM call_parties p
    WHERE p.call = c.call AND p.party >= $7 AND p.party < $7 || '~'
  ))
ORDER BY f.started_at DESC, f.call DESC LIMIT $8;

-- name: calls_beginning
-- A call may have two numbers that begin so.
SELECT c.state FROM (
  SELECT DISTINCT started_at, call FROM (
    SELECT started_at, call FROM call_parties
    WHERE party >= $5 AND party < $5 || '~' AND started_at >= $1 AND started_at < $2
      AND (started_at, call) < ($3, $4)
    ORDER BY started_at DESC, call DESC LIMIT 2 * $6::bigint
  ) found
) f JOIN calls c ON c.call = f.call
ORDER BY f.started_at DESC, f.call DESC LIMIT $6;

-- name: edge_of_newest
SELECT started_at FROM calls
WHERE started_at >= $1 AND started_at < $2 AND (started_at, call) < ($3, $4)
ORDER BY started_at DESC, call DESC LIMIT 1 OFFSET $5;

-- name: how_many_begin
SELECT count(*) FROM (
  SELECT 1 FROM call_parties WHERE party >= $1 AND party < $1 || '~' LIMIT $2
) few;

-- name: call
SELECT state FROM calls WHERE call = $1;

-- name: events
SELECT event AS id, type, call, revision, at, endpoint, body, linked_call, client_ref
FROM events WHERE call = $1 ORDER BY at, position;

-- name: delivery_counts
SELECT state, sum(n)::bigint AS n FROM delivery_counts GROUP BY state;

-- name: fold_counts
SELECT fold_counts();

-- name: make_partitions
SELECT make_partitions();

-- name: oldest_pending
SELECT created_at FROM deliveries WHERE state = 'pending' ORDER BY id LIMIT 1;

-- name: backlog
SELECT endpoint, count(*) AS pending, min(created_at) AS oldest FROM deliveries
WHERE state = 'pending' GROUP BY endpoint ORDER BY endpoint COLLATE "C";

-- name: endpoint_runtime
SELECT endpoint, state, reason, changed_at, held_until, failing_since
FROM endpoint_runtime ORDER BY endpoint COLLATE "C";

-- name: set_endpoint_state
WITH put AS (
  INSERT INTO endpoint_runtime AS r (endpoint, state, reason, changed_at)
  VALUES ($1, $2, $3, $4)
  ON CONFLICT (endpoint) DO UPDATE SET
    state = excluded.state,
    reason = excluded.reason,
    changed_at = excluded.changed_at,
    held_until = CASE WHEN excluded.state = 'active' THEN NULL ELSE r.held_until END,
    failing_since = CASE WHEN excluded.state = 'active' THEN NULL ELSE r.failing_since END
)
SELECT pg_notify('hookswitch', 'deliveries'), pg_notify('hookswitch', 'endpoints');

-- name: set_endpoint_health
-- One worker's failure does not end another's hold; a success ends it.
WITH put AS (
  INSERT INTO endpoint_runtime AS r (endpoint, held_until, failing_since) VALUES ($1, $2, $3)
  ON CONFLICT (endpoint) DO UPDATE SET
    held_until = CASE WHEN excluded.failing_since IS NOT NULL
      THEN greatest(r.held_until, excluded.held_until) END,
    failing_since = CASE WHEN excluded.failing_since IS NOT NULL
      THEN least(r.failing_since, excluded.failing_since) END
)
SELECT pg_notify('hookswitch', 'endpoints');

-- name: workers
SELECT count(*) FROM workers WHERE seen_at >= clock_timestamp() - $1::interval;

-- name: notify
SELECT pg_notify('hookswitch', $1);
