-- A call is saved many times while it lives, and is found by its parties only once it is over: the
-- open ones are few, and looked through.
DROP TRIGGER calls_parties ON calls;
DELETE FROM call_parties WHERE call IN (SELECT call FROM calls WHERE ended_at IS NULL);
CREATE TRIGGER calls_parties AFTER INSERT OR UPDATE OF state ON calls
  FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION note_parties();
