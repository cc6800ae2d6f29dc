DROP TRIGGER calls_parties_gone;
DROP TRIGGER calls_parties_changed;
DROP TRIGGER calls_parties_new;
DROP TABLE call_parties;
DROP INDEX calls_listed;
CREATE INDEX calls_started ON calls (started_at);
DROP INDEX events_type;
DROP INDEX deliveries_endpoint;
