-- name: delivery
SELECT * FROM delivery_rows WHERE id = $1;

-- name: event
SELECT event AS id, type, call, revision, at, endpoint, body, linked_call, client_ref
FROM events WHERE event = $1;

-- name: make_due
-- One that still waits keeps its place in its call's order and on the retry ladder; the others
-- begin the ladder anew, and their call's order has passed them by.
WITH was AS (
  SELECT id, state FROM deliveries WHERE id = $1 FOR UPDATE
),
moved AS (
  UPDATE deliveries d SET
    due_at = $2,
    failures = CASE d.state WHEN 'pending' THEN d.failures ELSE 0 END,
    first_done = CASE d.state WHEN 'pending' THEN d.first_done ELSE true END,
    state = 'pending'
  FROM was
  WHERE d.id = was.id AND was.state <> 'sending' AND ($3 OR was.state <> 'delivered')
  RETURNING d.id
)
SELECT was.state, (SELECT pg_notify('hookswitch', 'deliveries') FROM moved) FROM was;
