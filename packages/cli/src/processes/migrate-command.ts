import { migrate } from '@portolan/db/migrate.ts'
import { openQueues } from '@portolan/queue/queues.ts'
import type { Options } from '../command-spec.ts'
import { EXIT } from '../exit.ts'
import { textOption } from '../read-options.ts'
import { databaseUrl } from './database-url.ts'

export async function migrateCommand(options: Options): Promise<number> {
  const url = databaseUrl(options)
  const applied = await migrate(url)
  await migrateQueues(textOption(options, 'queue') || url)
  for (const name of applied) process.stdout.write(`applied ${name}\n`)
  process.stdout.write('the database is up to date\n')
  return EXIT.done
}

export async function migrateQueues(url: string): Promise<void> {
  await using queues = openQueues(url)
  await queues.migrate()
}
