CREATE TABLE administrators (
  name text PRIMARY KEY,
  role text NOT NULL CHECK (role IN ('read_only', 'operator', 'administrator')),
  password_hash text NOT NULL,
  created_at bigint NOT NULL,
  disabled boolean NOT NULL DEFAULT false,
  totp boolean NOT NULL DEFAULT false,
  totp_step bigint NOT NULL DEFAULT 0,
  last_login_at bigint
);

CREATE TABLE sessions (
  id text PRIMARY KEY,
  token_hash text NOT NULL UNIQUE,
  administrator text NOT NULL REFERENCES administrators (name) ON DELETE CASCADE,
  created_at bigint NOT NULL,
  seen_at bigint NOT NULL,
  address text NOT NULL,
  agent text NOT NULL
);
CREATE INDEX sessions_administrator ON sessions (administrator);

-- `addresses` is a JSON list of networks; an empty one means any.
CREATE TABLE api_tokens (
  id text PRIMARY KEY,
  name text NOT NULL,
  token_hash text NOT NULL UNIQUE,
  role text NOT NULL CHECK (role IN ('read_only', 'operator', 'administrator')),
  created_at bigint NOT NULL,
  created_by text NOT NULL,
  addresses text NOT NULL,
  used_at bigint,
  used_from text NOT NULL DEFAULT ''
);

CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at bigint NOT NULL,
  who text NOT NULL,
  what text NOT NULL,
  target text NOT NULL,
  address text NOT NULL,
  details text NOT NULL
);

-- The configuration being edited; its secrets are encrypted in `secrets`, below `draft:`.
CREATE TABLE draft (
  one bigint PRIMARY KEY CHECK (one = 1),
  tag text NOT NULL,
  base bigint NOT NULL,
  document text NOT NULL,
  text text NOT NULL,
  changed_at bigint NOT NULL,
  changed_by text NOT NULL
);
