-- Every field of a search runs along an index, whatever the order asked for. An endpoint that is only seen again writes to none
-- of them: no column in here changes with that, so the row is updated in place.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE INDEX endpoints_service_port_idx ON endpoints (project_id, lower(service), port, ip) WHERE service IS NOT NULL;
CREATE INDEX endpoints_product_ip_idx ON endpoints (project_id, lower(product), ip) WHERE product IS NOT NULL;
CREATE INDEX endpoints_product_port_idx ON endpoints (project_id, lower(product), port, ip) WHERE product IS NOT NULL;
CREATE INDEX endpoints_product_changed_idx ON endpoints (project_id, lower(product), last_changed DESC, id DESC)
  WHERE product IS NOT NULL;
CREATE INDEX endpoints_vendor_idx ON endpoints (project_id, lower(vendor), ip) WHERE vendor IS NOT NULL;
CREATE INDEX endpoints_os_idx ON endpoints (project_id, lower(os), ip) WHERE os IS NOT NULL;
CREATE INDEX endpoints_device_idx ON endpoints (project_id, lower(device), ip) WHERE device IS NOT NULL;
CREATE INDEX endpoints_version_key_idx ON endpoints (project_id, version_key) WHERE version_key IS NOT NULL;
CREATE INDEX endpoints_project_id_vantage_ip_idx ON endpoints (project_id, vantage, ip);
CREATE INDEX endpoints_not_open_idx ON endpoints (project_id, state, ip) WHERE state <> 'open';
CREATE INDEX endpoints_udp_idx ON endpoints (project_id, ip) WHERE transport = 'udp';
CREATE INDEX endpoints_unknown_idx ON endpoints (project_id, ip) WHERE service IS NULL;

-- All that a word may be part of, for searches that have no whole value to go by.
CREATE FUNCTION lines_of(parts text[]) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
  RETURN array_to_string(parts, E'\n');
CREATE FUNCTION endpoint_text(service text, product text, version text, vendor text, info text, os text, device text, hostname text,
  cpe text[], evidence_text text, ip inet) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql
  RETURN lower(coalesce(service, '') || E'\n' || coalesce(product, '') || E'\n' || coalesce(version, '') || E'\n'
    || coalesce(vendor, '') || E'\n' || coalesce(info, '') || E'\n' || coalesce(os, '') || E'\n' || coalesce(device, '') || E'\n'
    || coalesce(hostname, '') || E'\n' || coalesce(lines_of(cpe), '') || E'\n' || coalesce(evidence_text, '') || E'\n' || host(ip));
CREATE INDEX endpoints_text_idx ON endpoints USING gin (
  endpoint_text(service, product, version, vendor, info, os, device, hostname, cpe, evidence_text, ip) gin_trgm_ops);
-- What an endpoint was before it changed, for searches of a past moment.
CREATE INDEX changes_before_idx ON changes USING gin (lower(before::text) gin_trgm_ops);

-- The planner takes no statistics from partial indexes: without these it thinks that every value there is or is not is found
-- on one endpoint in two hundred.
CREATE STATISTICS endpoints_kinds (mcv) ON port, vantage, lower(service), lower(product) FROM endpoints;
CREATE STATISTICS endpoints_vendor ON (lower(vendor)) FROM endpoints;
CREATE STATISTICS endpoints_os ON (lower(os)) FROM endpoints;
CREATE STATISTICS endpoints_device ON (lower(device)) FROM endpoints;
CREATE STATISTICS endpoints_hostname ON (lower(hostname)) FROM endpoints;
ANALYZE endpoints, changes;
