-- Where a listening process belongs: its systemd unit, its container.
ALTER TABLE host_listeners ADD COLUMN unit text, ADD COLUMN container text;
-- The latest report about an address.
CREATE INDEX listener_reports_addresses_idx ON listener_reports USING gin (addresses);
