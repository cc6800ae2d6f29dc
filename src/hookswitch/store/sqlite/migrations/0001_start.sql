CREATE TABLE line (
  node TEXT PRIMARY KEY,
  generation INTEGER NOT NULL,
  byte_offset INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE calls (
  call TEXT PRIMARY KEY,
  node TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  state BLOB NOT NULL
) STRICT;
CREATE INDEX calls_open ON calls (node) WHERE ended_at IS NULL;
CREATE INDEX calls_started ON calls (started_at);

CREATE TABLE events (
  event TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  call TEXT NOT NULL,
  revision INTEGER NOT NULL,
  at INTEGER NOT NULL,
  endpoint TEXT,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX events_call ON events (call);

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  event TEXT NOT NULL REFERENCES events (event),
  call TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  sequence INTEGER,
  final INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'sending', 'delivered', 'failed', 'cancelled')),
  attempts INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  -- 1 once a first attempt has ended with a known outcome; until then the call's order holds it
  first_done INTEGER NOT NULL DEFAULT 0,
  -- 1 while an earlier one of its call and endpoint waits for its first attempt: see `ready`
  held INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  due_at INTEGER,
  claimed_at INTEGER,
  UNIQUE (event, endpoint)
) STRICT;
CREATE UNIQUE INDEX deliveries_lane ON deliveries (call, endpoint, sequence);
-- What claim looks at, by endpoint: a backlog costs nothing until its turn.
CREATE INDEX deliveries_ready ON deliveries (endpoint, due_at, id)
  WHERE state = 'pending' AND held = 0;
CREATE INDEX deliveries_unsent ON deliveries (call, endpoint, sequence)
  WHERE state = 'pending' AND first_done = 0;
CREATE INDEX deliveries_sending ON deliveries (endpoint, call) WHERE state = 'sending';
CREATE INDEX deliveries_pending ON deliveries (endpoint, created_at) WHERE state = 'pending';
CREATE INDEX deliveries_failed ON deliveries (id) WHERE state = 'failed';
CREATE INDEX deliveries_cancelled ON deliveries (id) WHERE state = 'cancelled';

-- How many are in each end state: counting the rows would read them all at each scrape.
CREATE TABLE delivery_totals (
  state TEXT PRIMARY KEY,
  n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO delivery_totals (state, n) VALUES ('delivered', 0), ('failed', 0), ('cancelled', 0);
CREATE TRIGGER deliveries_end AFTER UPDATE OF state ON deliveries
WHEN new.state <> old.state AND new.state IN ('delivered', 'failed', 'cancelled')
BEGIN
  UPDATE delivery_totals SET n = n + 1 WHERE state = new.state;
END;
CREATE TRIGGER deliveries_leave_end AFTER UPDATE OF state ON deliveries
WHEN new.state <> old.state AND old.state IN ('delivered', 'failed', 'cancelled')
BEGIN
  UPDATE delivery_totals SET n = n - 1 WHERE state = old.state;
END;
CREATE TRIGGER deliveries_delete AFTER DELETE ON deliveries
BEGIN
  UPDATE delivery_totals SET n = n - 1 WHERE state = old.state;
END;

CREATE TABLE attempts (
  delivery INTEGER NOT NULL REFERENCES deliveries (id),
  number INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  status INTEGER,
  error TEXT,
  detail TEXT NOT NULL,
  response BLOB NOT NULL,
  PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

CREATE VIEW delivery_rows AS
SELECT d.id, d.event, e.type, d.call, d.endpoint, d.state, d.sequence, d.attempts, d.due_at,
  d.created_at, a.status AS last_status, a.error AS last_error
FROM deliveries d
JOIN events e ON e.event = d.event
LEFT JOIN attempts a ON a.delivery = d.id AND a.number = d.attempts;

CREATE TABLE revisions (
  number INTEGER PRIMARY KEY,
  document TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  applied_by TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('staged', 'live', 'retired', 'failed'))
) STRICT;
CREATE UNIQUE INDEX revisions_live ON revisions (state) WHERE state = 'live';

CREATE TABLE endpoint_runtime (
  endpoint TEXT PRIMARY KEY,
  disabled INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;
