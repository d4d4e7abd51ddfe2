-- A scan dates thousands of changes alike: without the id the newest of them would have to be sorted for each page.
DROP INDEX endpoints_project_id_last_changed_idx;
CREATE INDEX endpoints_project_id_last_changed_id_idx ON endpoints (project_id, last_changed DESC, id DESC);
-- A rare service, newest changes first, without walking through those of all the others.
CREATE INDEX endpoints_service_changed_idx ON endpoints (project_id, lower(service), last_changed DESC, id DESC)
  WHERE service IS NOT NULL;
