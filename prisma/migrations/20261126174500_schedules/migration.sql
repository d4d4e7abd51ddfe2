-- When a run may scan is said by the scan it starts.
ALTER TABLE schedules DROP COLUMN windows;
-- Skipped runs are announced once.
ALTER TABLE schedule_runs ADD COLUMN told boolean NOT NULL DEFAULT false;
CREATE INDEX schedule_runs_waiting_idx ON schedule_runs (schedule_id) WHERE outcome = 'waiting';
CREATE INDEX schedule_runs_untold_idx ON schedule_runs (id) WHERE outcome = 'skipped' AND NOT told;
