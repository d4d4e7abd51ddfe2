-- What a scan with discovery found alive, per vantage.
CREATE TABLE live_hosts (
  scan_id uuid NOT NULL REFERENCES scans ON DELETE CASCADE ON UPDATE CASCADE,
  vantage text NOT NULL,
  range_start inet NOT NULL,
  range_end inet NOT NULL,
  PRIMARY KEY (scan_id, vantage, range_start),
  CHECK (family(range_start) = family(range_end) AND range_start <= range_end)
);
