-- name: save_media
INSERT INTO media (event, call, path, token_hash, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (event) DO NOTHING;

-- name: prolong_media
UPDATE media SET expires_at = greatest(expires_at, $2) WHERE event = ANY ($1);

-- name: media_by_token
SELECT event, call, path, created_at, expires_at, revoked FROM media
WHERE token_hash = $1 AND NOT revoked AND expires_at > $2;

-- name: media_of
SELECT event, call, path, created_at, expires_at, revoked FROM media WHERE event = $1;

-- name: revoke_media
UPDATE media SET revoked = true WHERE event = $1;

-- name: save_email
INSERT INTO emails (event, recipients, subject, message, audio, attach, delete_from, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (event) DO NOTHING;

-- name: next_email
-- Of the node's own calls: it has the audio.
SELECT m.event, m.recipients, m.subject, m.message, m.audio, m.attach, m.delete_from, m.failures
FROM emails m
WHERE m.state = 'pending' AND m.due_at <= $1
  AND ($2::text IS NULL OR EXISTS (
    SELECT FROM events e JOIN calls c ON c.call = e.call WHERE e.event = m.event AND c.node = $2
  ))
ORDER BY m.due_at LIMIT 1;

-- name: email_sent
UPDATE emails SET state = 'sent', due_at = $2, error = '' WHERE event = $1;

-- name: email_failed
UPDATE emails SET
  state = CASE WHEN $2::bigint IS NULL THEN 'failed' ELSE 'pending' END,
  failures = failures + 1,
  due_at = coalesce($2, due_at),
  error = $3
WHERE event = $1;

-- name: emails_waiting
SELECT count(*) AS n FROM emails WHERE state = 'pending';
