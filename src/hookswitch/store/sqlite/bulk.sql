-- Each runs once for many rows: `{rows}` stands for as many places as there are values.

-- name: save_events
INSERT INTO events
  (event, type, call, revision, at, endpoint, body, linked_call, client_ref)
VALUES {rows}
ON CONFLICT (event) DO NOTHING;

-- name: save_new_deliveries
-- Of events that came with them: none of them can be there already. `nth` counts within its lane.
INSERT INTO deliveries (event, call, endpoint, sequence, final, created_at, due_at, held)
WITH given (nth, event, call, endpoint, final, at) AS (VALUES {rows})
SELECT g.event, g.call, g.endpoint,
  g.nth + coalesce((
    SELECT max(sequence) FROM deliveries d WHERE d.call = g.call AND d.endpoint = g.endpoint
  ), 0),
  g.final, g.at, g.at,
  g.nth > 1 OR EXISTS (
    SELECT 1 FROM deliveries d INDEXED BY deliveries_unsent
    WHERE d.state = 'pending' AND d.first_done = 0 AND d.call = g.call AND d.endpoint = g.endpoint
  )
FROM given g;

-- name: save_deliveries
-- Numbers go on where the lane ends; one that waits behind another is held. An event that is not
-- there makes its delivery's NULL, which is refused.
WITH
given (place, event, call, endpoint, final, at) AS (VALUES {rows}),
fresh AS (
  SELECT *, row_number() OVER (PARTITION BY call, endpoint ORDER BY place) AS nth
  FROM given g
  WHERE NOT EXISTS (
    SELECT 1 FROM deliveries d
    WHERE d.call = g.call AND d.endpoint = g.endpoint AND d.event = g.event
  )
)
INSERT INTO deliveries (event, call, endpoint, sequence, final, created_at, due_at, held)
SELECT (SELECT e.event FROM events e WHERE e.event = f.event), f.call, f.endpoint,
  f.nth + coalesce((
    SELECT max(sequence) FROM deliveries d WHERE d.call = f.call AND d.endpoint = f.endpoint
  ), 0),
  f.final, f.at, f.at,
  f.nth > 1 OR EXISTS (
    SELECT 1 FROM deliveries d INDEXED BY deliveries_unsent
    WHERE d.state = 'pending' AND d.first_done = 0 AND d.call = f.call AND d.endpoint = f.endpoint
  )
FROM fresh f ORDER BY f.place;

-- name: save_attempts
INSERT INTO attempts
  (delivery, number, started_at, duration_ms, status, error, detail, response)
VALUES {rows}
ON CONFLICT (delivery, number) DO NOTHING;

-- name: settle
-- Only the attempt under way moves its delivery; a cancelled one stays so. (It begins with its verb
-- so that the driver counts the rows.)
UPDATE deliveries SET
  state = o.state,
  failures = failures + o.failed,
  first_done = 1,
  due_at = o.due_at
FROM (
  WITH outcome (id, attempt, state, failed, due_at) AS (VALUES {rows}) SELECT * FROM outcome
) o
WHERE deliveries.id = o.id AND deliveries.state = 'sending' AND deliveries.attempts = o.attempt;
