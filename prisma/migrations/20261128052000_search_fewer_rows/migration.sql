-- What stands in every change anyway goes along in the index of changes, so that a rare port or a network in it is found without
-- a look at each row. None of it changes when an endpoint is only seen again.
CREATE INDEX endpoints_changed_idx ON endpoints (project_id, last_changed DESC, id DESC)
  INCLUDE (ip, port, transport, vantage, state);
DROP INDEX endpoints_project_id_last_changed_id_idx;
-- Certificates and UDP are at few ports: in the order of ports all others would lie before them.
CREATE INDEX endpoints_tls_port_idx ON endpoints (project_id, port, ip) WHERE tls_sha256 IS NOT NULL;
CREATE INDEX endpoints_udp_port_idx ON endpoints (project_id, port, ip) WHERE transport = 'udp';
-- `hostname:*.example.org`: read backwards, the end is a beginning.
CREATE INDEX endpoints_hostname_end_idx ON endpoints (project_id, reverse(lower(hostname)) COLLATE "C", ip)
  WHERE hostname IS NOT NULL;
CREATE STATISTICS endpoints_hostname_end ON (reverse(lower(hostname)) COLLATE "C") FROM endpoints;
-- Every nginx has "nginx" in its product, but few have it in a CPE name of one maker.
CREATE INDEX endpoints_cpe_idx ON endpoints USING gin (lower(lines_of(cpe)) gin_trgm_ops) WHERE cpe <> '{}';
CREATE STATISTICS endpoints_cpe ON (lower(lines_of(cpe))) FROM endpoints;
-- A service and a product that do not go together. Small: entries alike are kept as one.
CREATE INDEX endpoints_service_product_idx ON endpoints (project_id, lower(service), lower(product))
  WHERE service IS NOT NULL AND product IS NOT NULL;
ANALYZE endpoints;
