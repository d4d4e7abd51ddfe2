/** `node health.ts` ends with 0 while the worker of this name gives signs of life, for container health checks. */
import { createDb } from '@portolan/db/client.ts'
import { readEnv } from './env.ts'

const env = readEnv()
const db = createDb(env.DATABASE_URL, { connections: 1 })
const { rows } = await db.pool.query(
  `SELECT 1 FROM workers WHERE name = $1 AND heartbeat_at > now() - $2 * interval '1 millisecond'`,
  [env.PORTOLAN_WORKER_NAME, env.PORTOLAN_LEASE_MS],
)
await db.close()
process.exit(rows.length > 0 ? 0 : 1)
