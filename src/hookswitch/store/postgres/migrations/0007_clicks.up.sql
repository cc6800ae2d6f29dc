-- Idempotency keys of click-to-call, as hashes: the same key again is the same call.
CREATE TABLE clicks (
  key text PRIMARY KEY,
  wish text NOT NULL,
  call text NOT NULL,
  made_at bigint NOT NULL,
  placed boolean NOT NULL
);
CREATE INDEX clicks_made ON clicks (made_at);
