import { isNamed } from '@portolan/api/endpoints/named-in.ts'
import { createDb, type Db, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '#test/support/test-services.ts'

/**
 * The questions asked all day, against tables big enough that a missing index shows: not in time, which depends on the
 * machine, but in pages of 8 KiB touched.
 */
let db: Db
const SCANS = ['a', 'b', 'c'].map((letter) => `01a1a000-0000-7000-8000-00000000000${letter}`)

beforeAll(async () => {
  db = createDb(await testDatabase())
  for (const scan of SCANS) {
    await db.pool.query(
      `INSERT INTO observations (scan_id, seen_at, ip, port, transport, state, vantage, reason)
       SELECT $1, now(), '10.0.0.0'::inet + n / 4, n % 4, 'tcp', 'open', 'default', 'syn-ack'
       FROM generate_series(1, 15000) n ORDER BY hashint4(n)`,
      [scan],
    )
  }
  await db.pool.query(
    `INSERT INTO endpoints (project_id, ip, port, transport, vantage, state, first_seen, last_seen, last_changed,
                            service, product, version_key, tls_not_after, hostname, tls_sha256)
     SELECT $1, '10.0.0.0'::inet + n / 4, n % 4 * 100 + n % 97, 'tcp', 'default', 'open', now() - n * interval '1 minute', now(),
            now() - n * interval '1 minute', 's' || n % 50, 'Product ' || n % 50, lpad((n % 1000)::text, 6, '0'),
            now() + n * interval '1 hour', 'H' || n % 5000, 'cert ' || n % 5000
     FROM generate_series(1, 15000) n ORDER BY hashint4(n)`,
    [DEFAULT_PROJECT],
  )
  await db.pool.query(
    `INSERT INTO scans (project_id, request, seed, vantages, status)
     SELECT $1, '{}', '\\x00112233445566778899aabbccddeeff', '{default}', CASE n WHEN 7000 THEN 'running' ELSE 'completed' END::scan_status
     FROM generate_series(1, 10000) n`,
    [DEFAULT_PROJECT],
  )
  await db.pool.query(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint, state)
     SELECT id, 'default', 'tcp', n, 0, 1, 0, CASE WHEN n = 1 AND status = 'running' THEN 'pending' ELSE 'done' END::shard_state
     FROM scans, generate_series(1, 2) n`,
  )
  await db.pool.query(
    `INSERT INTO changes (project_id, scan_id, endpoint_id, ip, kind, verdict, at)
     SELECT project_id, $1, id, ip, 'opened', 'confirmed', now() FROM endpoints`,
    [SCANS[0]],
  )
  await db.pool.query(
    `INSERT INTO host_names (project_id, name, addresses, asked_at)
     SELECT $1, 'h' || n || '.z' || n % 1000 || '.example.com', ARRAY['10.0.0.0'::inet + n], now()
     FROM generate_series(1, 20000) n ORDER BY hashint4(n)`,
    [DEFAULT_PROJECT],
  )
  await db.pool.query('VACUUM ANALYZE')
})
afterAll(() => db.close())

/** Pages read by the query, and the rows it gave. */
async function touched(sql: string, values: readonly unknown[]): Promise<{ pages: number; rows: number }> {
  const { rows } = await db.pool.query(`EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${sql}`, [...values])
  const plan = rows[0]['QUERY PLAN'][0].Plan
  return { pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], rows: plan['Actual Rows'] }
}

test.each([
  [
    'a page of the results of a scan',
    `SELECT * FROM observations WHERE scan_id = $1 AND (ip, port, transport, vantage) > ('10.0.8.0', 2, 'tcp', 'default')
     ORDER BY ip, port, transport, vantage LIMIT 100`,
    [SCANS[1]],
    100,
  ],
  [
    'what past scans saw at one endpoint',
    `SELECT * FROM observations WHERE ip = $1 AND port = 1 ORDER BY scan_id DESC LIMIT 10`,
    ['10.0.9.9'],
    3,
  ],
  [
    'a page of the endpoints of a network',
    `SELECT * FROM endpoints WHERE project_id = $1 AND ip <<= '10.0.9.0/24' ORDER BY ip, port LIMIT 100`,
    [DEFAULT_PROJECT],
    100,
  ],
  [
    'endpoints by port',
    `SELECT * FROM endpoints WHERE project_id = $1 AND port = 142 ORDER BY ip LIMIT 20`,
    [DEFAULT_PROJECT],
    20,
  ],
  [
    'endpoints of a product below a version',
    `SELECT * FROM endpoints WHERE project_id = $1 AND lower(product) = 'product 7' AND version_key < '000050' LIMIT 20`,
    [DEFAULT_PROJECT],
    15,
  ],
  [
    'endpoints of a service',
    `SELECT * FROM endpoints WHERE project_id = $1 AND lower(service) = 's8' ORDER BY ip LIMIT 20`,
    [DEFAULT_PROJECT],
    20,
  ],
  [
    'the endpoints of a host by what it calls itself',
    `SELECT * FROM endpoints e WHERE e.project_id = $1 AND lower(e.hostname) = 'h4711' ORDER BY e.ip, e.port LIMIT 51`,
    [DEFAULT_PROJECT],
    3,
  ],
  [
    'wherever a certificate is used',
    `SELECT * FROM endpoints e WHERE e.project_id = $1 AND e.tls_sha256 = 'cert 4711' ORDER BY e.ip, e.port LIMIT 51`,
    [DEFAULT_PROJECT],
    3,
  ],
  [
    'the endpoints that are new',
    `SELECT * FROM endpoints e WHERE e.project_id = $1 AND e.first_seen > now() - interval '20 minutes 30 seconds'
     ORDER BY e.ip, e.port LIMIT 51`,
    [DEFAULT_PROJECT],
    20,
  ],
  [
    'certificates that expire first',
    `SELECT * FROM endpoints WHERE project_id = $1 AND tls_not_after < now() + interval '30 hours' ORDER BY tls_not_after LIMIT 20`,
    [DEFAULT_PROJECT],
    20,
  ],
  [
    'the endpoints that changed last',
    `SELECT * FROM endpoints WHERE project_id = $1 ORDER BY last_changed DESC LIMIT 20`,
    [DEFAULT_PROJECT],
    20,
  ],
  [
    'the changes of a network',
    `SELECT * FROM changes WHERE project_id = $1 AND ip <<= '10.0.9.0/29' ORDER BY id DESC LIMIT 20`,
    [DEFAULT_PROJECT],
    20,
  ],
  [
    'the last changes at a port, without a look at those elsewhere',
    `SELECT id FROM endpoints WHERE project_id = $1 AND port = 142 ORDER BY last_changed DESC, id DESC LIMIT 20`,
    [DEFAULT_PROJECT],
    20,
  ],
  [
    'host names by their end',
    `SELECT * FROM endpoints e WHERE project_id = $1 AND reverse(lower(hostname)) COLLATE "C" LIKE reverse('1234') || '%'`,
    [DEFAULT_PROJECT],
    3,
  ],
  [
    'a maker of products nobody has, by the CPE name',
    `SELECT * FROM endpoints e WHERE project_id = $1 AND cpe <> '{}' AND lower(lines_of(cpe)) LIKE '%nobody:nothing%'`,
    [DEFAULT_PROJECT],
    0,
  ],
  [
    'a service and a product that do not go together',
    `SELECT * FROM endpoints WHERE project_id = $1 AND lower(service) = 's7' AND lower(product) = 'product 8' ORDER BY ip LIMIT 50`,
    [DEFAULT_PROJECT],
    0,
  ],
  [
    'certificates in the order of ports',
    `SELECT * FROM endpoints WHERE project_id = $1 AND tls_sha256 IS NOT NULL ORDER BY port, ip LIMIT 20`,
    [DEFAULT_PROJECT],
    20,
  ],
  ['the newest scans', `SELECT * FROM scans WHERE project_id = $1 ORDER BY id DESC LIMIT 20`, [DEFAULT_PROJECT], 20],
  [
    'scans that are not finished',
    `SELECT id FROM scans WHERE status IN ('queued', 'planning', 'running', 'paused', 'finishing')`,
    [],
    1,
  ],
  [
    'shards of a vantage that wait for a worker',
    `SELECT id FROM shards WHERE vantage = $1 AND state IN ('pending', 'claimed') ORDER BY id`,
    ['default'],
    1,
  ],
  [
    'a host name that is not there, in an order of which there is no index for it',
    `SELECT * FROM endpoints WHERE project_id = $1 AND lower(hostname) = $2 ORDER BY port, ip LIMIT 50`,
    [DEFAULT_PROJECT, 'nobody'],
    0,
  ],
  [
    'a part of what is known in words',
    `SELECT * FROM endpoints e WHERE project_id = $1 AND endpoint_text(service, product, version, vendor, info, os, device, hostname,
       cpe, evidence_text, ip) LIKE '%h4321%' ORDER BY ip LIMIT 50`,
    [DEFAULT_PROJECT],
    3,
  ],
])('%s comes from an index', async (_, sql, values, expected) => {
  const { pages, rows } = await touched(sql, values)
  expect(rows).toBe(expected)
  // A page for each row at worst, and the way down the tree; the tables have hundreds and more.
  expect(pages).toBeLessThanOrEqual(expected + 25)
})

test.each(
  ['service', 'product'].flatMap((field) =>
    ['ip', 'port, ip', 'last_changed DESC, id DESC'].map((order) => [field, order]),
  ),
)('a page of a %s by %s comes from an index', async (field, order) => {
  const { pages, rows } = await touched(
    `SELECT * FROM endpoints WHERE project_id = $1 AND lower(${field}) = $2 ORDER BY ${order} LIMIT 50`,
    [DEFAULT_PROJECT, field === 'service' ? 's7' : 'product 7'],
  )
  expect(rows).toBe(50)
  expect(pages).toBeLessThanOrEqual(75)
})

test.each([
  ['h777.z777.example.com', 1],
  ['h777*', 11],
  ['*.z777.example.com', 20],
  ['*7.z777.example.com', 20],
])('the hosts that %s names come from an index', async (pattern, expected) => {
  const values: unknown[] = [DEFAULT_PROJECT]
  const condition = isNamed(pattern, (value) => `$${values.push(value)}`)
  const { pages, rows } = await touched(`SELECT * FROM host_names h WHERE h.project_id = $1 AND ${condition}`, values)
  expect(rows).toBe(expected)
  expect(pages).toBeLessThanOrEqual(expected + 40)
})
