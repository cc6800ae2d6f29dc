-- name: administrators
SELECT name, role, password_hash, created_at, disabled, totp, totp_step, last_login_at
FROM administrators ORDER BY name COLLATE "C";

-- name: administrator
SELECT name, role, password_hash, created_at, disabled, totp, totp_step, last_login_at
FROM administrators WHERE name = $1;

-- name: add_administrator
INSERT INTO administrators
  (name, role, password_hash, created_at, disabled, totp, totp_step, last_login_at)
SELECT $1::text, $2::text, $3::text, $4::bigint, $5::boolean, $6::boolean, $7::bigint, $8::bigint
WHERE NOT $9::boolean OR NOT EXISTS (SELECT 1 FROM administrators)
ON CONFLICT (name) DO NOTHING;

-- name: save_administrator
UPDATE administrators SET
  role = $1,
  password_hash = $2,
  disabled = $3,
  totp = $4,
  totp_step = $5,
  last_login_at = $6
WHERE name = $7;

-- name: lock_administrators
-- Two who disable each other at once must not both succeed.
LOCK TABLE administrators IN SHARE ROW EXCLUSIVE MODE;

-- name: able
-- Whether somebody could still administer.
SELECT EXISTS (SELECT 1 FROM administrators WHERE role = 'administrator' AND NOT disabled);

-- name: delete_administrator
DELETE FROM administrators WHERE name = $1;

-- name: add_session
INSERT INTO sessions (id, token_hash, administrator, created_at, seen_at, address, agent)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: session
SELECT id, token_hash, administrator, created_at, seen_at, address, agent
FROM sessions WHERE token_hash = $1;

-- name: sessions
SELECT id, token_hash, administrator, created_at, seen_at, address, agent
FROM sessions WHERE administrator = $1 ORDER BY seen_at DESC, id;

-- name: touch_session
UPDATE sessions SET seen_at = $1 WHERE id = $2;

-- name: delete_session
DELETE FROM sessions WHERE id = $1 AND administrator = $2;

-- name: delete_sessions
DELETE FROM sessions WHERE administrator = $1 AND id <> $2;

-- name: expire_sessions
DELETE FROM sessions WHERE seen_at < $1 OR created_at < $2;

-- name: tokens
SELECT id, name, token_hash, role, created_at, created_by, addresses, used_at, used_from
FROM api_tokens ORDER BY created_at, id;

-- name: token
SELECT id, name, token_hash, role, created_at, created_by, addresses, used_at, used_from
FROM api_tokens WHERE token_hash = $1;

-- name: add_token
INSERT INTO api_tokens
  (id, name, token_hash, role, created_at, created_by, addresses, used_at, used_from)
VALUES
  ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: touch_token
UPDATE api_tokens SET used_at = $1, used_from = $2 WHERE id = $3;

-- name: delete_token
DELETE FROM api_tokens WHERE id = $1;

-- name: add_audit
INSERT INTO audit (at, who, what, target, address, details)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: audit
SELECT at, who, what, target, address, details, id FROM audit
WHERE id < $1 ORDER BY id DESC LIMIT $2;

-- name: draft
SELECT tag, base, document, text, changed_at, changed_by FROM draft;

-- name: lock_draft
LOCK TABLE draft IN SHARE ROW EXCLUSIVE MODE;

-- name: draft_tag
SELECT tag FROM draft;

-- name: save_draft
INSERT INTO draft (one, tag, base, document, text, changed_at, changed_by)
VALUES (1, $1, $2, $3, $4, $5, $6)
ON CONFLICT (one) DO UPDATE SET
  tag = excluded.tag,
  base = excluded.base,
  document = excluded.document,
  text = excluded.text,
  changed_at = excluded.changed_at,
  changed_by = excluded.changed_by;

-- name: delete_draft
DELETE FROM draft;

-- name: delete_secrets
DELETE FROM secrets WHERE reference = ANY ($1::text[]);
