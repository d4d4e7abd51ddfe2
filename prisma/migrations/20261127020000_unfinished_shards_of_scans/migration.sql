-- What is left of a scan, in the order in which it is handed out, without reading what is done.
CREATE INDEX shards_left_idx ON shards (scan_id, vantage, transport, ordinal) WHERE state IN ('pending', 'claimed');
