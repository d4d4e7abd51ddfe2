/**
 * An example of an answer, made from its schema, so that it cannot fall behind it. What a name means it means in every
 * answer, so the values stand here once, by the name of the field; a test holds each example against its schema.
 */

type Json = Readonly<Record<string, unknown>>

/** The schemas of the document by name, as far as they are known when the example is made. */
export type Schemas = Readonly<Record<string, unknown>>

const ADDRESS = '192.0.2.10'

/** By the name of the field. Documentation addresses (RFC 5737) and names (RFC 2606). */
const VALUES: Json = {
  action: 'scope.create',
  actor: 'nightly pipeline',
  address: ADDRESS,
  addresses: ADDRESS,
  advice: 'Close it, or let only those reach it who need it.',
  assignee: null,
  banner: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3',
  capabilities: { engines: ['syn', 'connect', 'udp'], slots: 4 },
  certificate: null,
  cidr: '192.0.2.0/24',
  class: 'system',
  complete: true,
  container: null,
  count: 3,
  cpe: 'cpe:/a:openbsd:openssh:9.2p1',
  createdBy: 'nightly pipeline',
  cron: '30 2 * * *',
  dailyProbes: 1_000_000,
  database: { ok: true, detail: 'reachable' },
  description: 'The Secure Shell (SSH) Protocol',
  detail: 'SSH answers from the Internet.',
  detection: 'identified',
  device: null,
  digestAt: '08:00',
  disabledReason: null,
  encrypted: 'ssh',
  endpoints: 3,
  error: null,
  etaSeconds: 0,
  event: 'finding.opened',
  events: 'finding.*',
  exclude: '192.0.2.1',
  filteredFrom: 'internet',
  finishedAt: '2026-11-03T09:31:10.000Z',
  from: '08:00',
  host: 'gateway.example.org',
  hostname: 'gateway.example.org',
  hostnames: 'gateway.example.org',
  hosts: 254,
  id: 'no-ssh-from-outside',
  info: 'protocol 2.0',
  ip: ADDRESS,
  key: 'severity',
  keyName: 'nightly pipeline',
  kinds: 'unexpected',
  label: 'nightly',
  lastError: null,
  maxScans: null,
  meaning: 'Something listens there and took the connection.',
  method: 'probed',
  migrations: { ok: true, detail: '24 applied' },
  minVersion: '9.6',
  name: 'gateway',
  names: 'www.example.org',
  networks: '192.0.2.0/24',
  next: null,
  nftables: 'add rule inet filter input tcp dport 22 drop',
  notAfter: '2027-01-31T23:59:59.000Z',
  open: 3,
  os: 'Linux',
  owner: 'network team',
  perHostRate: null,
  percent: 100,
  port: 22,
  ports: '22,80,443',
  previousSecretUntil: null,
  priority: 5,
  probes: 762,
  probesDone: 762,
  probesTotal: 762,
  problem: 'the port is no number from 0 to 65535',
  process: 'sshd',
  product: 'OpenSSH',
  products: 'OpenSSH',
  publicId: '5f1e9c0a7b3d2468',
  queue: { ok: true, detail: 'redis, 0 waiting' },
  quietHours: null,
  rate: 500,
  rateLimit: null,
  reachableFrom: 'office',
  reason: 'weekly inventory',
  refused: [],
  requestId: '4c1b8f4e-5a52-4f0c-9a77-2f6a3c1d9e10',
  rerunOf: null,
  resolvedAt: null,
  revision: 1,
  revokedAt: null,
  risk: 'Passwords are guessed day and night.',
  rule: 'no-ssh-from-outside',
  ruleId: 'no-ssh-from-outside',
  runs: 'OpenSSH and other SSH servers',
  scanner: 'nmap',
  scheduleId: null,
  service: 'ssh',
  services: 'ssh',
  severities: { info: 0, low: 1, medium: 0, high: 2, critical: 0 },
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  snoozedUntil: null,
  spec: '192.0.2.0/24',
  state: 'open',
  status: 'completed',
  statusReason: null,
  subject: '192.0.2.10',
  summary: { open: 3 },
  tags: 'dmz',
  target: '192.0.2.0/24',
  targetId: '0198c8f4-7b1e-7c2a-9f60-3a1d5e8b2c47',
  targetLimits: '192.0.2.0/24',
  targetType: 'scope',
  targets: '192.0.2.0/24',
  text: 'ssh on 192.0.2.10 is open, and no rule expects it',
  timeZone: 'Europe/Berlin',
  timeoutSeconds: null,
  title: 'There is no such thing here',
  tls: null,
  to: '18:00',
  total: 3,
  token: 'ptl_5f1e9c0a7b3d2468_<secret>',
  transport: 'tcp',
  tryNext: 'Look which program listens there: portolan listeners',
  type: 'change.opened',
  ufw: 'ufw deny 22/tcp',
  unit: 'ssh.service',
  url: 'https://hooks.example.org/portolan',
  user: 'root',
  value: 'OpenSSH',
  vantage: 'default',
  vantages: 'default',
  vendor: 'OpenBSD',
  version: '9.2p1',
  why: 'no rule expects it',
  windows: 'New-NetFirewallRule -Direction Inbound -Protocol TCP -LocalPort 22 -Action Block',
}

/** For text no name above speaks of; a test sees to it that there is none. */
export const FILLER = 'a word'

/** Schemas refer to each other, and may to themselves. */
const DEEPEST = 12

export function exampleOf(schema: unknown, schemas: Schemas, name = '', depth = 0): unknown {
  const { $ref, const: only, enum: allowed, examples, anyOf, oneOf, ...plain } = jsonOf(schema)
  if (depth > DEEPEST) return null
  if (typeof $ref === 'string')
    return exampleOf(schemas[$ref.slice($ref.lastIndexOf('/') + 1)], schemas, name, depth + 1)
  if (only !== undefined) return only
  if (Array.isArray(allowed)) return allowed.includes(VALUES[name]) ? VALUES[name] : allowed[0]
  const options = anyOf ?? oneOf
  if (Array.isArray(options)) {
    const nullable = options.some((option) => jsonOf(option).type === 'null')
    return nullable && VALUES[name] === null ? null : exampleOf(options[0], schemas, name, depth + 1)
  }
  if (Array.isArray(examples)) return examples[0]
  return plainExample(plain, schemas, name, depth)
}

function plainExample(schema: Json, schemas: Schemas, name: string, depth: number): unknown {
  const { format, items, properties, minimum, additionalProperties } = schema
  const types: readonly unknown[] = [schema.type].flat()
  const [type] = types
  const value = VALUES[name]
  if (type === undefined) return value ?? {}
  if (types.includes(typeOf(value)) || (type === 'integer' && typeof value === 'number')) return value
  if (type === 'array') return items === undefined ? [] : [exampleOf(items, schemas, name, depth + 1)]
  if (type === 'object')
    return { ...fieldsOf(properties, schemas, depth), ...entryOf(additionalProperties, schemas, depth) }
  if (type === 'boolean') return false
  if (type === 'integer' || type === 'number') return typeof minimum === 'number' ? Math.max(0, minimum) : 0
  if (type === 'null') return null
  return format === 'date-time' ? '2026-11-03T09:30:00.000Z' : FILLER
}

/** As JSON schema calls it. */
const typeOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

const fieldsOf = (properties: unknown, schemas: Schemas, depth: number) =>
  Object.fromEntries(
    Object.entries(jsonOf(properties)).map(([field, of]) => [field, exampleOf(of, schemas, field, depth + 1)]),
  )

/** A map has one entry. */
const entryOf = (values: unknown, schemas: Schemas, depth: number): Json =>
  values && Object.keys(jsonOf(values)).length > 0 ? { example: exampleOf(values, schemas, '', depth + 1) } : {}

function jsonOf(value: unknown): Json {
  // because every object in a JSON schema has strings for keys
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}
