-- The last that people were told of an endpoint, so that several processes tell it once: trouble is
-- since when, stage how bad. Until then who claimed it may be telling.
CREATE TABLE alerts (
  endpoint TEXT PRIMARY KEY,
  trouble INTEGER NOT NULL,
  stage REAL NOT NULL,
  told INTEGER NOT NULL,
  claimed_until INTEGER NOT NULL
) WITHOUT ROWID;
