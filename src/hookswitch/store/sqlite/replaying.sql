-- name: delivery
SELECT * FROM delivery_rows WHERE id = :id;

-- name: event
SELECT event, type, call, revision, at, body, endpoint, linked_call, client_ref
FROM events WHERE event = :event;

-- name: state
SELECT state FROM deliveries WHERE id = :id;

-- name: make_due
-- One that still waits keeps its place in its call's order and on the retry ladder; the others
-- begin the ladder anew, and their call's order has passed them by.
UPDATE deliveries SET
  due_at = :now,
  failures = CASE state WHEN 'pending' THEN failures ELSE 0 END,
  first_done = CASE state WHEN 'pending' THEN first_done ELSE 1 END,
  held = CASE state WHEN 'pending' THEN held ELSE 0 END,
  state = 'pending'
WHERE id = :id;
