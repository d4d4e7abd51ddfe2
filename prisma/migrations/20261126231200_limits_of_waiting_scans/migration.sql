-- The limit of an address is that of every scan under way, also of one whose shards all wait for a place just now.
CREATE OR REPLACE FUNCTION share_hosts(shard_ids bigint[], scan_ids uuid[], apart_of uuid[], apart_from uuid[], lease integer)
RETURNS TABLE (shard_id bigint, share integer, most integer, strangers uuid[]) LANGUAGE plpgsql AS $$
DECLARE
  mine record;
  taken bigint;
  holders integer;
  rank integer;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('rate host', 0));
  DELETE FROM host_shares h WHERE h.expires_at < clock_timestamp();
  FOR mine IN SELECT m.shard, m.scan FROM unnest(shard_ids, scan_ids) AS m (shard, scan) LOOP
    shard_id := mine.shard;
    SELECT array_agg(u.scan_id) INTO strangers FROM (
        SELECT h.scan_id FROM host_shares h
        UNION SELECT s.id FROM scans s WHERE s.status = 'running' AND s.wanted = 'run' AND s.per_host_rate IS NOT NULL
      ) AS u (scan_id)
      WHERE u.scan_id <> mine.scan AND NOT EXISTS (
        SELECT FROM unnest(apart_of, apart_from) AS a (one, other) WHERE a.one = mine.scan AND a.other = u.scan_id);
    SELECT least(rate_limit('perHost'), min(s.per_host_rate)) INTO most
      FROM scans s WHERE s.id = mine.scan OR s.id = ANY (strangers);
    SELECT coalesce(sum(h.rate), 0), count(*) + 1, count(*) FILTER (WHERE h.shard_id < mine.shard)
      INTO taken, holders, rank FROM host_shares h
      WHERE h.shard_id <> mine.shard AND (h.scan_id = mine.scan OR h.scan_id = ANY (strangers));
    -- Without a limit it holds more than any limit: it must shrink before one that has one may begin.
    share := CASE WHEN most IS NULL THEN 100000000
      ELSE least(greatest(1, (most + rank) / holders), greatest(most - taken, 0)) END;
    INSERT INTO host_shares AS h VALUES (mine.shard, mine.scan, share,
      clock_timestamp() + lease * interval '1 millisecond')
    ON CONFLICT ON CONSTRAINT host_shares_pkey DO UPDATE SET rate = EXCLUDED.rate, expires_at = EXCLUDED.expires_at;
    IF most IS NULL THEN share := NULL; END IF;
    RETURN NEXT;
  END LOOP;
END
$$;
