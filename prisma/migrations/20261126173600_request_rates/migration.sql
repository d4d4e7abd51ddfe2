-- Requests of API keys, counted by all API processes together: a bucket of `quota` requests that fills up within a
-- minute. Takes up to `wanted` of them; `granted` is what there was, `remaining` what is left after it, and `wait_s` the
-- seconds until there is one more. Such a bucket is one moment: when it will be full again.
CREATE FUNCTION take_requests(
  bucket text, wanted integer, quota double precision,
  OUT granted integer, OUT remaining double precision, OUT wait_s double precision
) LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  used double precision;
BEGIN
  INSERT INTO rate_limits (key, free_at) VALUES (bucket, moment) ON CONFLICT (key) DO NOTHING;
  SELECT greatest(0, extract(epoch FROM free_at - moment)) / 60 * quota INTO used
    FROM rate_limits WHERE key = bucket FOR UPDATE;
  -- A microsecond is the smallest step of time here: what rounding takes away from a whole request is given back.
  granted := least(wanted, floor(greatest(0, quota - used) + 0.001));
  UPDATE rate_limits SET free_at = moment + make_interval(secs => (used + granted) / quota * 60) WHERE key = bucket;
  remaining := greatest(0, quota - used - granted);
  wait_s := greatest(0, 1 - remaining) / quota * 60;
END
$$;
