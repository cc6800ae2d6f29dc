-- Events get a position that VACUUM leaves alone: the feed goes by it. (The newest event is never
-- deleted, so that no position is given twice.)
DROP VIEW delivery_rows;
CREATE TABLE events_new (
  position INTEGER PRIMARY KEY,
  event TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  call TEXT NOT NULL,
  revision INTEGER NOT NULL,
  at INTEGER NOT NULL,
  endpoint TEXT,
  body BLOB NOT NULL,
  linked_call TEXT,
  client_ref TEXT
) STRICT;
INSERT INTO events_new
  (event, type, call, revision, at, endpoint, body, linked_call, client_ref)
SELECT event, type, call, revision, at, endpoint, body, linked_call, client_ref
FROM events ORDER BY rowid;
DROP TABLE events;
ALTER TABLE events_new RENAME TO events;
CREATE INDEX events_call ON events (call);
CREATE VIEW delivery_rows AS
SELECT d.id, d.event, e.type, d.call, d.endpoint, d.state, d.sequence, d.attempts, d.due_at,
  d.created_at, a.status AS last_status, a.error AS last_error
FROM deliveries d
JOIN events e ON e.event = d.event
LEFT JOIN attempts a ON a.delivery = d.id AND a.number = d.attempts;

CREATE TABLE replays (
  id INTEGER PRIMARY KEY,
  call TEXT,
  endpoint TEXT,
  kind TEXT,
  states TEXT NOT NULL,
  since INTEGER,
  until INTEGER,
  rate INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
  matched INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  last INTEGER NOT NULL DEFAULT 0,
  upto INTEGER NOT NULL,
  ended_at INTEGER,
  next_at INTEGER NOT NULL
) STRICT;
CREATE INDEX replays_running ON replays (next_at) WHERE state = 'running';
