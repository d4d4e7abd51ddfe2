-- What somebody looks for who has it in hand: a host by what it calls itself, everywhere one certificate is used, and what is
-- new. Few endpoints have it, so walking all of them until enough are found took as long as there are endpoints.
CREATE INDEX endpoints_hostname_idx ON endpoints (project_id, lower(hostname), ip) WHERE hostname IS NOT NULL;
CREATE INDEX endpoints_tls_sha256_idx ON endpoints (project_id, tls_sha256, ip) WHERE tls_sha256 IS NOT NULL;
CREATE INDEX endpoints_project_id_first_seen_idx ON endpoints (project_id, first_seen DESC);
