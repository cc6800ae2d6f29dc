-- name: old_calls
-- Over for long, nothing under way, no link of it alive.
SELECT c.call FROM calls c
WHERE c.ended_at < $1
  AND NOT EXISTS (
    SELECT FROM deliveries d WHERE d.call = c.call AND d.state IN ('pending', 'sending')
  )
  AND NOT EXISTS (
    SELECT FROM events e JOIN media m ON m.event = e.event
    WHERE e.call = c.call AND m.expires_at > $2
  )
  AND NOT EXISTS (
    SELECT FROM events e JOIN emails m ON m.event = e.event
    WHERE e.call = c.call AND m.state = 'pending'
  )
  AND c.call IS DISTINCT FROM (SELECT call FROM events ORDER BY position DESC LIMIT 1)
ORDER BY c.ended_at LIMIT $3
FOR UPDATE OF c SKIP LOCKED;

-- name: attempts
DELETE FROM attempts a USING deliveries d WHERE d.id = a.delivery AND d.call = ANY ($1);

-- name: deliveries
DELETE FROM deliveries WHERE call = ANY ($1);

-- name: media
DELETE FROM media m USING events e WHERE e.event = m.event AND e.call = ANY ($1);

-- name: emails
DELETE FROM emails m USING events e WHERE e.event = m.event AND e.call = ANY ($1);

-- name: events
DELETE FROM events WHERE call = ANY ($1);

-- name: calls
DELETE FROM calls WHERE call = ANY ($1);

-- name: drop_partitions
SELECT drop_partitions();

-- name: next_deliveries
-- In the order in which they were made: the first that is new ends the search.
SELECT d.id, d.created_at < $1 AS old,
  coalesce(d.state NOT IN ('pending', 'sending') AND c.ended_at < $1, false) AS goes
FROM (SELECT * FROM deliveries WHERE id > $2 ORDER BY id LIMIT $3) d
LEFT JOIN calls c ON c.call = d.call
ORDER BY d.id;

-- name: lock_deliveries
-- One that was made due meanwhile stays.
SELECT id FROM deliveries WHERE id = ANY ($1) AND state NOT IN ('pending', 'sending')
FOR UPDATE SKIP LOCKED;

-- name: attempts_of
DELETE FROM attempts WHERE delivery = ANY ($1);

-- name: deliveries_of
DELETE FROM deliveries WHERE id = ANY ($1);
