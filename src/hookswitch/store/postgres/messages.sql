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
SELECT event, recipients, subject, message, audio, attach, delete_from, failures FROM emails
WHERE state = 'pending' AND due_at <= $1 ORDER BY due_at LIMIT 1;

-- name: email_sent
UPDATE emails SET state = 'sent', due_at = $2, error = '' WHERE event = $1;

-- name: email_failed
UPDATE emails SET
  state = CASE WHEN $2::bigint IS NULL THEN 'failed' ELSE 'pending' END,
  failures = failures + 1,
  due_at = coalesce($2, due_at),
  error = $3
WHERE event = $1;

-- name: email_counts
SELECT state, count(*) AS n FROM emails GROUP BY state;
