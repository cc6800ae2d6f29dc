-- name: matching
SELECT d.endpoint, count(*) AS n, max(d.id) AS upto
FROM deliveries d JOIN events e ON e.event = d.event
WHERE ($1::text IS NULL OR d.call = $1) AND ($2::text IS NULL OR d.endpoint = $2)
  AND ($3::text IS NULL OR e.type = $3) AND d.state = ANY ($4::text[])
  AND ($5::bigint IS NULL OR d.created_at >= $5) AND ($6::bigint IS NULL OR d.created_at < $6)
GROUP BY d.endpoint ORDER BY d.endpoint COLLATE "C";

-- name: begin
WITH told AS (SELECT pg_notify('hookswitch', 'replays'))
INSERT INTO replays
  (call, endpoint, kind, states, since, until, rate, asked_by, asked_at, matched, upto, next_at,
   state, ended_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::bigint, $10::bigint, $11, $9,
  CASE WHEN $10 = 0 THEN 'done' ELSE 'running' END, CASE WHEN $10 = 0 THEN $9 END
FROM told
RETURNING *;

-- name: replays
SELECT * FROM replays ORDER BY id DESC LIMIT $1;

-- name: replay
SELECT * FROM replays WHERE id = $1;

-- name: cancel
UPDATE replays SET state = 'cancelled', ended_at = $2 WHERE id = $1 AND state = 'running';

-- name: due
SELECT * FROM replays WHERE state = 'running' AND next_at <= $1 ORDER BY next_at LIMIT 1;

-- name: candidates
SELECT d.id, d.endpoint, e.revision
FROM deliveries d JOIN events e ON e.event = d.event
WHERE ($1::text IS NULL OR d.call = $1) AND ($2::text IS NULL OR d.endpoint = $2)
  AND ($3::text IS NULL OR e.type = $3) AND d.state = ANY ($4::text[])
  AND ($5::bigint IS NULL OR d.created_at >= $5) AND ($6::bigint IS NULL OR d.created_at < $6)
  AND d.id > $7 AND d.id <= $8
ORDER BY d.id LIMIT $9;

-- name: step
UPDATE replays SET
  done = done + $3,
  skipped = skipped + $4,
  last = $5,
  state = CASE WHEN $5 >= upto THEN 'done' ELSE state END,
  ended_at = CASE WHEN $5 >= upto THEN $6::bigint ELSE ended_at END,
  next_at = $6 + 1000
WHERE id = $1 AND last = $2 AND state = 'running';

-- name: make_due
UPDATE deliveries d SET
  due_at = $2,
  failures = CASE d.state WHEN 'pending' THEN d.failures ELSE 0 END,
  first_done = CASE d.state WHEN 'pending' THEN d.first_done ELSE true END,
  state = 'pending'
WHERE d.id = ANY ($1) AND d.state = ANY ($3::text[]);

-- name: feed
SELECT position, event AS id, type, call, revision, at, endpoint, body, linked_call, client_ref
FROM events WHERE position > $1 ORDER BY position LIMIT $2;
