-- How many shards of a scan run now, without a look at all that wait.
CREATE INDEX shards_claimed_idx ON shards (scan_id) WHERE state = 'claimed';
