/** Takes one job and never ends it: for the test that kills this process. */
import { openQueues } from '@portolan/queue/queues.ts'

const [, , url = '', name = ''] = process.argv
openQueues(url).worker(
  name,
  async ({ id }) => {
    process.send?.(id)
    await new Promise(() => setInterval(() => {}, 60_000))
  },
  { lockDuration: 500 },
)
