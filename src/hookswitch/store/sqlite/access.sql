-- name: administrators
SELECT name, role, password_hash, created_at, disabled, totp, totp_step, last_login_at
FROM administrators ORDER BY name;

-- name: administrator
SELECT name, role, password_hash, created_at, disabled, totp, totp_step, last_login_at
FROM administrators WHERE name = :name;

-- name: add_administrator
INSERT INTO administrators
  (name, role, password_hash, created_at, disabled, totp, totp_step, last_login_at)
SELECT :name, :role, :password_hash, :created_at, :disabled, :totp, :totp_step, :last_login_at
WHERE NOT :first OR NOT EXISTS (SELECT 1 FROM administrators)
ON CONFLICT (name) DO NOTHING;

-- name: save_administrator
UPDATE administrators SET
  role = :role,
  password_hash = :password_hash,
  disabled = :disabled,
  totp = :totp,
  totp_step = :totp_step,
  last_login_at = :last_login_at
WHERE name = :name;

-- name: able
-- Whether somebody could still administer.
SELECT EXISTS (SELECT 1 FROM administrators WHERE role = 'administrator' AND disabled = 0);

-- name: delete_administrator
DELETE FROM administrators WHERE name = :name;

-- name: add_session
INSERT INTO sessions (id, token_hash, administrator, created_at, seen_at, address, agent)
VALUES (:id, :token_hash, :administrator, :created_at, :seen_at, :address, :agent);

-- name: session
SELECT id, token_hash, administrator, created_at, seen_at, address, agent
FROM sessions WHERE token_hash = :token_hash;

-- name: sessions
SELECT id, token_hash, administrator, created_at, seen_at, address, agent
FROM sessions WHERE administrator = :administrator ORDER BY seen_at DESC, id;

-- name: touch_session
UPDATE sessions SET seen_at = :at WHERE id = :id;

-- name: delete_session
DELETE FROM sessions WHERE id = :id AND administrator = :administrator;

-- name: delete_sessions
DELETE FROM sessions WHERE administrator = :administrator AND id <> :but;

-- name: expire_sessions
DELETE FROM sessions WHERE seen_at < :seen_before OR created_at < :made_before;

-- name: tokens
SELECT id, name, token_hash, role, created_at, created_by, addresses, used_at, used_from
FROM api_tokens ORDER BY created_at, id;

-- name: token
SELECT id, name, token_hash, role, created_at, created_by, addresses, used_at, used_from
FROM api_tokens WHERE token_hash = :token_hash;

-- name: add_token
INSERT INTO api_tokens
  (id, name, token_hash, role, created_at, created_by, addresses, used_at, used_from)
VALUES
  (:id, :name, :token_hash, :role, :created_at, :created_by, :addresses, :used_at, :used_from);

-- name: touch_token
UPDATE api_tokens SET used_at = :at, used_from = :address WHERE id = :id;

-- name: delete_token
DELETE FROM api_tokens WHERE id = :id;

-- name: add_audit
INSERT INTO audit (at, who, what, target, address, details)
VALUES (:at, :who, :what, :target, :address, :details);

-- name: audit
SELECT at, who, what, target, address, details, id FROM audit
WHERE id < :before ORDER BY id DESC LIMIT :limit;

-- name: draft
SELECT tag, base, document, text, changed_at, changed_by FROM draft;

-- name: draft_tag
SELECT tag FROM draft;

-- name: save_draft
INSERT INTO draft (one, tag, base, document, text, changed_at, changed_by)
VALUES (1, :tag, :base, :document, :text, :changed_at, :changed_by)
ON CONFLICT (one) DO UPDATE SET
  tag = excluded.tag,
  base = excluded.base,
  document = excluded.document,
  text = excluded.text,
  changed_at = excluded.changed_at,
  changed_by = excluded.changed_by;

-- name: delete_draft
DELETE FROM draft;

-- name: delete_secret
DELETE FROM secrets WHERE reference = :reference;
