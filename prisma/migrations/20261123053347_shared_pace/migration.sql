-- One rate for a scan, however many workers send for it.
ALTER TABLE scans ADD COLUMN at_once integer CHECK (at_once > 0);
ALTER TABLE shards ADD COLUMN recall real;

CREATE UNLOGGED TABLE rate_limits (
  key text PRIMARY KEY,
  free_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Books the next free stretch of time on the scan's rate: `granted` packets (1..wanted) may be sent from `wait_ms` from
-- now on. Stretches are booked one after the other, each a fiftieth of a second at most, so whoever sends, in no second
-- go more than the rate allows and one such stretch. A scan without a rate never waits. The rate is read each time, so
-- changing it takes effect at once.
CREATE FUNCTION take_turn(scan uuid, wanted integer, OUT granted integer, OUT wait_ms double precision)
LANGUAGE plpgsql AS $$
DECLARE
  pace double precision;
  stretch interval;
BEGIN
  SELECT rate INTO pace FROM scans WHERE id = scan;
  IF pace IS NULL THEN
    granted := wanted;
    wait_ms := 0;
    RETURN;
  END IF;
  granted := greatest(1, least(wanted, floor(pace / 50)));
  stretch := make_interval(secs => granted / pace);
  INSERT INTO rate_limits AS held (key, free_at) VALUES ('scan ' || scan, clock_timestamp() + stretch)
  ON CONFLICT (key) DO UPDATE SET free_at = greatest(held.free_at, clock_timestamp()) + stretch
  RETURNING greatest(0, extract(epoch FROM free_at - stretch - clock_timestamp()) * 1000) INTO wait_ms;
END
$$;
