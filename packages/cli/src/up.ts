/** `portolan up`: everything on this machine with one command, stopped with Ctrl-C. */
import path from 'node:path'
import { migrate } from '@portolan/db/migrate.ts'
import { dataDirectory } from '@portolan/embedded/data-directory.ts'
import { lockDirectory } from '@portolan/embedded/directory-lock.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import { migrateQueues } from './processes/migrate-command.ts'
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

/** What ends a start or a run: a signal (null), or a reason to fail. */
type End = { readonly signal: AbortSignal; end(failure: Error | null): void; readonly ended: Promise<Error | null> }

/** Runs until a signal says stop, or the embedded database is gone; resolves with the exit code. */
export async function up({ newKey = false }: UpOptions = {}): Promise<number> {
  const end = createEnd()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end.end(null))
  /** In the order of starting; stopped from the end. */
  const stops: Stop[] = []
  try {
    await start(stops, end, newKey).catch((error: unknown) => {
      // A signal during the start is no failure of it.
      if (!end.signal.aborted) throw error
    })
    const failure = await end.ended
    if (failure !== null) throw failure
    return 0
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error))
    return 1
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

/** A signal for `npm start` reaches npm and the shell between, which dies of it and tells nobody. */
function whenShellIsGone(stop: () => void): void {
  const shell = process.ppid
  setInterval(() => process.ppid !== shell && stop(), 250).unref()
}

function createEnd(): End {
  const controller = new AbortController()
  const { promise: ended, resolve } = Promise.withResolvers<Error | null>()
  return {
    signal: controller.signal,
    ended,
    end(failure) {
      resolve(failure)
      controller.abort()
    },
  }
}

async function start(stops: Stop[], end: End, newKey: boolean): Promise<void> {
  const env = readUpEnv()
  if (env.npm_lifecycle_event !== undefined) whenShellIsGone(() => end.end(null))
  const listening = { host: env.HOST, port: env.PORT }
  await refuseTakenPort(listening)
  const data = dataDirectory(env.PORTOLAN_DATA_DIR)
  stops.push(lockDirectory(data.path))
  if (data.note !== null) say(`The data is in ${data.path}: ${data.note}.`)
  const databaseUrl = env.DATABASE_URL ?? (await startDatabase(stops, data.path, { env, end }))
  const queueUrl = env.QUEUE_URL ?? databaseUrl
  end.signal.throwIfAborted()
  await migrate(databaseUrl)
  await migrateQueues(queueUrl)
  const key = await keyToShow(databaseUrl, { newKey, token: env.PORTOLAN_BOOTSTRAP_KEY })
  end.signal.throwIfAborted()
  const children = startChildren(stops, { listening, databaseUrl, queueUrl, directory: data.path })
  await Promise.race([Promise.all(children.map((child) => child.ready)), end.ended])
  end.signal.throwIfAborted()
  greet(urlOf(listening), key, data.path)
}

type DatabaseOptions = { readonly env: UpEnv; readonly end: End }

async function startDatabase(stops: Stop[], directory: string, { env, end }: DatabaseOptions): Promise<string> {
  const server = await startPostgres(directory, { port: env.PORTOLAN_POSTGRES_PORT })
  let stopping = false
  stops.push(() => {
    stopping = true
    return server.stop()
  })
  server.exited.then(() => {
    if (!stopping) end.end(new Error(`PostgreSQL has ended; its log is ${path.join(directory, 'postgres.log')}`))
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
  // Compiled code is kept: from the second time on a process starts in half the time.
  const cache = path.join(directory, 'compiled')
  const addresses = { DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl, HOST: host, PORT: String(port) }
  const env = { ...addresses, NODE_COMPILE_CACHE: cache }
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
