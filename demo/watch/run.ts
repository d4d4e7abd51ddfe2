/**
 * Shows in about a minute what watching means: `npm run demo:watch [-- --every SECONDS]`. Servers change under a
 * schedule; a webhook is told once of each change and each finding, in order, although packets are lost, the worker is
 * killed and the queue wiped. Ends by itself: 0 when all was told as it should, 1 when not.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type ApiClient, take } from '@portolan/client/client.ts'
import { canEnter, describePlace, enter, isInside, losePackets } from './place.ts'
import { type Receiver, startReceiver, type Told } from './receiver.ts'
import { type Servers, startServers } from './servers.ts'
import { type Service, startService } from './service.ts'
import { type Act, policyFor, scanOf, storyOf } from './story.ts'

/** Milliseconds one act may take: a run, the second look, and recovery from a killed worker, on a busy machine. */
const PATIENCE = 120_000
/** Runs in which nothing happens and nothing may be told. */
const QUIET_RUNS = 3

const begun = performance.now()
const say = (line: string) => console.log(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${line}`)

const stopped = new AbortController()

function failed(error: unknown): number {
  console.error(stopped.signal.aborted ? 'stopped' : error)
  return 1
}

async function demonstrate(): Promise<number> {
  const { values } = parseArgs({ options: { every: { type: 'string', default: '2' }, inside: { type: 'boolean' } } })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort())
  await using servers = await startServers()
  const lossy = isInside() && losePackets(Object.values(servers.ports))
  say(`Everything takes place ${describePlace(lossy)}.`)
  await using receiver = await startReceiver(tell)
  await using service = await startService()
  say(`The service is ready at ${service.url}; its queue is in ${service.queue}.`)
  await servers.closeTelnet()
  const everySeconds = Number(values.every)
  const schedule = await configure(service.client, { servers, receiver, everySeconds })
  say(`A schedule looks at three ports every ${everySeconds} s. What the webhook is told stands behind ">".`)
  const story = storyOf(servers, service)
  for (const act of story) await perform(act, receiver.told)
  say(`Nothing happens any more: ${QUIET_RUNS} more runs, and silence.`)
  await runsPass(service, QUIET_RUNS)
  await rest(service.client, schedule)
  return judge(story, receiver.told)
}

type Wish = { readonly servers: Servers; readonly receiver: Receiver; readonly everySeconds: number }

/** A webhook, a policy, a schedule: as anybody does it, over HTTP. The id of the schedule. */
async function configure(client: ApiClient, { servers, receiver, everySeconds }: Wish): Promise<string> {
  const webhook = { name: 'you', url: receiver.url, events: ['change.*' as const, 'finding.*' as const] }
  receiver.trust((await take(client.POST('/v1/webhooks', { body: webhook }))).secret ?? '')
  await take(client.POST('/v1/policies', { body: { name: 'demo', document: policyFor(servers.ports) } }))
  const schedule = { name: 'demo', scan: scanOf(servers.ports), everySeconds }
  const made = await take(client.POST('/v1/schedules', { body: schedule }))
  if (!('id' in made)) throw new Error('the schedule was not made')
  return made.id
}

const INDENT = ' '.repeat(15)
const LOOKS: Readonly<Record<string, string>> = { change: '~', finding: '!', resolved: '✓' }

function tell({ type, text, close }: Told): void {
  const [kind = '', what = ''] = type.split('.')
  say(`  > ${LOOKS[what] ?? LOOKS[kind] ?? ' '} ${type}: ${what === 'resolved' ? 'no longer so: ' : ''}${text}`)
  if (what !== 'opened' || close === null) return
  console.log(`${INDENT}To close it: ${close.ufw}`)
  console.log(`${INDENT}         or: ${close.nftables}`)
  console.log(`${INDENT}         or: ${close.windows}`)
}

/** Until all that the act has to tell is told. Throws when it is not in time. */
async function perform({ what, run, events }: Act, told: Receiver['told']): Promise<void> {
  say('')
  say(what)
  const before = told.length
  await run()
  const end = performance.now() + PATIENCE
  while (told.length < before + events.length) {
    if (performance.now() > end) throw new Error(`not told within ${PATIENCE / 1000} s: ${events.join(', ')}`)
    await sleep(50, undefined, { signal: stopped.signal })
  }
}

/** Resolves when so many scans more have ended. */
async function runsPass({ client }: Service, count: number): Promise<void> {
  const since = Date.now()
  for (;;) {
    const { items } = await take(client.GET('/v1/scans', { params: { query: { limit: 50 } } }))
    const over = items.filter((scan) => scan.status === 'completed' && Date.parse(scan.createdAt) > since)
    if (over.length >= count) return
    await sleep(200, undefined, { signal: stopped.signal })
  }
}

/** No scan begins any more, and the last one ends: the service stops at once then. */
async function rest(client: ApiClient, id: string): Promise<void> {
  await take(client.POST('/v1/schedules/{id}/pause', { params: { path: { id } } }))
  for (;;) {
    const { items } = await take(client.GET('/v1/scans', { params: { query: { limit: 1 } } }))
    if (items[0]?.finishedAt !== null) return
    await sleep(100, undefined, { signal: stopped.signal })
  }
}

function judge(story: readonly Act[], told: Receiver['told']): number {
  const flaws: string[] = []
  const expected = story.flatMap(({ events }) => events)
  // What is told of one port keeps its order; of two ports either may be first.
  for (const port of new Set(expected.map((event) => event.split(' ')[1]))) {
    const wanted = expected.filter((event) => event.endsWith(` ${port}`))
    const got = told.filter((one) => String(one.port) === port).map(({ type }) => `${type} ${port}`)
    if (got.join() !== wanted.join()) flaws.push(`expected ${wanted.join(', ')}; told ${got.join(', ')}`)
  }
  if (told.length !== expected.length) flaws.push(`expected ${expected.length} messages; there were ${told.length}`)
  if (new Set(told.map(({ id }) => id)).size !== told.length) flaws.push('a message came twice')
  if (told.some(({ genuine }) => !genuine)) flaws.push('a signature is wrong')
  say('')
  for (const flaw of flaws) say(`WRONG: ${flaw}`)
  if (flaws.length === 0)
    say(`As it should be: ${told.length} messages, each once, in order, each with a valid signature.`)
  return flaws.length === 0 ? 0 : 1
}

process.exitCode = canEnter() && !isInside() ? await enter() : await demonstrate().catch(failed)
