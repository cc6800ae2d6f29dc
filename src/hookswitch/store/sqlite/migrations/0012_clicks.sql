-- Idempotency keys of click-to-call, as hashes: the same key again is the same call.
CREATE TABLE clicks (
  key TEXT PRIMARY KEY,
  wish TEXT NOT NULL,
  call TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  placed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX clicks_made ON clicks (made_at);
