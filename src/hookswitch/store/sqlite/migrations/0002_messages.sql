CREATE TABLE media (
  event TEXT PRIMARY KEY REFERENCES events (event),
  call TEXT NOT NULL,
  path TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE emails (
  event TEXT PRIMARY KEY REFERENCES events (event),
  recipients TEXT NOT NULL,
  subject TEXT NOT NULL,
  message TEXT NOT NULL,
  audio TEXT NOT NULL,
  attach INTEGER NOT NULL,
  delete_from TEXT,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'failed')),
  failures INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL,
  error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX emails_due ON emails (due_at) WHERE state = 'pending';
