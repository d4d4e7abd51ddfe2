-- Scans that were cancelled before anything of them began, and whose end has yet to be told.
CREATE INDEX scans_untold_idx ON scans (id) WHERE status = 'cancelled' AND summary IS NULL;
