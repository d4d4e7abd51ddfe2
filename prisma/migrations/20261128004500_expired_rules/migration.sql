-- Until when rules that expire have been looked at: each becomes findings when its time comes, once.
ALTER TABLE policies ADD COLUMN expiries_until timestamptz NOT NULL DEFAULT now();
