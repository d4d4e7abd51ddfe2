/** The parts of a service, one by one, for whoever spreads them over several machines. */
import type { CommandSpec, OptionSpec } from '../command-spec.ts'

const DATABASE: OptionSpec = {
  flags: '--database <url>',
  description: 'PostgreSQL, as postgres://USER:PASSWORD@HOST/NAME; better kept out of sight in the environment',
  env: 'DATABASE_URL',
}
const QUEUE: OptionSpec = {
  flags: '--queue <url>',
  description: 'Redis (redis://) or PostgreSQL; unless named the database',
  env: 'QUEUE_URL',
}

const become =
  (name: 'api' | 'worker'): CommandSpec['run'] =>
  async (_, options) => {
    const { becomeProcess } = await import('../processes/become-process.ts')
    return becomeProcess(name, options)
  }

export const API: CommandSpec = {
  name: 'api',
  summary: 'run the API of a service and its web page',
  description: 'Ctrl-C stops it. Whatever else it reads from the environment is in docs/api.md.',
  options: [
    DATABASE,
    QUEUE,
    { flags: '--host <address>', description: 'address to listen on (default: 127.0.0.1)', env: 'HOST' },
    { flags: '--port <n>', description: 'port to listen on (default: 7070)', env: 'PORT' },
  ],
  run: become('api'),
}

export const WORKER: CommandSpec = {
  name: 'worker',
  summary: 'run a worker: it scans for a service, from this machine',
  description: 'Ctrl-C stops it, and another worker continues what it had begun.',
  options: [
    DATABASE,
    QUEUE,
    {
      flags: '--vantage <name>',
      description: 'what this place in the network is called (default: default)',
      env: 'PORTOLAN_VANTAGE',
    },
    { flags: '--concurrency <n>', description: 'shards at once (default: 2)', env: 'PORTOLAN_CONCURRENCY' },
  ],
  run: become('worker'),
}

export const MIGRATE: CommandSpec = {
  name: 'migrate',
  summary: 'bring a database up to date before a newer API starts',
  description: 'Safe to run at any time, by several at once, and again.',
  options: [DATABASE, QUEUE],
  examples: [{ command: 'portolan migrate', note: 'the database that DATABASE_URL names' }],
  service: true,
  async run(_, options) {
    const { migrateCommand } = await import('../processes/migrate-command.ts')
    return migrateCommand(options)
  },
}
