-- A call is saved many times while it lives, and is found by its parties only once it is over: the
-- open ones are few, and looked through.
DROP TRIGGER calls_parties_new;
DROP TRIGGER calls_parties_changed;
DELETE FROM call_parties WHERE call IN (SELECT call FROM calls WHERE ended_at IS NULL);
CREATE TRIGGER calls_parties_new AFTER INSERT ON calls
WHEN new.ended_at IS NOT NULL BEGIN
  INSERT INTO call_parties (party, started_at, call)
  SELECT found.party, new.started_at, new.call FROM (
    SELECT 'n:' || ltrim(json_extract(CAST(new.state AS TEXT), '$.caller.number'), '+') AS party
    WHERE json_extract(CAST(new.state AS TEXT), '$.caller.number') <> ''
    UNION
    SELECT 'n:' || ltrim(json_extract(CAST(new.state AS TEXT), '$.dest_number'), '+')
    WHERE json_extract(CAST(new.state AS TEXT), '$.dest_number') <> ''
    UNION
    SELECT 'u:' || json_extract(leg.value, '$.user.extension')
    FROM json_each(CAST(new.state AS TEXT), '$.legs') leg
    UNION
    SELECT 'u:' || json_extract(CAST(new.state AS TEXT), '$.outgoing.user.extension')
    UNION
    SELECT CASE
      WHEN json_extract(CAST(new.state AS TEXT), '$.outgoing.answered_at') IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM json_each(CAST(new.state AS TEXT), '$.legs'))
      OR EXISTS (
        SELECT 1 FROM json_each(CAST(new.state AS TEXT), '$.legs') leg
        WHERE json_extract(leg.value, '$.answered_at') IS NOT NULL
      ) THEN 's:answered' ELSE 's:missed' END
    WHERE new.ended_at IS NOT NULL
  ) found
  WHERE found.party IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM call_parties known
    WHERE known.party = found.party AND known.started_at = new.started_at AND known.call = new.call
  );
END;
CREATE TRIGGER calls_parties_changed AFTER UPDATE OF state ON calls
WHEN new.ended_at IS NOT NULL BEGIN
  INSERT INTO call_parties (party, started_at, call)
  SELECT found.party, new.started_at, new.call FROM (
    SELECT 'n:' || ltrim(json_extract(CAST(new.state AS TEXT), '$.caller.number'), '+') AS party
    WHERE json_extract(CAST(new.state AS TEXT), '$.caller.number') <> ''
    UNION
    SELECT 'n:' || ltrim(json_extract(CAST(new.state AS TEXT), '$.dest_number'), '+')
    WHERE json_extract(CAST(new.state AS TEXT), '$.dest_number') <> ''
    UNION
    SELECT 'u:' || json_extract(leg.value, '$.user.extension')
    FROM json_each(CAST(new.state AS TEXT), '$.legs') leg
    UNION
    SELECT 'u:' || json_extract(CAST(new.state AS TEXT), '$.outgoing.user.extension')
    UNION
    SELECT CASE
      WHEN json_extract(CAST(new.state AS TEXT), '$.outgoing.answered_at') IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM json_each(CAST(new.state AS TEXT), '$.legs'))
      OR EXISTS (
        SELECT 1 FROM json_each(CAST(new.state AS TEXT), '$.legs') leg
        WHERE json_extract(leg.value, '$.answered_at') IS NOT NULL
      ) THEN 's:answered' ELSE 's:missed' END
    WHERE new.ended_at IS NOT NULL
  ) found
  WHERE found.party IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM call_parties known
    WHERE known.party = found.party AND known.started_at = new.started_at AND known.call = new.call
  );
END;
