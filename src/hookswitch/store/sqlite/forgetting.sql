-- name: old_calls
-- Over for long, nothing under way, no link of it alive. The call of the newest event stays, so
-- that no position in the feed is given twice.
SELECT c.call FROM calls c
WHERE c.ended_at < :before
  AND NOT EXISTS (
    SELECT 1 FROM deliveries d
    WHERE d.call = c.call AND d.state IN ('pending', 'sending')
  )
  AND NOT EXISTS (
    SELECT 1 FROM events e JOIN media m ON m.event = e.event
    WHERE e.call = c.call AND m.expires_at > :now
  )
  AND NOT EXISTS (
    SELECT 1 FROM events e JOIN emails m ON m.event = e.event
    WHERE e.call = c.call AND m.state = 'pending'
  )
  AND c.call IS NOT (SELECT call FROM events ORDER BY position DESC LIMIT 1)
ORDER BY c.ended_at LIMIT :limit;

-- name: attempts
DELETE FROM attempts WHERE delivery IN (
  SELECT d.id FROM deliveries d WHERE d.call IN (SELECT value FROM json_each(:calls))
);

-- name: deliveries
DELETE FROM deliveries WHERE call IN (SELECT value FROM json_each(:calls));

-- name: media
DELETE FROM media WHERE event IN (
  SELECT e.event FROM events e WHERE e.call IN (SELECT value FROM json_each(:calls))
);

-- name: emails
DELETE FROM emails WHERE event IN (
  SELECT e.event FROM events e WHERE e.call IN (SELECT value FROM json_each(:calls))
);

-- name: events
DELETE FROM events WHERE call IN (SELECT value FROM json_each(:calls));

-- name: calls
DELETE FROM calls WHERE call IN (SELECT value FROM json_each(:calls));

-- name: next_deliveries
-- In the order in which they were made: the first that is new ends the search.
SELECT d.id, d.created_at < :before AS old,
  d.state NOT IN ('pending', 'sending') AND c.ended_at < :before AS goes
FROM (SELECT * FROM deliveries WHERE id > :after ORDER BY id LIMIT :limit) d
LEFT JOIN calls c ON c.call = d.call
ORDER BY d.id;

-- name: attempts_of
DELETE FROM attempts WHERE delivery IN (SELECT value FROM json_each(:ids));

-- name: deliveries_of
DELETE FROM deliveries WHERE id IN (SELECT value FROM json_each(:ids));
