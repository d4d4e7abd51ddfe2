/** The parts of a service that the environment, or portolan login, names. Libraries are loaded only then. */
import { access } from 'node:fs/promises'
import { readServerEnv } from '../server/env.ts'
import type { ServicePlaces } from './env.ts'
import { type Finding, fine } from './finding.ts'

export async function examineServices(
  { database, queue, vantage }: ServicePlaces,
  { server, loginFile } = readServerEnv(),
): Promise<readonly Finding[]> {
  const loggedIn =
    server !== null ||
    (await access(loginFile).then(
      () => true,
      () => false,
    ))
  const asked = [
    database === null
      ? [fine('database', 'not configured: portolan up brings its own')]
      : import('./examine-database.ts').then(({ examineDatabase }) => examineDatabase(database, vantage)),
    queue === null
      ? [fine('queue', 'not configured: the database')]
      : import('./examine-queue.ts').then(async ({ examineQueue }) => [await examineQueue(queue)]),
    loggedIn
      ? import('./examine-login.ts').then(({ examineLogin }) => examineLogin(database === null ? vantage : null))
      : [fine('service', 'nobody has logged in: portolan login, when there is one to ask')],
  ]
  return (await Promise.all(asked)).flat()
}
