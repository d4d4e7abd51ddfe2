/** Inside the simulated internet, in which real servers change: is each change told once, in the next run? */
import { once } from 'node:events'
import { connect } from 'node:net'
import { changed, firstNetwork, type Network, places } from './changing-network.ts'
import { startService } from './service.ts'

const [, , rounds = '', control = ''] = process.argv
const socket = connect(control)
await once(socket, 'connect')

async function become(network: Network): Promise<void> {
  socket.write(`${JSON.stringify(network)}\n`)
  await once(socket, 'data')
}

const service = await startService(2)
const { db, count } = service
const targets = ['198.18.0.0/29', '198.18.255.0/29']
const run = await service.schedule({ targets, ports: '1-50', services: 'light' })

type Change = { readonly change: string; readonly verdict: string }
const changesOf = async (scan: string) =>
  (
    await db.query<Change>(
      `SELECT kind || ' ' || host(e.ip) || ':' || e.port AS change, verdict
       FROM changes c JOIN endpoints e ON e.id = c.endpoint_id WHERE c.scan_id = $1`,
      [scan],
    )
  ).rows

const free = places()
let network = firstNetwork(free, 12)
await become(network)
const started = performance.now()
await run()
const made: string[] = []
const inTime: string[] = []
const amiss: string[] = []
let unconfirmed = 0
/** Runs once; what is confirmed has to be exactly what was made since the run before. */
async function look(expected: readonly string[]): Promise<void> {
  const seen = await changesOf(await run())
  unconfirmed += seen.filter(({ verdict }) => verdict === 'unconfirmed').length
  const told = seen.filter(({ verdict }) => verdict !== 'unconfirmed').map(({ change }) => change)
  inTime.push(...expected.filter((change) => told.includes(change)))
  amiss.push(...expected.filter((change) => !told.includes(change)).map((change) => `not told: ${change}`))
  amiss.push(...told.filter((change) => !expected.includes(change)).map((change) => `told: ${change}`))
}
for (let round = 0; round < Number(rounds); round++) {
  const next = changed(network, free)
  network = next.network
  await become(network)
  made.push(...next.told)
  await look(next.told)
  await look([])
}
socket.end()
const kinds = Object.groupBy(made, (change) => change.split(' ')[0] ?? '')
console.log(
  JSON.stringify({
    runs: await count("SELECT count(*) FROM scans WHERE status = 'completed'"),
    endpoints: await count('SELECT count(*) FROM endpoints'),
    made: Object.fromEntries(Object.entries(kinds).map(([kind, list]) => [kind, list?.length])),
    toldInTheNextRun: inTime.length,
    amiss,
    unconfirmed,
    secondLooks: await count('SELECT count(*) FROM shards WHERE ordinal <= -2'),
    byTheOtherWorker: await count('SELECT count(*) FROM shards WHERE ordinal <= -2 AND done_by <> not_by'),
    seconds: Math.round(performance.now() - started) / 1000,
  }),
)
await service.stop()
process.exitCode = amiss.length === 0 ? 0 : 1
