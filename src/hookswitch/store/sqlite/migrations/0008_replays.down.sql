DROP TABLE replays;
DROP VIEW delivery_rows;
CREATE TABLE events_new (
  event TEXT PRIMARY KEY,
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
SELECT event, type, call, revision, at, endpoint, body, linked_call, client_ref
FROM events ORDER BY position;
DROP TABLE events;
ALTER TABLE events_new RENAME TO events;
CREATE INDEX events_call ON events (call);
CREATE VIEW delivery_rows AS
SELECT d.id, d.event, e.type, d.call, d.endpoint, d.state, d.sequence, d.attempts, d.due_at,
  d.created_at, a.status AS last_status, a.error AS last_error
FROM deliveries d
JOIN events e ON e.event = d.event
LEFT JOIN attempts a ON a.delivery = d.id AND a.number = d.attempts;
