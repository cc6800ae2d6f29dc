CREATE TABLE replays (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  call text,
  endpoint text,
  kind text,
  states text[] NOT NULL,
  since bigint,
  until bigint,
  rate integer NOT NULL,
  asked_by text NOT NULL,
  asked_at bigint NOT NULL,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'cancelled')),
  matched bigint NOT NULL,
  done bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,
  last bigint NOT NULL DEFAULT 0,
  upto bigint NOT NULL,
  ended_at bigint,
  next_at bigint NOT NULL
);
CREATE INDEX replays_running ON replays (next_at) WHERE state = 'running';
