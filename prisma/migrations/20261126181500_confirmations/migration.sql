-- What a second look said of an endpoint that seemed to have opened or closed.
CREATE TABLE confirmations (
  scan_id uuid NOT NULL REFERENCES scans ON DELETE CASCADE ON UPDATE CASCADE,
  vantage text NOT NULL,
  transport transport NOT NULL,
  ip inet NOT NULL,
  port integer NOT NULL,
  state port_state NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (scan_id, ip, port, transport, vantage)
);
