/** The thread behind lease-keeper.ts. It knows nothing but ids, epochs and one statement. */
import assert from 'node:assert/strict'
import { parentPort, workerData } from 'node:worker_threads'
import pg from 'pg'
import type { Held, Hold } from './lease-keeper.ts'

type Setup = {
  readonly databaseUrl: string
  readonly lease: number
  readonly patience: number
  readonly turns: Int32Array
}

const { databaseUrl, lease, patience, turns }: Setup = workerData
const port = parentPort
assert(port !== null)

const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, keepAlive: true, connectionTimeoutMillis: lease })
pool.on('error', () => {})

const RENEW = `UPDATE shards SET lease_until = now() + $3 * interval '1 millisecond'
  FROM unnest($1::bigint[], $2::int[]) AS mine (id, epoch)
  WHERE shards.id = mine.id AND shards.epoch = mine.epoch AND shards.state = 'claimed' RETURNING shards.id::text`

let held: readonly Held[] = []
/** When each shard was last known to be ours, on this machine's monotonic clock. */
const renewed = new Map<string, number>()
let seen = { turns: 0, at: performance.now() }
let renewing: Promise<void> | null = null

async function renew(): Promise<void> {
  const count = Atomics.load(turns, 0)
  if (count !== seen.turns) seen = { turns: count, at: performance.now() }
  if (performance.now() - seen.at > patience) return
  const asked = held
  const before = performance.now()
  const ours = await pool
    .query<{ id: string }>(RENEW, [asked.map((h) => h.shardId), asked.map((h) => h.epoch), lease])
    .then(({ rows }) => new Set(rows.map((row) => row.id)))
    .catch(() => null)
  for (const { shardId } of asked) if (ours?.has(shardId)) renewed.set(shardId, before)
  // Gone for sure when the database says so; as good as gone when it has not answered for a whole lease.
  const lost = asked.filter(({ shardId }) => (ours ? !ours.has(shardId) : isOver(shardId)))
  if (lost.length > 0) port?.postMessage({ lost })
}

const isOver = (shardId: string) => performance.now() - (renewed.get(shardId) ?? 0) > lease

const timer = setInterval(() => {
  if (held.length === 0 || renewing !== null) return
  renewing = renew().finally(() => {
    renewing = null
  })
}, lease / 4)

port.on('message', async (message: Hold | null) => {
  if (message === null) {
    clearInterval(timer)
    await renewing
    await pool.end()
    port.close()
    return
  }
  for (const { shardId } of message.held) if (!renewed.has(shardId)) renewed.set(shardId, performance.now())
  held = message.held
  for (const shardId of renewed.keys()) if (!held.some((h) => h.shardId === shardId)) renewed.delete(shardId)
})
