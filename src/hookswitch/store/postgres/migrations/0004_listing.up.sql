-- Lists of a million rows by what people look for.
CREATE INDEX deliveries_endpoint ON deliveries (endpoint, id);
CREATE INDEX events_type ON events (type, position);
DROP INDEX calls_started;
CREATE INDEX calls_listed ON calls (started_at, call);

-- What a call can be found by: `n:` and a number without its plus, `u:` and a user's extension,
-- `s:` and how it ended.
CREATE TABLE call_parties (
  party text COLLATE "C" NOT NULL,
  started_at bigint NOT NULL,
  call text NOT NULL REFERENCES calls (call) ON DELETE CASCADE,
  PRIMARY KEY (party, started_at, call)
);
CREATE INDEX call_parties_call ON call_parties (call);

CREATE FUNCTION note_parties() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  said jsonb := convert_from(NEW.state, 'UTF8')::jsonb;
BEGIN
  INSERT INTO call_parties (party, started_at, call)
  SELECT found.party, NEW.started_at, NEW.call FROM (
    SELECT 'n:' || ltrim(nullif(said #>> '{caller,number}', ''), '+') AS party
    UNION
    SELECT 'n:' || ltrim(nullif(said ->> 'dest_number', ''), '+')
    UNION
    SELECT 'u:' || (leg.value #>> '{user,extension}') FROM jsonb_each(said -> 'legs') leg
    UNION
    SELECT 'u:' || (said #>> '{outgoing,user,extension}')
    UNION
    SELECT CASE
      WHEN said #>> '{outgoing,answered_at}' IS NOT NULL AND said -> 'legs' = '{}'::jsonb
      OR EXISTS (
        SELECT FROM jsonb_each(said -> 'legs') leg WHERE leg.value ->> 'answered_at' IS NOT NULL
      ) THEN 's:answered' ELSE 's:missed' END
    WHERE NEW.ended_at IS NOT NULL
  ) found
  WHERE found.party IS NOT NULL
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER calls_parties AFTER INSERT OR UPDATE OF state ON calls
  FOR EACH ROW EXECUTE FUNCTION note_parties();
-- those that are there already
UPDATE calls SET state = state;
