-- The whole data model. What each column means is said in schema.prisma.

-- UUIDv7 (RFC 9562, 5.7), the 12 bits after the millisecond used for its fraction, so that ids made in one session are
-- in order. PostgreSQL 18 has its own; 16 and 17 have not.
CREATE FUNCTION uuid_v7(at timestamptz DEFAULT clock_timestamp()) RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(overlay(uuid_send(gen_random_uuid()) PLACING
    int8send(((us / 1000) << 16) | 28672 | ((us % 1000) * 4096 / 1000)) FROM 1 FOR 8), 'hex')::uuid
  FROM (SELECT (extract(epoch FROM at) * 1000000)::bigint AS us) AS clock
$$;

-- No UUIDv7 made at that time or later sorts before this one.
CREATE FUNCTION uuid_v7_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT encode(int8send((extract(epoch FROM at) * 1000)::bigint << 16) || int8send(0), 'hex')::uuid
$$;

CREATE TYPE scan_status AS ENUM (
  'queued', 'planning', 'running', 'paused', 'finishing', 'completed', 'partial', 'failed', 'cancelled'
);
CREATE TYPE shard_state AS ENUM ('pending', 'claimed', 'done', 'failed', 'cancelled');
CREATE TYPE transport AS ENUM ('tcp', 'udp');
CREATE TYPE port_state AS ENUM ('open', 'closed', 'filtered', 'open|filtered');

CREATE TABLE projects (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  name text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE ON UPDATE CASCADE,
  public_id text NOT NULL UNIQUE,
  secret_hash bytea NOT NULL,
  name text NOT NULL,
  scopes text[] NOT NULL,
  target_limits inet[] NOT NULL DEFAULT ARRAY[]::inet[],
  rate_limit integer,
  max_scans integer,
  daily_probes bigint,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (scopes <@ ARRAY['read', 'scan', 'manage', 'admin']),
  CHECK (octet_length(secret_hash) = 32)
);
CREATE INDEX api_keys_project_id_id_idx ON api_keys (project_id, id);

CREATE TABLE scopes (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE ON UPDATE CASCADE,
  cidr inet NOT NULL,
  names_special boolean NOT NULL DEFAULT false,
  owner text NOT NULL,
  reason text NOT NULL,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text,
  UNIQUE (project_id, cidr),
  CHECK (cidr = network(cidr))
);

CREATE TABLE do_not_scan (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  cidr inet NOT NULL UNIQUE,
  reason text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (cidr = network(cidr))
);

CREATE TABLE schedules (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE ON UPDATE CASCADE,
  key_id uuid,
  name text NOT NULL,
  request jsonb NOT NULL,
  cron text,
  time_zone text NOT NULL DEFAULT 'UTC',
  every_seconds integer,
  jitter_seconds integer NOT NULL DEFAULT 0,
  windows jsonb NOT NULL DEFAULT '[]',
  overlap text NOT NULL DEFAULT 'skip',
  missed text NOT NULL DEFAULT 'run-once',
  paused boolean NOT NULL DEFAULT false,
  next_run_at timestamptz,
  revision integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (project_id, name),
  CHECK (num_nonnulls(cron, every_seconds) = 1),
  CHECK (every_seconds > 0 AND jitter_seconds >= 0),
  CHECK (overlap IN ('skip', 'queue')),
  CHECK (missed IN ('run-once', 'skip'))
);
CREATE INDEX schedules_due_idx ON schedules (next_run_at) WHERE NOT paused;

CREATE TABLE scans (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE ON UPDATE CASCADE,
  key_id uuid REFERENCES api_keys ON DELETE SET NULL ON UPDATE CASCADE,
  status scan_status NOT NULL DEFAULT 'queued',
  request jsonb NOT NULL,
  label text,
  priority integer NOT NULL DEFAULT 0,
  engine text NOT NULL DEFAULT 'auto',
  services text NOT NULL DEFAULT 'default',
  record text NOT NULL DEFAULT 'open',
  seed bytea NOT NULL,
  rate integer,
  per_host_rate integer,
  discovery boolean NOT NULL DEFAULT false,
  vantages text[] NOT NULL,
  tcp_ports int4multirange,
  udp_ports int4multirange,
  hosts_total bigint NOT NULL DEFAULT 0,
  probes_total bigint NOT NULL DEFAULT 0,
  wanted text NOT NULL DEFAULT 'run',
  status_reason text,
  summary jsonb,
  refused jsonb NOT NULL DEFAULT '[]',
  schedule_id uuid REFERENCES schedules ON DELETE SET NULL ON UPDATE CASCADE,
  rerun_of uuid REFERENCES scans ON DELETE SET NULL ON UPDATE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  time_limit_at timestamptz,
  CHECK (engine IN ('auto', 'syn', 'connect')),
  CHECK (services IN ('none', 'light', 'default', 'all')),
  CHECK (record IN ('open', 'all')),
  CHECK (wanted IN ('run', 'pause', 'cancel')),
  CHECK (octet_length(seed) = 16),
  CHECK (rate > 0 AND per_host_rate > 0)
);
CREATE INDEX scans_project_id_id_idx ON scans (project_id, id);
CREATE INDEX scans_key_id_id_idx ON scans (key_id, id);
CREATE INDEX scans_schedule_id_id_idx ON scans (schedule_id, id);
CREATE INDEX scans_rerun_of_idx ON scans (rerun_of);
CREATE INDEX scans_unfinished_idx ON scans (id)
  WHERE status IN ('queued', 'planning', 'running', 'paused', 'finishing');

CREATE TABLE scan_targets (
  scan_id uuid NOT NULL REFERENCES scans ON DELETE CASCADE ON UPDATE CASCADE,
  ordinal integer NOT NULL,
  spec text NOT NULL,
  name text,
  range_start inet NOT NULL,
  range_end inet NOT NULL,
  PRIMARY KEY (scan_id, ordinal),
  CHECK (family(range_start) = family(range_end) AND range_start <= range_end)
);
CREATE INDEX scan_targets_scan_id_range_start_idx ON scan_targets (scan_id, range_start);

-- Half of each page is left free: a checkpoint every second then rewrites its row in place, indexes untouched.
CREATE TABLE shards (
  id bigserial PRIMARY KEY,
  scan_id uuid NOT NULL REFERENCES scans ON DELETE CASCADE ON UPDATE CASCADE,
  vantage text NOT NULL,
  transport transport NOT NULL,
  ordinal integer NOT NULL,
  from_position bigint NOT NULL,
  to_position bigint NOT NULL,
  checkpoint bigint NOT NULL,
  epoch integer NOT NULL DEFAULT 0,
  state shard_state NOT NULL DEFAULT 'pending',
  worker_id uuid,
  lease_until timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  error text,
  open bigint NOT NULL DEFAULT 0,
  closed bigint NOT NULL DEFAULT 0,
  filtered bigint NOT NULL DEFAULT 0,
  open_filtered bigint NOT NULL DEFAULT 0,
  sent bigint NOT NULL DEFAULT 0,
  received bigint NOT NULL DEFAULT 0,
  loss real,
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (scan_id, vantage, transport, ordinal),
  CHECK (from_position <= checkpoint AND checkpoint <= to_position)
) WITH (fillfactor = 50);
CREATE INDEX shards_unfinished_idx ON shards (vantage, id) WHERE state IN ('pending', 'claimed');

CREATE TABLE observations (
  scan_id uuid NOT NULL,
  seen_at timestamptz NOT NULL,
  ip inet NOT NULL,
  port integer NOT NULL,
  transport transport NOT NULL,
  state port_state NOT NULL,
  rtt real,
  confidence real,
  vantage text NOT NULL,
  reason text NOT NULL,
  detection text,
  method text,
  service text,
  product text,
  version text,
  vendor text,
  info text,
  os text,
  device text,
  hostname text,
  cpe text[],
  tls jsonb,
  facts jsonb,
  evidence bytea,
  evidence_text text,
  PRIMARY KEY (scan_id, ip, port, transport, vantage),
  CHECK (port BETWEEN 0 AND 65535)
) PARTITION BY RANGE (scan_id);
CREATE TABLE observations_default PARTITION OF observations DEFAULT;
CREATE INDEX observations_ip_port_scan_id_idx ON observations (ip, port, scan_id DESC);

CREATE TABLE endpoints (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE ON UPDATE CASCADE,
  ip inet NOT NULL,
  port integer NOT NULL,
  transport transport NOT NULL,
  vantage text NOT NULL,
  state port_state NOT NULL,
  reason text,
  first_seen timestamptz NOT NULL,
  last_seen timestamptz NOT NULL,
  last_changed timestamptz NOT NULL,
  last_scan_id uuid,
  flaps integer NOT NULL DEFAULT 0,
  detection text,
  method text,
  confidence real,
  service text,
  product text,
  version text,
  version_key text COLLATE "C",
  vendor text,
  info text,
  os text,
  device text,
  hostname text,
  cpe text[],
  tls jsonb,
  tls_not_after timestamptz,
  tls_sha256 text,
  facts jsonb,
  evidence_text text,
  UNIQUE (project_id, ip, port, transport, vantage),
  CHECK (port BETWEEN 0 AND 65535)
) WITH (fillfactor = 80);
CREATE INDEX endpoints_project_id_port_ip_idx ON endpoints (project_id, port, ip);
CREATE INDEX endpoints_project_id_last_changed_idx ON endpoints (project_id, last_changed DESC);
CREATE INDEX endpoints_service_idx ON endpoints (project_id, lower(service), ip) WHERE service IS NOT NULL;
CREATE INDEX endpoints_product_idx ON endpoints (project_id, lower(product), version_key, ip) WHERE product IS NOT NULL;
CREATE INDEX endpoints_tls_idx ON endpoints (project_id, tls_not_after) WHERE tls_not_after IS NOT NULL;

CREATE TABLE changes (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE ON UPDATE CASCADE,
  scan_id uuid NOT NULL,
  endpoint_id uuid NOT NULL REFERENCES endpoints ON DELETE CASCADE ON UPDATE CASCADE,
  kind text NOT NULL,
  verdict text NOT NULL,
  before jsonb,
  after jsonb,
  at timestamptz NOT NULL,
  UNIQUE (scan_id, endpoint_id, kind),
  CHECK (kind IN ('opened', 'closed', 'service-changed', 'version-changed', 'certificate-changed')),
  CHECK (verdict IN ('confirmed', 'unconfirmed', 'flapping'))
);
CREATE INDEX changes_project_id_id_idx ON changes (project_id, id);
CREATE INDEX changes_endpoint_id_at_idx ON changes (endpoint_id, at DESC);

CREATE TABLE schedule_runs (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  schedule_id uuid NOT NULL REFERENCES schedules ON DELETE CASCADE ON UPDATE CASCADE,
  due_at timestamptz NOT NULL,
  outcome text NOT NULL,
  reason text,
  scan_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (schedule_id, due_at),
  CHECK (outcome IN ('started', 'waiting', 'skipped'))
);

CREATE TABLE policies (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE ON UPDATE CASCADE,
  name text NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  revision integer NOT NULL DEFAULT 1,
  document jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (project_id, name)
);

CREATE TABLE policy_revisions (
  policy_id uuid NOT NULL REFERENCES policies ON DELETE CASCADE ON UPDATE CASCADE,
  revision integer NOT NULL,
  document jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text,
  PRIMARY KEY (policy_id, revision)
);

CREATE TABLE findings (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE ON UPDATE CASCADE,
  policy_id uuid NOT NULL REFERENCES policies ON DELETE CASCADE ON UPDATE CASCADE,
  rule_id text NOT NULL,
  subject text NOT NULL,
  endpoint_id uuid REFERENCES endpoints ON DELETE SET NULL ON UPDATE CASCADE,
  severity text NOT NULL,
  status text NOT NULL DEFAULT 'open',
  snoozed_until timestamptz,
  reason text,
  assignee text,
  detail jsonb NOT NULL,
  revision integer NOT NULL DEFAULT 1,
  opened_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  resolved_at timestamptz,
  UNIQUE (policy_id, rule_id, subject),
  CHECK (severity IN ('info', 'low', 'medium', 'high', 'critical')),
  CHECK (status IN ('open', 'acknowledged', 'snoozed', 'resolved'))
);
CREATE INDEX findings_project_id_status_id_idx ON findings (project_id, status, id);
CREATE INDEX findings_endpoint_id_idx ON findings (endpoint_id);

CREATE TABLE finding_events (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  finding_id uuid NOT NULL REFERENCES findings ON DELETE CASCADE ON UPDATE CASCADE,
  kind text NOT NULL,
  actor text,
  body jsonb,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX finding_events_finding_id_id_idx ON finding_events (finding_id, id);

CREATE TABLE webhooks (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE ON UPDATE CASCADE,
  name text NOT NULL,
  kind text NOT NULL DEFAULT 'webhook',
  url text NOT NULL,
  secret bytea NOT NULL,
  previous_secret bytea,
  previous_until timestamptz,
  events text[] NOT NULL,
  filter jsonb,
  digest text NOT NULL DEFAULT 'immediate',
  quiet_hours jsonb,
  enabled boolean NOT NULL DEFAULT true,
  failures integer NOT NULL DEFAULT 0,
  disabled_reason text,
  revision integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (project_id, name),
  CHECK (kind IN ('webhook', 'slack', 'teams', 'discord', 'email')),
  CHECK (digest IN ('immediate', 'per-schedule', 'daily'))
);

CREATE TABLE deliveries (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE ON UPDATE CASCADE,
  event text NOT NULL,
  dedupe_key text NOT NULL,
  order_key text,
  payload jsonb NOT NULL,
  state text NOT NULL DEFAULT 'pending',
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  delivered_at timestamptz,
  UNIQUE (webhook_id, dedupe_key),
  CHECK (state IN ('pending', 'delivered', 'failed', 'discarded'))
);
CREATE INDEX deliveries_webhook_id_id_idx ON deliveries (webhook_id, id);
CREATE INDEX deliveries_due_idx ON deliveries (next_attempt_at) WHERE state = 'pending';
CREATE INDEX deliveries_order_idx ON deliveries (webhook_id, order_key, id) WHERE state = 'pending';

CREATE TABLE delivery_attempts (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  delivery_id uuid NOT NULL REFERENCES deliveries ON DELETE CASCADE ON UPDATE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  status integer,
  error text,
  duration_ms integer NOT NULL
);
CREATE INDEX delivery_attempts_delivery_id_id_idx ON delivery_attempts (delivery_id, id);

CREATE TABLE audit_entries (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  project_id uuid REFERENCES projects ON DELETE SET NULL ON UPDATE CASCADE,
  key_id uuid,
  actor text NOT NULL,
  action text NOT NULL,
  target_type text NOT NULL,
  target_id text,
  address inet,
  request_id text,
  before jsonb,
  after jsonb,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_entries_project_id_id_idx ON audit_entries (project_id, id);

CREATE TABLE idempotency_keys (
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE ON UPDATE CASCADE,
  key text NOT NULL,
  request_hash bytea NOT NULL,
  status integer,
  headers jsonb,
  response jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (project_id, key)
);
CREATE INDEX idempotency_keys_expires_at_idx ON idempotency_keys (expires_at);

CREATE TABLE workers (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  name text NOT NULL,
  vantage text NOT NULL,
  version text NOT NULL,
  job_version integer NOT NULL,
  capabilities jsonb NOT NULL,
  addresses inet[] NOT NULL,
  load jsonb,
  started_at timestamptz NOT NULL DEFAULT now(),
  heartbeat_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX workers_vantage_heartbeat_at_idx ON workers (vantage, heartbeat_at DESC);

CREATE TABLE listener_reports (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE ON UPDATE CASCADE,
  host text NOT NULL,
  addresses inet[] NOT NULL,
  reported_at timestamptz NOT NULL,
  UNIQUE (project_id, host)
);

CREATE TABLE host_listeners (
  report_id uuid NOT NULL REFERENCES listener_reports ON DELETE CASCADE ON UPDATE CASCADE,
  ordinal integer NOT NULL,
  transport transport NOT NULL,
  address inet NOT NULL,
  port integer NOT NULL,
  process text,
  pid integer,
  "user" text,
  PRIMARY KEY (report_id, ordinal)
);

CREATE TABLE imports (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE ON UPDATE CASCADE,
  format text NOT NULL,
  sha256 bytea NOT NULL,
  scan_id uuid,
  report jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  UNIQUE (project_id, sha256),
  CHECK (octet_length(sha256) = 32)
);

CREATE TABLE settings (
  name text PRIMARY KEY,
  value jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Makes the monthly partitions (in UTC) that are missing, `months` of them from the month of `first` on; returns how
-- many it made. Rows that came before their partition are moved out of the default one.
--
-- Writers wait meanwhile: a row that has been sent to the default partition is refused there once its own exists.
-- Attaching itself waits for readers of the default partition, and whoever comes next waits behind it: it rather gives
-- up and is called again tomorrow, months before the partition is needed.
CREATE FUNCTION ensure_observation_partitions(first timestamptz DEFAULT now(), months integer DEFAULT 3)
RETURNS integer LANGUAGE plpgsql SET lock_timeout = '3s' AS $$
DECLARE
  made integer := 0;
  month timestamp;
  child text;
  low uuid;
  high uuid;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('ensure_observation_partitions', 0));
  FOR ordinal IN 0 .. months - 1 LOOP
    month := date_trunc('month', first AT TIME ZONE 'UTC') + make_interval(months => ordinal);
    child := 'observations_' || to_char(month, 'YYYY_MM');
    CONTINUE WHEN to_regclass(child) IS NOT NULL;
    low := uuid_v7_floor(month AT TIME ZONE 'UTC');
    high := uuid_v7_floor((month + interval '1 month') AT TIME ZONE 'UTC');
    LOCK TABLE ONLY observations IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE observations_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE %I (LIKE observations INCLUDING ALL)', child);
    EXECUTE format('WITH moved AS (DELETE FROM observations_default WHERE scan_id >= %L AND scan_id < %L RETURNING *)
      INSERT INTO %I SELECT * FROM moved', low, high, child);
    EXECUTE format('ALTER TABLE observations ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', child, low, high);
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;

-- Whoever runs a scan hears at once that its user wants something else.
CREATE FUNCTION announce_control() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('portolan_control', NEW.id::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER scans_control AFTER UPDATE OF wanted, rate, per_host_rate ON scans FOR EACH ROW
  WHEN ((OLD.wanted, OLD.rate, OLD.per_host_rate) IS DISTINCT FROM (NEW.wanted, NEW.rate, NEW.per_host_rate))
  EXECUTE FUNCTION announce_control();

INSERT INTO projects (id, name) VALUES ('00000000-0000-7000-8000-000000000001', 'default');
