-- name: forget_parties
DELETE FROM call_parties WHERE call = $1;

-- name: erase_call
UPDATE calls SET state = $2 WHERE call = $1;

-- name: erase_event
UPDATE events SET body = $2 WHERE event = $1;

-- name: erase_email
DELETE FROM emails WHERE event = $1;

-- name: erase_media
DELETE FROM media WHERE event = $1;

-- name: erase_answers
UPDATE attempts SET response = '', detail = ''
WHERE delivery IN (SELECT id FROM deliveries WHERE call = $1);
