DROP TRIGGER calls_parties ON calls;
DROP FUNCTION note_parties;
DROP TABLE call_parties;
DROP INDEX calls_listed;
CREATE INDEX calls_started ON calls (started_at);
DROP INDEX events_type;
DROP INDEX deliveries_endpoint;
