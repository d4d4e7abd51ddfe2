/** Databases and queues for test files: real ones, fresh at each call, gone when the run ends. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { inject } from 'vitest'
import type { Wish } from './services.ts'

/** A PostgreSQL database with all migrations applied. */
export const testDatabase = (): Promise<string> => ask('database')

export const emptyDatabase = (): Promise<string> => ask('empty database')

export type TestQueue = { readonly backend: 'postgres' | 'redis'; readonly url: string }

/**
 * An empty queue store of each kind: what depends on the queue has to pass on both.
 *
 *     describe.each(await testQueueUrls())('with BullMQ on $backend', ({ url }) => { ... })
 */
export async function testQueueUrls(): Promise<readonly TestQueue[]> {
  const [postgres, redis] = await Promise.all([ask('empty database'), ask('redis')])
  return [
    { backend: 'postgres', url: postgres },
    { backend: 'redis', url: redis },
  ]
}

async function ask(wish: Wish): Promise<string> {
  const socket = connect(inject('services'))
  socket.end(`${wish}\n`)
  let text = ''
  socket.setEncoding('utf8').on('data', (part) => {
    text += part
  })
  await once(socket, 'end')
  const answer: { readonly url?: string; readonly error?: string } = JSON.parse(text)
  if (answer.url === undefined) throw new Error(answer.error)
  return answer.url
}
