/**
 * A small company's network as it was seen over a fortnight, from the office and from the internet: written as workers
 * write it, finished by the real finish step, told in the addresses of documentation (RFC 5737), which nobody is asked.
 */
import { createDb } from '@portolan/db/client.ts'
import type { TestApi } from '#test/api/test-api.ts'
import { pastScan, type Seen } from '#test/support/past-scan.ts'

const DAY = 86_400_000
const DAYS = 14
const NETWORK = '198.51.100.'

const LETTERS = 'abcdef0123456789'
const certificate = (n: number, days: number) => ({
  sha256: `${LETTERS[n % 16]}${LETTERS[(n * 7) % 16]}`.repeat(32),
  notAfter: new Date(Date.now() + days * DAY).toISOString(),
})

type Kind = { readonly service: string; readonly product: string; readonly version: string; readonly says: string }

const SSH: Kind = { service: 'ssh', product: 'OpenSSH', version: '9.6p1', says: 'SSH-2.0-OpenSSH_9.6p1\r\n' }
const OLD_SSH: Kind = { ...SSH, version: '8.4p1', says: 'SSH-2.0-OpenSSH_8.4p1 Debian-5+deb11u3\r\n' }
const WEB: Kind = {
  service: 'http',
  product: 'nginx',
  version: '1.26.2',
  says: 'HTTP/1.1 200 OK\r\nServer: nginx/1.26.2\r\nContent-Type: text/html\r\n\r\n',
}
const MAIL: Kind = { service: 'smtp', product: 'Postfix', version: '', says: '220 mail.example.org ESMTP Postfix\r\n' }
const DATA: Kind = { service: 'postgresql', product: 'PostgreSQL', version: '16.4', says: '\u0000\u0000\u0001R' }
const CACHE: Kind = {
  service: 'redis',
  product: 'Redis',
  version: '7.2.5',
  says: '-NOAUTH Authentication required.\r\n',
}
const TELNET: Kind = { service: 'telnet', product: '', version: '', says: '\u00ff\u00fd\u0018login: ' }
const DESK: Kind = {
  service: 'rdp',
  product: 'Microsoft Terminal Services',
  version: '',
  says: '\u0003\u0000\u0000\u0013',
}

function seen(host: number, port: number, kind: Kind, name: string): Seen {
  const { service, product, version, says } = kind
  return {
    at: `${NETWORK}${host}:${port}`,
    service: { name: service, product: product || null, version: version || null, hostname: `${name}.example.org` },
    evidence: says,
    ...(port === 443 && { certificate: certificate(host, ((host * 37) % 300) - 12) }),
  }
}

/** What was open on that day (0 is the first), from inside. */
function openOn(day: number): readonly Seen[] {
  const web = Array.from({ length: 9 }, (_, i) => 10 + i).flatMap((host) => [
    seen(host, 22, day < 9 && host % 4 === 0 ? OLD_SSH : SSH, `web-${host}`),
    seen(host, 80, WEB, `web-${host}`),
    seen(host, 443, day > 5 && host < 13 ? { ...WEB, version: '1.27.0' } : WEB, `web-${host}`),
  ])
  const rest = [
    seen(25, 25, MAIL, 'mail'),
    seen(25, 22, SSH, 'mail'),
    seen(25, 993, { ...MAIL, service: 'imap', product: 'Dovecot' }, 'mail'),
    seen(30, 5432, DATA, 'db-1'),
    seen(30, 22, OLD_SSH, 'db-1'),
    seen(31, 5432, DATA, 'db-2'),
  ]
  const later = [
    { from: 3, one: seen(31, 6379, CACHE, 'db-2') },
    { from: 6, one: seen(77, 23, TELNET, 'printer') },
    { from: 8, one: seen(78, 3389, DESK, 'desk-4') },
    { from: 11, one: seen(40, 8080, { ...WEB, product: 'Jetty', version: '12.0.8' }, 'ci') },
    { from: 12, one: seen(41, 9200, { ...WEB, product: 'Elasticsearch', version: '8.14.1' }, 'logs') },
  ]
  return [...web, ...rest, ...later.filter(({ from }) => day >= from).map(({ one }) => one)]
}

const isPublic = ({ at }: Seen) => /:(?:25|80|443|993|3389)$/.test(at)

/** Returns the id of the latest scan. Webhooks are made and never called: nobody works for this service. */
export async function liveThrough(api: Pick<TestApi, 'send' | 'databaseUrl'>): Promise<string> {
  await using db = createDb(api.databaseUrl)
  const network = { targets: [[`${NETWORK}0`, `${NETWORK}255`]], ports: '{[1,10000]}' } as const
  let latest = ''
  for (let day = 0; day < DAYS; day++) {
    const when = new Date(Date.now() - (DAYS - 1 - day) * DAY - 3_600_000)
    const inside = openOn(day)
    await pastScan(db.pool, { ...network, when, vantage: 'internet-eu', seen: inside.filter(isPublic) })
    latest = await pastScan(db.pool, { ...network, when, vantage: 'office', seen: inside })
    if (day === 1) await setUp(api)
  }
  const { json } = await api.send('POST', '/v1/scans', { targets: ['127.0.0.0/24'], ports: '1-10000' })
  await db.pool.query(PAST_SCANS, [json.id, `${NETWORK}0/24`])
  await db.pool.query(COUNTED)
  await db.pool.query(RUNNING, [json.id])
  await db.pool.query(SHARD, [json.id])
  await db.pool.query(WORKERS)
  return latest
}

const PAST_SCANS = `
  UPDATE scans SET created_at = started_at, finished_at = started_at + interval '96 seconds', hosts_total = 256,
    probes_total = 2560000, label = 'perimeter, from ' || vantages[1],
    request = (SELECT jsonb_set(request::jsonb, '{targets}', jsonb_build_array($2::text)) FROM scans WHERE id = $1)
  WHERE id <> $1`

const COUNTED = `
  UPDATE shards s SET open = (SELECT count(*) FROM observations o WHERE o.scan_id = s.scan_id)`

/** A scan in the middle of its work, which nobody goes on with. */
const RUNNING = `
  UPDATE scans SET status = 'running', label = 'this machine', started_at = now() - interval '40 seconds',
    hosts_total = 256, probes_total = 2560000 WHERE id = $1`
const SHARD = `
  INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint, state)
  VALUES ($1, 'default', 'tcp', 0, 0, 2560000, 1100000, 'pending')`

const WORKERS = `
  INSERT INTO workers (name, vantage, version, job_version, capabilities, addresses, load, started_at, heartbeat_at)
  SELECT name, vantage, '0.1.0', 1, '{"syn": true, "ipv6": true, "slots": 4}', '{127.0.0.1}', '{"shards": 1}',
    now() - interval '3 days', now() + age * interval '1 hour'
  FROM (VALUES ('scan-1', 'office', 1), ('scan-2', 'office', 1), ('edge-1', 'internet-eu', 1),
    ('edge-2', 'internet-us', -1)) AS w (name, vantage, age)`

async function setUp({ send }: Pick<TestApi, 'send'>): Promise<void> {
  const rules = [
    { id: 'web', effect: 'allow', ports: '80,443', owner: 'platform', reason: 'the public site' },
    { id: 'mail', effect: 'allow', targets: [`${NETWORK}25`], ports: '25,993', owner: 'platform', reason: 'mail' },
    { id: 'ssh', effect: 'allow', ports: '22', vantages: ['office'], owner: 'operations', reason: 'administration' },
    { id: 'database', effect: 'allow', targets: [`${NETWORK}30-31`], ports: '5432', owner: 'data', reason: 'reports' },
    { id: 'plain-login', effect: 'forbid', ports: '23,3389', severity: 'critical', reason: 'passwords in the clear' },
  ]
  await send('POST', '/v1/policies', { name: 'perimeter', document: { otherwise: 'forbid', severity: 'high', rules } })
  const nightly = { targets: ['127.0.0.1'], ports: 'top:1000' }
  // Half a day away: none of them is due while somebody looks.
  const hour = (new Date().getUTCHours() + 12) % 24
  await send('POST', '/v1/schedules', { name: 'perimeter, nightly', scan: nightly, cron: `30 ${hour} * * *` })
  await send('POST', '/v1/schedules', { name: 'everything, weekly', scan: nightly, cron: `0 ${hour} * * 1` })
  const hook = { name: 'on-call', url: 'https://hooks.example.org/portolan', events: ['change.*', 'finding.*'] }
  await send('POST', '/v1/webhooks', hook)
  await send('POST', '/v1/keys', { name: 'reporting', scopes: ['read'] })
  await send('POST', '/v1/listeners', {
    host: 'db-2',
    addresses: [`${NETWORK}31`],
    listeners: [
      { transport: 'tcp', address: '0.0.0.0', port: 5432, process: 'postgres', pid: 812 },
      { transport: 'tcp', address: '0.0.0.0', port: 6379, process: 'redis-server', pid: 990 },
      { transport: 'tcp', address: '127.0.0.1', port: 9187, process: 'postgres_exporter', pid: 1021 },
    ],
  })
}
