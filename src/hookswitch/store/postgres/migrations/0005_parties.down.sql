DROP TRIGGER calls_parties ON calls;
CREATE TRIGGER calls_parties AFTER INSERT OR UPDATE OF state ON calls
  FOR EACH ROW EXECUTE FUNCTION note_parties();
