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
  created_at INTEGER NOT NULL,
  due_at INTEGER,
  claimed_at INTEGER,
  UNIQUE (event, endpoint)
) STRICT;
CREATE UNIQUE INDEX deliveries_lane ON deliveries (call, endpoint, sequence);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'pending';
CREATE INDEX deliveries_sending ON deliveries (id) WHERE state = 'sending';
CREATE INDEX deliveries_state ON deliveries (state);

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
