DROP INDEX deliveries_ready;
CREATE INDEX deliveries_ready ON deliveries (endpoint, due_at, id)
  WHERE state = 'pending' AND held = 0;

ALTER TABLE endpoint_runtime RENAME TO endpoint_runtime_new;
CREATE TABLE endpoint_runtime (
  endpoint TEXT PRIMARY KEY,
  disabled INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;
INSERT INTO endpoint_runtime (endpoint, disabled, reason)
SELECT endpoint, state <> 'active', reason FROM endpoint_runtime_new;
DROP TABLE endpoint_runtime_new;
