-- The keys and priorities of scans that wait to be planned, and the first scan of each, without reading the others.
CREATE INDEX scans_unplanned_idx ON scans (coalesce(key_id, '00000000-0000-0000-0000-000000000000'), priority, id)
  WHERE status IN ('queued', 'planning');
