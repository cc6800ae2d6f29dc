-- name: matching
SELECT d.endpoint, count(*), max(d.id)
FROM deliveries d JOIN events e ON e.event = d.event
WHERE (:call IS NULL OR d.call = :call) AND (:endpoint IS NULL OR d.endpoint = :endpoint)
  AND (:kind IS NULL OR e.type = :kind)
  AND d.state IN (SELECT value FROM json_each(:states))
  AND (:since IS NULL OR d.created_at >= :since) AND (:until IS NULL OR d.created_at < :until)
GROUP BY d.endpoint ORDER BY d.endpoint;

-- name: begin
INSERT INTO replays
  (call, endpoint, kind, states, since, until, rate, asked_by, asked_at, matched, upto, next_at,
   state, ended_at)
VALUES
  (:call, :endpoint, :kind, :states, :since, :until, :rate, :by, :at, :matched, :upto, :at,
   iif(:matched = 0, 'done', 'running'), iif(:matched = 0, :at, NULL))
RETURNING *;

-- name: replays
SELECT * FROM replays ORDER BY id DESC LIMIT :limit;

-- name: replay
SELECT * FROM replays WHERE id = :id;

-- name: cancel
UPDATE replays SET state = 'cancelled', ended_at = :at WHERE id = :id AND state = 'running';

-- name: due
SELECT * FROM replays WHERE state = 'running' AND next_at <= :now ORDER BY next_at LIMIT 1;

-- name: candidates
SELECT d.id, d.endpoint, e.revision
FROM deliveries d CROSS JOIN events e ON e.event = d.event
WHERE (:call IS NULL OR d.call = :call) AND (:endpoint IS NULL OR d.endpoint = :endpoint)
  AND (:kind IS NULL OR e.type = :kind)
  AND d.state IN (SELECT value FROM json_each(:states))
  AND (:since IS NULL OR d.created_at >= :since) AND (:until IS NULL OR d.created_at < :until)
  AND d.id > :last AND d.id <= :upto
ORDER BY d.id LIMIT :rate;

-- name: step
UPDATE replays SET
  done = done + :taken,
  skipped = skipped + :skipped,
  last = :last,
  state = iif(:last >= upto, 'done', state),
  ended_at = iif(:last >= upto, :now, ended_at),
  next_at = :now + 1000
WHERE id = :id AND last = :was AND state = 'running';

-- name: still_wished
SELECT id FROM deliveries
WHERE id IN (SELECT value FROM json_each(:ids))
  AND state IN (SELECT value FROM json_each(:states));

-- name: make_due
UPDATE deliveries SET
  due_at = :now,
  failures = CASE state WHEN 'pending' THEN failures ELSE 0 END,
  first_done = CASE state WHEN 'pending' THEN first_done ELSE 1 END,
  held = CASE state WHEN 'pending' THEN held ELSE 0 END,
  state = 'pending'
WHERE id IN (SELECT value FROM json_each(:ids));

-- name: feed
SELECT position, event, type, call, revision, at, body, endpoint, linked_call, client_ref
FROM events WHERE position > :after ORDER BY position LIMIT :limit;
