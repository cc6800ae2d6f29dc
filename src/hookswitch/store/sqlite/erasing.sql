-- name: forget_parties
DELETE FROM call_parties WHERE call = :call;

-- name: erase_call
UPDATE calls SET state = :state WHERE call = :call;

-- name: erase_event
UPDATE events SET body = :body WHERE event = :event;

-- name: erase_email
DELETE FROM emails WHERE event = :event;

-- name: erase_media
DELETE FROM media WHERE event = :event;

-- name: erase_answers
UPDATE attempts SET response = x'', detail = ''
WHERE delivery IN (SELECT id FROM deliveries WHERE call = :call);
