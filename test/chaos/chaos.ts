/**
 * Scans a simulated internet again and again while processes are killed, frozen and restarted, and holds every result,
 * counter, change and notification against what is true.
 *
 *     npm run chaos -- [--minutes N | --faults N] [--seed S] [--backend redis|postgres] [--workers N]
 *
 * Needs root, ip, gcc and /dev/net/tun. Runs in a network namespace of its own and stops by itself.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createDb } from '@portolan/db/client.ts'
import type pg from 'pg'
import { diceOf, makeTrouble } from './faults.ts'
import { Installation, KEY } from './installation.ts'
import { FIRST, SimulatedInternet, SPACE } from './simulated-internet.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1000' },
    faults: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'redis' },
    workers: { type: 'string', default: '3' },
    inside: { type: 'boolean', default: false },
  },
})

if (!values.inside) {
  const again = [process.execPath, ...process.execArgv, import.meta.filename, ...process.argv.slice(2), '--inside']
  // Whoever ends this process means the one inside.
  const command = ['--pdeathsig', 'TERM', 'unshare', '-n', ...again]
  process.exit(spawnSync('setpriv', command, { stdio: 'inherit' }).status ?? 1)
}

const backend = values.backend === 'postgres' ? 'postgres' : 'redis'
const seed = Number(values.seed)
const dice = diceOf(seed)
const until = Date.now() + Number(values.minutes) * 60_000
const say = (line: string) => process.stdout.write(`${line}\n`)

/** Ids of the changes each message was about, by the id receivers deduplicate on. */
async function listen() {
  const told = new Map<string, string>()
  let messages = 0
  const server = createServer(async (request, response) => {
    const { type, data } = JSON.parse(await text(request))
    messages++
    told.set(String(request.headers['webhook-id']), `${type} ${data.id}`)
    response.writeHead(204).end()
  }).listen(9_999, '127.0.0.1')
  await once(server, 'listening')
  return { told, messages: () => messages, close: () => server.close() }
}

/** Tried until the API is there to answer; the key makes a second try the same scan. */
async function post(installation: Installation, route: string, body: object): Promise<{ readonly id: string }> {
  const headers = { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' }
  const once = { ...headers, 'Idempotency-Key': `${route}-${dice(1e9)}` }
  for (let tries = 0; tries < 300; tries++) {
    const sent = { method: 'POST', headers: once, body: JSON.stringify(body) }
    const response = await fetch(`${installation.url}${route}`, sent).catch(() => null)
    // because the routes posted to here all answer with what they made
    if (response?.ok) return (await response.json()) as { readonly id: string }
    // 409: the try before is still under way, or its process was killed while it was.
    if (response && response.status < 500 && response.status !== 409)
      throw new Error(`${route}: ${response.status} ${await response.text()}`)
    await sleep(200)
  }
  throw new Error(`${route}: the API never answered`)
}

/** A connection may be lost any time: the question is put again. */
async function ask<T extends pg.QueryResultRow>(db: pg.Pool, sql: string, ...params: unknown[]): Promise<T[]> {
  for (let tries = 0; ; tries++) {
    try {
      return (await db.query<T>(sql, params)).rows
    } catch (error) {
      if (tries > 100) throw error
      await sleep(200)
    }
  }
}

const ENDED = ['completed', 'partial', 'failed', 'cancelled']
/** Faults during one scan: one that is never left alone never ends. */
const MOST_AT_ONCE = 20
/** Longest a scan may take, in seconds: many times what it takes undisturbed. */
const PATIENCE = 300

async function ended(db: pg.Pool, scan: string) {
  for (let waited = 0; waited < PATIENCE * 5; waited++) {
    const [row] = await ask<{ status: string; status_reason: string | null; summary: Record<string, unknown> }>(
      db,
      'SELECT status, status_reason, summary FROM scans WHERE id = $1',
      scan,
    )
    if (row !== undefined && ENDED.includes(row.status)) return row
    await sleep(200)
  }
  throw new Error(`the scan ${scan} did not end within ${PATIENCE} s`)
}

function complain(what: string, expected: ReadonlySet<string>, found: readonly string[]): void {
  const seen = new Set(found)
  const [missing, extra] = [[...expected].filter((one) => !seen.has(one)), found.filter((one) => !expected.has(one))]
  const twice = found.length - seen.size
  if (missing.length + extra.length + twice === 0) return
  const some = (list: readonly string[]) => `${list.length} (${list.slice(0, 3).join(', ')})`
  throw new Error(`${what}: ${some(missing)} missing, ${some(extra)} too many, ${twice} twice`)
}

/** What the tables know of endpoints that should be among the results. */
async function traceOf(db: pg.Pool, scan: string, places: ReadonlySet<string>): Promise<string> {
  const rows = await ask(
    db,
    `SELECT (SELECT json_agg(o) FROM observations o WHERE o.scan_id = $1 AND host(o.ip) || ':' || o.port = p) AS seen,
       (SELECT json_agg(c) FROM confirmations c WHERE c.scan_id = $1 AND host(c.ip) || ':' || c.port = p) AS looked,
       (SELECT json_agg(e) FROM endpoints e WHERE host(e.ip) || ':' || e.port = p) AS known
     FROM unnest($2::text[]) AS p`,
    scan,
    [...places].slice(0, 3),
  )
  const shards = await ask(db, 'SELECT * FROM shards WHERE scan_id = $1 ORDER BY ordinal', scan)
  return JSON.stringify({ rows, shards })
}

async function verify(db: pg.Pool, scan: string, before: ReadonlySet<string>, truth: ReadonlySet<string>) {
  const { status, status_reason: reason, summary } = await ended(db, scan)
  if (status !== 'completed') throw new Error(`the scan ended ${status}: ${reason}`)
  const counted = { probed: summary.probed, open: summary.open, gaps: JSON.stringify(summary.gaps) }
  const due = { probed: SPACE.hosts * SPACE.ports, open: truth.size, gaps: '[]' }
  if (JSON.stringify(counted) !== JSON.stringify(due))
    throw new Error(`counted ${JSON.stringify(counted)}, true is ${JSON.stringify(due)}`)
  const results = await ask<{ place: string }>(
    db,
    `SELECT host(ip) || ':' || port AS place FROM observations WHERE scan_id = $1 AND state = 'open'`,
    scan,
  )
  const found = results.map(({ place }) => place)
  try {
    complain('results', truth, found)
  } catch (error) {
    say(await traceOf(db, scan, new Set([...truth].filter((place) => !found.includes(place)))))
    throw error
  }
  const changes = await ask<{ change: string }>(
    db,
    `SELECT c.kind || ' ' || host(e.ip) || ':' || e.port AS change FROM changes c JOIN endpoints e ON e.id = c.endpoint_id
     WHERE c.scan_id = $1`,
    scan,
  )
  const opened = [...truth].filter((place) => !before.has(place)).map((place) => `opened ${place}`)
  const closed = [...before].filter((place) => !truth.has(place)).map((place) => `closed ${place}`)
  complain(
    'changes',
    new Set([...opened, ...closed]),
    changes.map(({ change }) => change),
  )
}

/** What comes and goes is told once as that. Whatever of it has been interrupted is tried again when its taker has been silent for a minute. */
async function verifyNotifications(db: pg.Pool, told: ReadonlyMap<string, string>): Promise<void> {
  for (let waited = 0; waited < 150; waited++) {
    const [row] = await ask<{ left: number }>(db, `SELECT count(*) AS left FROM deliveries WHERE state = 'pending'`)
    if (row?.left === 0) break
    await sleep(1_000)
  }
  const rows = await ask<{ news: string }>(
    db,
    `SELECT 'change.' || kind || ' ' || id AS news FROM changes WHERE verdict = 'confirmed'
     UNION ALL (SELECT DISTINCT ON (endpoint_id) 'change.flapping ' || id FROM changes WHERE verdict = 'flapping'
       ORDER BY endpoint_id, id)
     UNION ALL SELECT 'scan.' || status || ' ' || id FROM scans`,
  )
  complain('notifications', new Set(rows.map(({ news }) => news)), [...told.values()])
}

async function main(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'portolan-chaos-'))
  // The database server runs as somebody else.
  await chmod(folder, 0o755)
  const internet = new SimulatedInternet(folder)
  const installation = new Installation(folder, backend)
  const receiver = await listen()
  const told: string[] = []
  const takeDown = async () => {
    await installation.close()
    await internet.close()
    receiver.close()
    await rm(folder, { recursive: true, force: true })
  }
  let isOver: Promise<void> | null = null
  // It may come twice: our parent's end is told by each of its threads.
  process.on('SIGTERM', () => {
    isOver ??= takeDown().finally(() => process.exit(143))
    // What is under way loses its database.
    process.on('uncaughtException', () => {})
  })
  try {
    await internet.become(seed, 0.05)
    await installation.start(Number(values.workers))
    await using db = createDb(installation.databaseUrl)
    const owner = { owner: 'chaos', reason: 'simulated' }
    await post(installation, '/v1/scopes', { cidr: '198.18.0.0/16', ...owner })
    const hook = { name: 'chaos', url: 'http://127.0.0.1:9999/', events: ['change.*', 'scan.*'] }
    await post(installation, '/v1/webhooks', hook)
    let before: ReadonlySet<string> | null = null
    for (let round = 0; before === null || (told.length < Number(values.faults) && Date.now() < until); round++) {
      await internet.become(seed, round % 2 === 0 ? 0.05 : 0.052)
      const truth = internet.truth()
      const left = Math.min(Number(values.faults) - told.length, MOST_AT_ONCE)
      const trouble = before === null ? null : makeTrouble(installation, dice, left)
      const wish = { targets: [`${FIRST}/24`], ports: `1-${SPACE.ports}`, rate: 4_000, services: false }
      const scan = await post(installation, '/v1/scans', wish)
      await ended(db.pool, scan.id)
      await trouble?.stop()
      await verify(db.pool, scan.id, before ?? truth, truth)
      told.push(...(trouble?.told ?? []))
      say(
        `round ${round}: ${truth.size} open, as it is; ${told.length} faults so far${trouble ? `: ${trouble.told.join(', ')}` : ''}`,
      )
      before = truth
    }
    await verifyNotifications(db.pool, receiver.told)
    say(
      JSON.stringify({
        backend,
        seed,
        faults: told.length,
        notifications: receiver.told.size,
        messages: receiver.messages(),
      }),
    )
  } catch (error) {
    if (isOver === null) say(installation.log())
    throw error
  } finally {
    await (isOver ?? takeDown())
  }
}

await main()
process.exit(0)
