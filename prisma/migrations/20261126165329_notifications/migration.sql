-- Deliveries of one endpoint go out in the order in which they were put in.
ALTER TABLE deliveries ADD COLUMN seq bigserial NOT NULL;
DROP INDEX deliveries_order_idx;
CREATE INDEX deliveries_order_idx ON deliveries (webhook_id, order_key, seq) WHERE state = 'pending';

-- The daily digest: what is held until it is due, and what went into it.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_state_check;
ALTER TABLE deliveries ADD CHECK (state IN ('pending', 'held', 'digested', 'delivered', 'failed'));
CREATE INDEX deliveries_held_idx ON deliveries (next_attempt_at) WHERE state = 'held';

ALTER TABLE webhooks
  ADD COLUMN digest_at text NOT NULL DEFAULT '08:00',
  ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
  ADD CHECK (digest_at ~ '^([01]\d|2[0-3]):[0-5]\d$');

-- What a scan that finishes now adds is found by its moment.
CREATE INDEX finding_events_at_idx ON finding_events (at);
