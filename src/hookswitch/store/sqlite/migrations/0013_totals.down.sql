CREATE TRIGGER deliveries_end AFTER UPDATE OF state ON deliveries
WHEN new.state <> old.state AND new.state IN ('delivered', 'failed', 'cancelled')
BEGIN
  UPDATE delivery_totals SET n = n + 1 WHERE state = new.state;
END;
CREATE TRIGGER deliveries_leave_end AFTER UPDATE OF state ON deliveries
WHEN new.state <> old.state AND old.state IN ('delivered', 'failed', 'cancelled')
BEGIN
  UPDATE delivery_totals SET n = n - 1 WHERE state = old.state;
END;
