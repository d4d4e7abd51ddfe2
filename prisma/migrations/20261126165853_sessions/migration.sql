-- Who is signed in to the dashboard, with which key. A key that is deleted takes its sessions along.
CREATE TABLE sessions (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  key_id uuid NOT NULL REFERENCES api_keys ON DELETE CASCADE ON UPDATE CASCADE,
  token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz NOT NULL
);
CREATE INDEX ON sessions (key_id);
CREATE INDEX ON sessions (expires_at);
