DROP VIEW delivery_rows;
CREATE TABLE deliveries_new (
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
INSERT INTO deliveries_new
SELECT id, event, call, endpoint, sequence, final, state, attempts, failures, first_done, held,
  created_at, due_at, claimed_at
FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_new RENAME TO deliveries;

CREATE UNIQUE INDEX deliveries_lane ON deliveries (call, endpoint, sequence);
CREATE INDEX deliveries_ready ON deliveries (endpoint, first_done, due_at, id)
  WHERE state = 'pending' AND held = 0;
CREATE INDEX deliveries_unsent ON deliveries (call, endpoint, sequence)
  WHERE state = 'pending' AND first_done = 0;
CREATE INDEX deliveries_sending ON deliveries (endpoint, call) WHERE state = 'sending';
CREATE INDEX deliveries_pending ON deliveries (endpoint, created_at) WHERE state = 'pending';
CREATE INDEX deliveries_failed ON deliveries (id) WHERE state = 'failed';
CREATE INDEX deliveries_cancelled ON deliveries (id) WHERE state = 'cancelled';

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

CREATE VIEW delivery_rows AS
SELECT d.id, d.event, e.type, d.call, d.endpoint, d.state, d.sequence, d.attempts, d.due_at,
  d.created_at, a.status AS last_status, a.error AS last_error
FROM deliveries d
JOIN events e ON e.event = d.event
LEFT JOIN attempts a ON a.delivery = d.id AND a.number = d.attempts;
