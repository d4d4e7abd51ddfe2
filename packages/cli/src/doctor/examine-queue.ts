import { PLAN_QUEUE } from '@portolan/core/jobs.ts'
import { openQueues } from '@portolan/queue/queues.ts'
import { endpointOf, whyUnreachable } from './connectable.ts'
import { broken, type Finding, fine } from './finding.ts'
import { PATIENCE, placeOf, reasonOf } from './reason.ts'

export async function examineQueue(url: string): Promise<Finding> {
  const name = 'queue'
  const where = placeOf(url)
  const endpoint = endpointOf(url)
  // The client of the queue tries again and again and does not say why; the system does.
  const unreachable = endpoint && (await whyUnreachable(endpoint, PATIENCE))
  if (endpoint && unreachable !== null)
    return broken(
      name,
      `${where}: ${unreachable}`,
      `check QUEUE_URL, and that the server runs: portolan check ${endpoint.host} ${endpoint.port} tells more`,
    )
  let trouble: unknown = null
  try {
    const queues = openQueues(url, {
      timeout: PATIENCE,
      onError: (error) => {
        trouble ??= error
      },
    })
    const { waiting, active, delayed } = await queues.queue(PLAN_QUEUE).counts()
    const said = `${where}, BullMQ on ${queues.backend === 'redis' ? 'Redis' : 'PostgreSQL'}`
    return fine(name, `${said}, ${waiting + delayed} scans wait to be planned, ${active} are`)
  } catch (error) {
    const fix = 'check QUEUE_URL, its password, and that the server runs; portolan migrate makes the tables'
    return broken(name, `${where}: ${reasonOf(trouble ?? error)}`, fix)
  }
}
