CREATE TABLE administrators (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('read_only', 'operator', 'administrator')),
  password_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  totp INTEGER NOT NULL DEFAULT 0,
  totp_step INTEGER NOT NULL DEFAULT 0,
  last_login_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  administrator TEXT NOT NULL REFERENCES administrators (name) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_administrator ON sessions (administrator);

-- `addresses` is a JSON list of networks; an empty one means any.
CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('read_only', 'operator', 'administrator')),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  addresses TEXT NOT NULL,
  used_at INTEGER,
  used_from TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  target TEXT NOT NULL,
  address TEXT NOT NULL,
  details TEXT NOT NULL
) STRICT;

-- The configuration being edited; its secrets are encrypted in `secrets`, below `draft:`.
CREATE TABLE draft (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  tag TEXT NOT NULL,
  base INTEGER NOT NULL,
  document TEXT NOT NULL,
  text TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL
) STRICT;
