/** The service portolan login, or PORTOLAN_SERVER, names: does it answer, does it know the key, who scans for it? */
import { createClient, take } from '@portolan/client/client.ts'
import { readServerEnv } from '../server/env.ts'
import { serverOf } from '../server/server-of.ts'
import { broken, type Finding, fine } from './finding.ts'
import { judgeVantages } from './judge-vantages.ts'
import { inTime, reasonOf } from './reason.ts'

/** `vantage`: what the worker on this machine calls its place; null: there is none. */
export async function examineLogin(vantage: string | null): Promise<readonly Finding[]> {
  const name = 'service'
  let where = ''
  try {
    const login = await serverOf({ server: readServerEnv().server ?? 'login' })
    if (login === null) return []
    where = `${login.server}: `
    const { items } = await inTime(take(createClient({ url: login.server, key: login.key }).GET('/v1/workers')))
    const alive = new Map<string, number>()
    for (const worker of items) alive.set(worker.vantage, (alive.get(worker.vantage) ?? 0) + (worker.alive ? 1 : 0))
    return [
      fine(name, `${login.server} answers, and the key is valid`),
      judgeVantages({ alive, wanted: vantage === null ? [] : [vantage] }),
    ]
  } catch (error) {
    const why = `${where}${reasonOf(error)}`
    return [broken(name, why, 'check the URL and that the service runs; portolan login URL keeps another key')]
  }
}
