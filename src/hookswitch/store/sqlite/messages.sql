-- name: save_media
INSERT INTO media (event, call, path, token_hash, created_at, expires_at)
VALUES (:event, :call, :path, :token_hash, :at, :expires_at)
ON CONFLICT (event) DO NOTHING;

-- name: prolong_media
UPDATE media SET expires_at = max(expires_at, :expires_at)
WHERE event IN (SELECT value FROM json_each(:events));

-- name: media_by_token
SELECT event, call, path, created_at, expires_at, revoked FROM media
WHERE token_hash = :token_hash AND revoked = 0 AND expires_at > :now;

-- name: media_of
SELECT event, call, path, created_at, expires_at, revoked FROM media WHERE event = :event;

-- name: revoke_media
UPDATE media SET revoked = 1 WHERE event = :event;

-- name: save_email
INSERT INTO emails (event, recipients, subject, message, audio, attach, delete_from, due_at)
VALUES (:event, :recipients, :subject, :message, :audio, :attach, :delete_from, :at)
ON CONFLICT (event) DO NOTHING;

-- name: next_email
SELECT event, recipients, subject, message, audio, attach, delete_from, failures FROM emails
WHERE state = 'pending' AND due_at <= :now ORDER BY due_at LIMIT 1;

-- name: email_sent
UPDATE emails SET state = 'sent', due_at = :now, error = '' WHERE event = :event;

-- name: email_failed
UPDATE emails SET
  state = CASE WHEN :due_at IS NULL THEN 'failed' ELSE 'pending' END,
  failures = failures + 1,
  due_at = coalesce(:due_at, due_at),
  error = :error
WHERE event = :event;

-- name: emails_waiting
SELECT count(*) FROM emails WHERE state = 'pending';
