-- Patterns of host names: `www.*` runs along the one, `*.example.com` along the other. Whatever the collation is, which the
-- index of the primary key goes by.
CREATE INDEX host_names_project_id_name_idx ON host_names (project_id, name COLLATE "C");
CREATE INDEX host_names_suffix_idx ON host_names (project_id, reverse(name) COLLATE "C");
