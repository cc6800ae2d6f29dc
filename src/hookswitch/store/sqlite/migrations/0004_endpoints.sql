-- First attempts and retries have room of their own: claim looks at each by itself.
DROP INDEX deliveries_ready;
CREATE INDEX deliveries_ready ON deliveries (endpoint, first_done, due_at, id)
  WHERE state = 'pending' AND held = 0;

ALTER TABLE endpoint_runtime RENAME TO endpoint_runtime_old;
CREATE TABLE endpoint_runtime (
  endpoint TEXT PRIMARY KEY,
  state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
  reason TEXT NOT NULL DEFAULT '',
  changed_at INTEGER NOT NULL DEFAULT 0,
  -- nothing is sent before: it fails, and is left alone for a while
  held_until INTEGER,
  failing_since INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO endpoint_runtime (endpoint, state, reason)
SELECT endpoint, iif(disabled, 'disabled', 'active'), reason FROM endpoint_runtime_old;
DROP TABLE endpoint_runtime_old;
