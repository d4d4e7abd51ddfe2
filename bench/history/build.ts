/**
 * A database with a long memory: endpoints of many networks, seen again and again by weekly scans, with what changed.
 * Everything is a function of the row's number, so two builds of one size are alike.
 */
import { versionKey } from '@portolan/core/exposure/version-order.ts'
import { DEFAULT_PROJECT } from '@portolan/db/client.ts'
import type pg from 'pg'

export type Size = { readonly endpoints: number; readonly observations: number }

/** port, service, product, share of all endpoints in a thousand, versions */
const KINDS = [
  [443, 'https', 'nginx', 260, ['1.14.2', '1.18.0', '1.22.1', '1.26.2', '1.27.0']],
  [80, 'http', 'Apache httpd', 220, ['2.2.15', '2.4.6', '2.4.41', '2.4.57', '2.4.62']],
  [22, 'ssh', 'OpenSSH', 200, ['7.4', '8.0', '8.4p1', '9.2p1', '9.6p1', '9.9p1']],
  [25, 'smtp', 'Postfix smtpd', 60, []],
  [53, 'domain', 'BIND', 50, ['9.11.4', '9.16.23', '9.18.28']],
  [8080, 'http', 'Jetty', 50, ['9.4.43', '10.0.15', '12.0.8']],
  [21, 'ftp', 'vsftpd', 40, ['2.3.4', '3.0.3', '3.0.5']],
  [3306, 'mysql', 'MariaDB', 30, ['5.5.68', '10.5.23', '10.11.8']],
  [5432, 'postgresql', 'PostgreSQL', 20, []],
  [3389, 'rdp', 'Microsoft Terminal Services', 20, []],
  [6379, 'redis', 'Redis', 15, ['5.0.7', '6.2.14', '7.2.5']],
  [23, 'telnet', null, 10, []],
  [9200, 'http', 'Elasticsearch', 10, ['7.10.2', '8.14.1']],
  [161, 'snmp', 'Net-SNMP', 10, ['5.9.3']],
  [1883, 'mqtt', 'Mosquitto', 5, ['2.0.18']],
] as const

/** `n` scattered, the same each time. */
const scattered = (salt: number) => `(hashint8extended(n, ${salt}) & 2147483647)`

/** With the secondary indexes away while the rows come, and back in the end: hours become minutes. */
export async function build(db: pg.Pool, size: Size, say: (line: string) => void): Promise<void> {
  await db.query(
    'CREATE TABLE bench_kinds (low int, high int, port int, service text, product text, versions text[], keys text[])',
  )
  let low = 0
  for (const [port, service, product, share, versions] of KINDS) {
    const keys = versions.map((version) => versionKey(version))
    await db.query('INSERT INTO bench_kinds VALUES ($1, $2, $3, $4, $5, $6, $7)', [
      low,
      low + share,
      port,
      service,
      product,
      versions,
      keys,
    ])
    low += share
  }
  say(`${size.endpoints} endpoints`)
  await withoutIndexes(db, 'endpoints', () => db.query(ENDPOINTS, [DEFAULT_PROJECT, size.endpoints]))
  const changes = Math.ceil(size.endpoints / 5)
  say(`${changes} changes`)
  await withoutIndexes(db, 'changes', () => db.query(CHANGES, [DEFAULT_PROJECT, changes]))
  const scans = Math.ceil(size.observations / Math.min(size.endpoints, 1_000_000))
  const each = Math.ceil(size.observations / scans)
  await db.query(`SELECT ensure_observation_partitions(now() - interval '400 days', 18)`)
  for (let i = 0; i < scans; i++) {
    const days = ((scans - i) * 365) / scans
    await db.query(SCAN, [DEFAULT_PROJECT, days])
    await db.query(OBSERVATIONS, [days, (i * each) % Math.max(1, size.endpoints - each + 1), each])
    if (i % 10 === 9) say(`${(i + 1) * each} observations`)
  }
  await db.query('DROP TABLE bench_kinds')
  say('VACUUM ANALYZE')
  await db.query('VACUUM ANALYZE')
}

const ENDPOINTS = `
  INSERT INTO endpoints (project_id, ip, port, transport, vantage, state, reason, first_seen, last_seen, last_changed,
    detection, method, confidence, service, product, version, version_key, hostname, cpe, tls_not_after, tls_sha256,
    evidence_text)
  SELECT $1, '10.0.0.0'::inet + n * 16777215 / $2, k.port, (CASE k.port WHEN 161 THEN 'udp' ELSE 'tcp' END)::transport,
    (ARRAY['default', 'office', 'internet-eu'])[1 + n % 3],
    (CASE WHEN r.state < 90 THEN 'open' ELSE 'closed' END)::port_state, 'syn-ack',
    now() - r.age * interval '1 hour', now() - least(r.age, r.seen) * interval '1 hour',
    now() - least(r.age, r.changed) * interval '1 hour', 'identified', 'probed', 1, k.service, k.product,
    k.versions[1 + r.version % greatest(cardinality(k.versions), 1)], k.keys[1 + r.version % greatest(cardinality(k.keys), 1)],
    CASE WHEN n % 7 = 0 THEN 'host-' || n || '.example.org' END, '{}',
    CASE WHEN k.port = 443 THEN now() + (r.version % 400 - 20) * interval '1 day' END,
    CASE WHEN k.port = 443 THEN md5(n::text) || md5(n::text) END, k.product || ' on host ' || n
  FROM generate_series(1, $2::bigint) n
    CROSS JOIN LATERAL (SELECT ${scattered(1)} % 1000 AS kind, ${scattered(2)} % 100 AS state, ${scattered(3)} % 8760 AS age,
      ${scattered(4)} % 500 AS seen, ${scattered(5)} % 8760 AS changed, ${scattered(6)} AS version) r
    JOIN bench_kinds k ON k.low <= r.kind AND r.kind < k.high`

const CHANGES = `
  INSERT INTO changes (project_id, scan_id, endpoint_id, ip, kind, verdict, before, after, at)
  SELECT $1, uuid_v7(last_changed), id, ip, 'version-changed', 'confirmed',
    jsonb_build_object('state', 'open', 'service', service, 'product', product, 'version', '1.0'),
    jsonb_build_object('state', 'open', 'service', service, 'product', product, 'version', version), last_changed
  FROM endpoints ORDER BY last_changed LIMIT $2`

const SCAN = `
  INSERT INTO scans (id, project_id, request, seed, vantages, tcp_ports, status, created_at, started_at, finished_at)
  SELECT uuid_v7_floor(at), $1, '{"targets": ["10.0.0.0/8"], "exclude": [], "ports": "1-65535"}', '\\x00112233445566778899aabbccddeeff', '{default}', '{[1,65535]}', 'completed', at, at, at
  FROM (SELECT now() - $2 * interval '1 day' AS at) t`

const OBSERVATIONS = `
  INSERT INTO observations (scan_id, seen_at, ip, port, transport, state, vantage, reason, detection, method, service, product,
    version, evidence_text)
  SELECT (SELECT id FROM scans ORDER BY id DESC LIMIT 1), now() - $1 * interval '1 day', ip, port, transport, 'open', vantage, 'syn-ack',
    'identified', 'probed', service, product, version, evidence_text
  FROM endpoints ORDER BY ip, port, transport, vantage OFFSET $2 LIMIT $3`

async function withoutIndexes(db: pg.Pool, table: string, work: () => Promise<unknown>): Promise<void> {
  const { rows } = await db.query<{ name: string; sql: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS sql FROM pg_index i
     WHERE i.indrelid = $1::regclass AND NOT i.indisunique`,
    [table],
  )
  for (const { name } of rows) await db.query(`DROP INDEX ${name}`)
  await work()
  for (const { sql } of rows) await db.query(sql)
}
