-- What retention has left of the observations of a scan.
ALTER TABLE scans ADD COLUMN results text NOT NULL DEFAULT 'whole' CHECK (results IN ('whole', 'thinned', 'dropped'));
