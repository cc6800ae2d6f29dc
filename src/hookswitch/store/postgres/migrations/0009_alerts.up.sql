-- The last that people were told of an endpoint, so that several processes tell it once: trouble is
-- since when, stage how bad. Until then who claimed it may be telling.
CREATE TABLE alerts (
  endpoint text PRIMARY KEY,
  trouble bigint NOT NULL,
  stage double precision NOT NULL,
  told boolean NOT NULL,
  claimed_until bigint NOT NULL
);
