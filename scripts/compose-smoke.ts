/** What a user does, against the API at argv[2]: authorise the other arguments, scan them, follow the scan, read the results. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { bootstrapKey } from './env.ts'

const [api = '', ...targets] = process.argv.slice(2)

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(api + path, {
    method,
    headers: { authorization: `Bearer ${bootstrapKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  assert(response.ok, `${method} ${path}: ${response.status} ${text}`)
  // because the caller says what this route answers, and asserts what it needs of it
  return JSON.parse(text) as T
}

async function until<T>(seconds: number, what: string, ask: () => Promise<T | null>): Promise<T> {
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; await sleep(250)) {
    const answer = await ask().catch(() => null)
    if (answer !== null) return answer
  }
  throw new Error(`no ${what} within ${seconds} seconds`)
}

type Worker = { readonly alive: boolean; readonly capabilities: { readonly engines: readonly string[] } }
type Scan = { readonly id: string; readonly status: string; readonly summary: unknown }
type Result = { readonly ip: string; readonly port: number; readonly state: string; readonly service: unknown }

await until(60, 'answer of the API', () => call('GET', '/readyz'))
const workers = await until(60, 'second worker', async () => {
  const { items } = await call<{ readonly items: readonly Worker[] }>('GET', '/v1/workers')
  return items.filter((w) => w.alive).length === 2 ? items : null
})
for (const { capabilities } of workers) assert(capabilities.engines.includes('syn'), 'raw packets without root')
for (const target of targets)
  await call('POST', '/v1/scopes', { cidr: `${target}/32`, owner: 'smoke test', reason: 'a container made for it' })
// Slow enough that a single worker cannot have it all before the other one wakes up.
const scan = await call<Scan>('POST', '/v1/scans', { targets, ports: '1-10000', rate: 4_000 })
const ended = await until(120, 'end of the scan', async () => {
  const now = await call<Scan>('GET', `/v1/scans/${scan.id}`)
  return ['completed', 'partial', 'failed', 'cancelled'].includes(now.status) ? now : null
})
const { items } = await call<{ readonly items: readonly Result[] }>('GET', `/v1/scans/${scan.id}/results`)
console.log(JSON.stringify({ status: ended.status, summary: ended.summary, results: items }))
assert.equal(ended.status, 'completed')
assert.deepEqual(
  items.map(({ ip, port, state }) => `${ip} ${port} ${state}`).sort(),
  targets.map((ip) => `${ip} 6379 open`).sort(),
)
for (const { service } of items) assert.match(JSON.stringify(service), /redis/i)
