-- Rates that several workers keep to together: scan, vantage, the whole installation, and each address.
ALTER TABLE scans ADD COLUMN timeout_seconds integer CHECK (timeout_seconds > 0);
ALTER TABLE scans ADD COLUMN windows jsonb;
ALTER TABLE scans ADD COLUMN first jsonb;
ALTER TABLE scans ADD COLUMN held boolean NOT NULL DEFAULT false;

DROP TRIGGER scans_control ON scans;
CREATE TRIGGER scans_control AFTER UPDATE OF wanted, held, rate, per_host_rate ON scans FOR EACH ROW
  WHEN ((OLD.wanted, OLD.held, OLD.rate, OLD.per_host_rate) IS DISTINCT FROM (NEW.wanted, NEW.held, NEW.rate, NEW.per_host_rate))
  EXECUTE FUNCTION announce_control();

DROP FUNCTION take_turn(uuid, integer);

-- What of a limit each worker may use until `expires_at`. Not logged: after a crash of the database every share is over.
CREATE UNLOGGED TABLE rate_shares (
  -- `scan <id>`, `vantage <name>`, `global`
  key text NOT NULL,
  holder uuid NOT NULL,
  rate integer NOT NULL,
  demand integer NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (key, holder)
) WITH (fillfactor = 50);

-- What each running shard may send to any one address until `expires_at`.
CREATE UNLOGGED TABLE host_shares (
  shard_id bigint PRIMARY KEY,
  scan_id uuid NOT NULL,
  rate integer NOT NULL,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Packets per second under a key; null: no limit. Those of the installation are the setting `limits`:
-- { "global": n, "perHost": n, "vantages": { "name": n } }, every part optional.
CREATE FUNCTION rate_limit(limit_key text) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN limit_key LIKE 'scan %' THEN (SELECT rate FROM scans WHERE id = substr(limit_key, 6)::uuid)
    WHEN limit_key LIKE 'vantage %' THEN (SELECT (value -> 'vantages' ->> substr(limit_key, 9))::int FROM settings WHERE name = 'limits')
    ELSE (SELECT (value ->> limit_key)::int FROM settings WHERE name = 'limits')
  END
$$;

-- Renews the shares of `worker` in several limits for `lease` milliseconds; `demands` are the rates it could use. Shares
-- are fair (nobody gets more than an equal part while another who wants it has less; what nobody wants is divided
-- equally), whole numbers, and never add up to more than the limit: what others hold is theirs until they renew or it
-- expires, so whoever comes new waits for them. No row for a key without a limit.
CREATE FUNCTION share_rates(worker uuid, keys text[], demands integer[], lease integer)
RETURNS TABLE (key text, share integer) LANGUAGE plpgsql AS $$
DECLARE
  wanted record;
  holder_demand record;
  most integer;
  taken integer;
  left_over integer;
  holders integer;
  part integer;
BEGIN
  -- Everybody locks in the same order.
  FOR wanted IN SELECT k.key, greatest(k.demand, 1) AS demand, hashtextextended('rate ' || k.key, 0) AS lock
    FROM unnest(keys, demands) AS k (key, demand) ORDER BY lock
  LOOP
    most := rate_limit(wanted.key);
    CONTINUE WHEN most IS NULL;
    PERFORM pg_advisory_xact_lock(wanted.lock);
    DELETE FROM rate_shares r WHERE r.key = wanted.key AND r.expires_at < clock_timestamp();
    SELECT coalesce(sum(r.rate), 0), count(*) + 1 INTO taken, holders
      FROM rate_shares r WHERE r.key = wanted.key AND r.holder <> worker;
    left_over := most;
    share := 0;
    FOR holder_demand IN
      SELECT h.holder, h.demand, row_number() OVER (ORDER BY h.demand, h.holder) AS turn FROM (
        SELECT r.holder, r.demand FROM rate_shares r WHERE r.key = wanted.key AND r.holder <> worker
        UNION ALL SELECT worker, wanted.demand) AS h ORDER BY turn
    LOOP
      part := least(holder_demand.demand, left_over / (holders - holder_demand.turn + 1));
      left_over := left_over - part;
      IF holder_demand.holder = worker THEN share := part; END IF;
    END LOOP;
    share := least(share + left_over / holders, greatest(most - taken, 0));
    INSERT INTO rate_shares AS r VALUES (wanted.key, worker, share, wanted.demand,
      clock_timestamp() + lease * interval '1 millisecond')
    ON CONFLICT ON CONSTRAINT rate_shares_pkey DO UPDATE
      SET rate = EXCLUDED.rate, demand = EXCLUDED.demand, expires_at = EXCLUDED.expires_at;
    key := wanted.key;
    RETURN NEXT;
  END LOOP;
END
$$;

-- The same for what shards may send to any one address: the limit of an address is the lowest of those of the scans that
-- probe it now and of the installation's, and the shards that probe it divide it equally. Shards of scans that have no
-- address in common (`apart`: pairs, each scan first) do not count for each other; of those not known they are taken to
-- have. `most` is the limit, both are null without one. `strangers` are scans whose addresses the caller should compare.
CREATE FUNCTION share_hosts(shard_ids bigint[], scan_ids uuid[], apart_of uuid[], apart_from uuid[], lease integer)
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
    SELECT array_agg(DISTINCT h.scan_id) INTO strangers FROM host_shares h
      WHERE h.scan_id <> mine.scan AND NOT EXISTS (
        SELECT FROM unnest(apart_of, apart_from) AS a (one, other) WHERE a.one = mine.scan AND a.other = h.scan_id);
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
