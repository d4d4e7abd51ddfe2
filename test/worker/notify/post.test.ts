/** Receivers whose name means something else each time it is asked for. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { guardOf } from '@portolan/worker/notify/guard.ts'
import { post } from '@portolan/worker/notify/post.ts'
import { expect, onTestFinished, test } from 'vitest'

/** Two on the same port of two addresses; where requests came, with the host they asked for. */
async function twoReceivers() {
  const got: string[] = []
  let port = 0
  for (const address of ['127.0.0.2', '127.0.0.3']) {
    const server = createServer((request, response) => {
      got.push(`${address} as ${request.headers.host}`)
      response.end()
    })
    await once(server.listen(port, address), 'listening')
    port = (server.address() as AddressInfo).port
    onTestFinished(() => void server.close())
  }
  return { got, port }
}

test('a name is asked once, and what it says at a second look is never connected to', async () => {
  const { got, port } = await twoReceivers()
  let asked = 0
  const sent = () =>
    post({
      url: `http://rebind.example.org:${port}/hook`,
      body: '{}',
      headers: {},
      guard: guardOf(['127.0.0.2/32'], []),
      resolve: async () => [{ address: asked++ === 0 ? '127.0.0.2' : '127.0.0.3' }],
    })
  expect(await sent()).toMatchObject({ status: 200 })
  expect([got, asked]).toEqual([[`127.0.0.2 as rebind.example.org:${port}`], 1])
  // The next attempt asks and judges anew.
  expect(await sent()).toMatchObject({ status: null, error: expect.stringMatching(/127\.0\.0\.3 may not/) })
  expect([got.length, asked]).toEqual([1, 2])
})

test.each([
  ['a forbidden address beside a permitted one', ['127.0.0.2', '127.0.0.3'], /127\.0\.0\.3 may not/],
  ['the database of the installation', ['198.51.99.7'], /this installation itself runs there/],
  ['an address with a zone', ['fe80::1%lo'], /is no address/],
  ['nothing', [], /has no address/],
])('a name that leads to %s gets nothing', async (_, addresses, error) => {
  const { got, port } = await twoReceivers()
  const outcome = await post({
    url: `http://x.example.org:${port}/`,
    body: '{}',
    headers: {},
    guard: guardOf(['127.0.0.2/32'], ['198.51.99.7']),
    resolve: async () => addresses.map((address) => ({ address })),
  })
  expect(outcome).toMatchObject({ status: null, error: expect.stringMatching(error) })
  expect(got).toEqual([])
})
