ALTER TABLE revisions ADD COLUMN text TEXT NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN origin TEXT NOT NULL DEFAULT 'apply';
ALTER TABLE revisions ADD COLUMN comment TEXT NOT NULL DEFAULT '';
-- Why it failed, if it did.
ALTER TABLE revisions ADD COLUMN reason TEXT NOT NULL DEFAULT '';

-- Encrypted; `key` is the mark of the key, which lies in a file of its own.
CREATE TABLE secrets (
  reference TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  sealed BLOB NOT NULL,
  set_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
