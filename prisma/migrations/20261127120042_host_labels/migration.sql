-- What a project calls its hosts: where each name led when a scan last asked for it, and the tags people give to addresses.
CREATE TABLE host_names (
  project_id uuid NOT NULL REFERENCES projects (id) ON DELETE CASCADE ON UPDATE CASCADE,
  name text NOT NULL,
  addresses inet[] NOT NULL,
  asked_at timestamptz NOT NULL,
  PRIMARY KEY (project_id, name)
);
CREATE INDEX host_names_addresses_idx ON host_names USING gin (addresses);

-- What was scanned before has names, too.
INSERT INTO host_names (project_id, name, addresses, asked_at)
SELECT project_id, name, array_agg(range_start ORDER BY ordinal), max(created_at)
FROM (
  SELECT s.project_id, t.name, t.range_start, t.ordinal, s.created_at,
    rank() OVER (PARTITION BY s.project_id, t.name ORDER BY s.id DESC) AS age
  FROM scan_targets t JOIN scans s ON s.id = t.scan_id WHERE t.name IS NOT NULL
) pinned WHERE age = 1 GROUP BY project_id, name;

CREATE TABLE tags (
  project_id uuid NOT NULL REFERENCES projects (id) ON DELETE CASCADE ON UPDATE CASCADE,
  name text NOT NULL,
  targets text[] NOT NULL,
  description text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, name)
);
