/** `portolan up`: everything on this machine with one command, stopped with Ctrl-C. */
import path from 'node:path'
import { migrate } from '@portolan/db/migrate.ts'
import { dataDirectory } from '@portolan/embedded/data-directory.ts'
import { lockDirectory } from '@portolan/embedded/directory-lock.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import { openQueues } from '@portolan/queue/queues.ts'
import { type Child, startChild } from './up/child.ts'
import { readUpEnv, type UpEnv } from './up/env.ts'
import { keyToShow } from './up/keys.ts'
import { answersAt, type Listening, refuseTakenPort, urlOf } from './up/port.ts'

export interface UpOptions {
  /** Makes and prints another key. */
  readonly newKey?: boolean
}

type Stop = () => Promise<unknown> | unknown

const say = (line: string) => process.stdout.write(`${line}\n`)
const complain = (line: string) => process.stderr.write(`portolan: ${line}\n`)

/** Runs until a signal says stop, or the embedded database is gone; resolves with the exit code. */
export async function up({ newKey = false }: UpOptions = {}): Promise<number> {
  /** In the order of starting; stopped from the end. */
  const stops: Stop[] = []
  try {
    const end = Promise.withResolvers<number>()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end.resolve(0))
    const started = start(stops, { newKey, end: end.resolve }).catch(end.reject)
    const code = await end.promise
    // A signal during the start waits for the step under way, so that what it starts is stopped, too.
    await Promise.race([started, new Promise((done) => setTimeout(done, 10_000).unref())])
    return code
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error))
    return 1
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

type StartOptions = { readonly newKey: boolean; readonly end: (code: number) => void }

async function start(stops: Stop[], { newKey, end }: StartOptions): Promise<void> {
  const env = readUpEnv()
  const listening = { host: env.HOST, port: env.PORT }
  await refuseTakenPort(listening)
  const data = dataDirectory(env.PORTOLAN_DATA_DIR)
  stops.push(lockDirectory(data.path))
  if (data.note !== null) say(`The data is in ${data.path}: ${data.note}.`)
  const databaseUrl = env.DATABASE_URL ?? (await startDatabase(stops, data.path, { env, end }))
  const queueUrl = env.QUEUE_URL ?? databaseUrl
  await migrate(databaseUrl)
  await using queues = openQueues(queueUrl)
  await queues.migrate()
  const key = await keyToShow(databaseUrl, { newKey, token: env.PORTOLAN_BOOTSTRAP_KEY })
  const children = startChildren(stops, { listening, databaseUrl, queueUrl, directory: data.path })
  await Promise.all(children.map((child) => child.ready))
  greet(urlOf(listening), key, data.path)
}

type DatabaseOptions = { readonly env: UpEnv; readonly end: (code: number) => void }

async function startDatabase(stops: Stop[], directory: string, { env, end }: DatabaseOptions): Promise<string> {
  const server = await startPostgres(directory, { port: env.PORTOLAN_POSTGRES_PORT })
  let stopping = false
  stops.push(() => {
    stopping = true
    return server.stop()
  })
  server.exited.then(() => {
    if (stopping) return
    complain(`PostgreSQL has ended; its log is ${path.join(directory, 'postgres.log')}`)
    end(1)
  })
  return server.url
}

type Installation = {
  readonly listening: Listening
  readonly databaseUrl: string
  readonly queueUrl: string
  readonly directory: string
}

function startChildren(stops: Stop[], { listening, databaseUrl, queueUrl, directory }: Installation): readonly Child[] {
  const { host, port } = listening
  const env = { DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl, HOST: host, PORT: String(port) }
  return (['api', 'worker'] as const).map((name) => {
    const child = startChild({
      name,
      program: import.meta.resolve(`@portolan/${name}/main.ts`),
      env,
      logFile: path.join(directory, `${name}.log`),
      say: complain,
      ...(name === 'api' ? { isReady: () => answersAt(listening) } : {}),
    })
    stops.push(() => child.stop())
    return child
  })
}

function greet(url: string, key: string | null, directory: string): void {
  say(`Portolan is ready at ${url}`)
  say(`Data and logs are in ${directory}`)
  if (key === null) say('The API key was shown at the first start; for another one: npm start -- --new-key')
  else say(`API key (kept hashed, not shown again): ${key}`)
  say('\nScan this machine:\n')
  say(`  curl -s ${url}/v1/scans -H 'Authorization: Bearer ${key ?? 'YOUR-KEY'}' \\`)
  say(`    -H 'Content-Type: application/json' -d '{"targets":["127.0.0.1"]}'`)
  say('\nCtrl-C stops everything.')
}
