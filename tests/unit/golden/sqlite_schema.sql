CREATE INDEX call_parties_call ON call_parties (call);
CREATE INDEX calls_ended ON calls (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX calls_listed ON calls (started_at, call);
CREATE INDEX calls_open ON calls (node) WHERE ended_at IS NULL;
CREATE INDEX clicks_made ON clicks (made_at);
CREATE INDEX deliveries_cancelled ON deliveries (id) WHERE state = 'cancelled';
CREATE INDEX deliveries_endpoint ON deliveries (endpoint, id);
CREATE INDEX deliveries_failed ON deliveries (id) WHERE state = 'failed';
CREATE UNIQUE INDEX deliveries_lane ON deliveries (call, endpoint, sequence);
CREATE INDEX deliveries_pending ON deliveries (id) WHERE state = 'pending';
CREATE INDEX deliveries_ready ON deliveries (endpoint, held, first_done, due_at, id)
  WHERE state = 'pending';
CREATE INDEX deliveries_sending ON deliveries (endpoint, call) WHERE state = 'sending';
CREATE INDEX deliveries_unsent ON deliveries (call, endpoint, sequence)
  WHERE state = 'pending' AND first_done = 0;
CREATE INDEX emails_due ON emails (due_at) WHERE state = 'pending';
CREATE INDEX events_call ON events (call);
CREATE INDEX events_type ON events (type);
CREATE INDEX replays_running ON replays (next_at) WHERE state = 'running';
CREATE UNIQUE INDEX revisions_live ON revisions (state) WHERE state = 'live';
CREATE INDEX sessions_administrator ON sessions (administrator);
CREATE TABLE administrators (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('read_only', 'operator', 'administrator')),
  password_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  totp INTEGER NOT NULL DEFAULT 0,
  totp_step INTEGER NOT NULL DEFAULT 0,
  last_login_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE alerts (
  endpoint TEXT PRIMARY KEY,
  trouble INTEGER NOT NULL,
  stage REAL NOT NULL,
  told INTEGER NOT NULL,
  claimed_until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('read_only', 'operator', 'administrator')),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  addresses TEXT NOT NULL,
  used_at INTEGER,
  used_from TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
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
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  target TEXT NOT NULL,
  address TEXT NOT NULL,
  details TEXT NOT NULL
) STRICT;
CREATE TABLE call_parties (
  party TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  call TEXT NOT NULL,
  PRIMARY KEY (party, started_at, call)
) STRICT, WITHOUT ROWID;
CREATE TABLE calls (
  call TEXT PRIMARY KEY,
  node TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  state BLOB NOT NULL
) STRICT;
CREATE TABLE clicks (
  key TEXT PRIMARY KEY,
  wish TEXT NOT NULL,
  call TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  placed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE "deliveries" (
  id INTEGER PRIMARY KEY,
  event TEXT NOT NULL,
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
  -- 1 while an earlier one of its call and endpoint waits for its first attempt: see `ready_first`
  held INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  due_at INTEGER,
  claimed_at INTEGER
) STRICT;
CREATE TABLE delivery_totals (
  state TEXT PRIMARY KEY,
  n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE draft (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  tag TEXT NOT NULL,
  base INTEGER NOT NULL,
  document TEXT NOT NULL,
  text TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL
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
CREATE TABLE endpoint_runtime (
  endpoint TEXT PRIMARY KEY,
  state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
  reason TEXT NOT NULL DEFAULT '',
  changed_at INTEGER NOT NULL DEFAULT 0,
  -- nothing is sent before: it fails, and is left alone for a while
  held_until INTEGER,
  failing_since INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE "events" (
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
CREATE TABLE line (
  node TEXT PRIMARY KEY,
  generation INTEGER NOT NULL,
  byte_offset INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE media (
  event TEXT PRIMARY KEY REFERENCES events (event),
  call TEXT NOT NULL,
  path TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0
) STRICT;
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
CREATE TABLE revisions (
  number INTEGER PRIMARY KEY,
  document TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  applied_by TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('staged', 'live', 'retired', 'failed'))
, text TEXT NOT NULL DEFAULT '', origin TEXT NOT NULL DEFAULT 'apply', comment TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE secrets (
  reference TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  sealed BLOB NOT NULL,
  set_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  administrator TEXT NOT NULL REFERENCES administrators (name) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sqlite_sequence(name,seq);
CREATE TRIGGER calls_parties_changed AFTER UPDATE OF state ON calls
WHEN new.ended_at IS NOT NULL BEGIN
  INSERT INTO call_parties (party, started_at, call)
  SELECT found.party, new.started_at, new.call FROM (
    SELECT 'n:' || ltrim(json_extract(CAST(new.state AS TEXT), '$.caller.number'), '+') AS party
    WHERE json_extract(CAST(new.state AS TEXT), '$.caller.number') <> ''
    UNION
    SELECT 'n:' || ltrim(json_extract(CAST(new.state AS TEXT), '$.dest_number'), '+')
    WHERE json_extract(CAST(new.state AS TEXT), '$.dest_number') <> ''
    UNION
    SELECT 'u:' || json_extract(leg.value, '$.user.extension')
    FROM json_each(CAST(new.state AS TEXT), '$.legs') leg
    UNION
    SELECT 'u:' || json_extract(CAST(new.state AS TEXT), '$.outgoing.user.extension')
    UNION
    SELECT CASE
      WHEN json_extract(CAST(new.state AS TEXT), '$.outgoing.answered_at') IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM json_each(CAST(new.state AS TEXT), '$.legs'))
      OR EXISTS (
        SELECT 1 FROM json_each(CAST(new.state AS TEXT), '$.legs') leg
        WHERE json_extract(leg.value, '$.answered_at') IS NOT NULL
      ) THEN 's:answered' ELSE 's:missed' END
    WHERE new.ended_at IS NOT NULL
  ) found
  WHERE found.party IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM call_parties known
    WHERE known.party = found.party AND known.started_at = new.started_at AND known.call = new.call
  );
END;
CREATE TRIGGER calls_parties_gone AFTER DELETE ON calls BEGIN
  DELETE FROM call_parties WHERE call = old.call;
END;
CREATE TRIGGER calls_parties_new AFTER INSERT ON calls
WHEN new.ended_at IS NOT NULL BEGIN
  INSERT INTO call_parties (party, started_at, call)
  SELECT found.party, new.started_at, new.call FROM (
    SELECT 'n:' || ltrim(json_extract(CAST(new.state AS TEXT), '$.caller.number'), '+') AS party
    WHERE json_extract(CAST(new.state AS TEXT), '$.caller.number') <> ''
    UNION
    SELECT 'n:' || ltrim(json_extract(CAST(new.state AS TEXT), '$.dest_number'), '+')
    WHERE json_extract(CAST(new.state AS TEXT), '$.dest_number') <> ''
    UNION
    SELECT 'u:' || json_extract(leg.value, '$.user.extension')
    FROM json_each(CAST(new.state AS TEXT), '$.legs') leg
    UNION
    SELECT 'u:' || json_extract(CAST(new.state AS TEXT), '$.outgoing.user.extension')
    UNION
    SELECT CASE
      WHEN json_extract(CAST(new.state AS TEXT), '$.outgoing.answered_at') IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM json_each(CAST(new.state AS TEXT), '$.legs'))
      OR EXISTS (
        SELECT 1 FROM json_each(CAST(new.state AS TEXT), '$.legs') leg
        WHERE json_extract(leg.value, '$.answered_at') IS NOT NULL
      ) THEN 's:answered' ELSE 's:missed' END
    WHERE new.ended_at IS NOT NULL
  ) found
  WHERE found.party IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM call_parties known
    WHERE known.party = found.party AND known.started_at = new.started_at AND known.call = new.call
  );
END;
CREATE TRIGGER deliveries_delete AFTER DELETE ON deliveries
BEGIN
  UPDATE delivery_totals SET n = n - 1 WHERE state = old.state;
END;
CREATE VIEW delivery_rows AS
SELECT d.id, d.event, e.type, d.call, d.endpoint, d.state, d.sequence, d.attempts, d.due_at,
  d.created_at, a.status AS last_status, a.error AS last_error
FROM deliveries d
JOIN events e ON e.event = d.event
LEFT JOIN attempts a ON a.delivery = d.id AND a.number = d.attempts;
