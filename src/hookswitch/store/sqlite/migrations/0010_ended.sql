-- What is old is found by when its call ended.
CREATE INDEX calls_ended ON calls (ended_at) WHERE ended_at IS NOT NULL;
