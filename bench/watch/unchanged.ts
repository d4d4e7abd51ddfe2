/** Inside the simulated internet, in which nothing changes: how much is told of it? */
import { startService } from './service.ts'

const runs = Number(process.argv[2])
const service = await startService(1)
const { db, count } = service
const run = await service.schedule({ targets: ['198.18.0.0/29'], ports: '1-50', services: false })
const started = performance.now()
for (let i = 0; i < runs; i++) await run()
const told = await db.query('SELECT kind, verdict, count(*)::int FROM changes GROUP BY 1, 2 ORDER BY 1, 2')
console.log(
  JSON.stringify({
    runs,
    completed: await count("SELECT count(*) FROM scans WHERE status = 'completed'"),
    endpoints: await count('SELECT count(*) FROM endpoints'),
    secondLooks: await count('SELECT count(*) FROM shards WHERE ordinal <= -2'),
    foundAgain: await count("SELECT count(*) FROM confirmations WHERE state = 'open'"),
    changes: told.rows,
    seconds: Math.round(performance.now() - started) / 1000,
  }),
)
await service.stop()
