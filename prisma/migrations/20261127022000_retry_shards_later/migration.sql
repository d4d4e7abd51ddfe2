-- A shard whose attempt failed waits before the next.
ALTER TABLE shards ADD COLUMN retry_at timestamptz;
