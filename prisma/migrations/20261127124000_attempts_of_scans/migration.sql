-- Planning and finishing a scan are tried so often and no oftener, with pauses in between.
ALTER TABLE scans ADD COLUMN step_attempts integer NOT NULL DEFAULT 0, ADD COLUMN step_retry_at timestamptz,
  ADD COLUMN step_error text;
