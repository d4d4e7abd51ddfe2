import { readEvents } from '@portolan/client/read-events.ts'
import { expect, test } from 'vitest'

const streamOf = (chunks: Iterable<Uint8Array>) => ReadableStream.from<Uint8Array>(chunks)

test('events are read however they are cut', async () => {
  const text = Buffer.from(
    'retry: 1000\r\n\r\n: still here\n\nevent: port\nid: 7\ndata: {"a":"ü"}\n\nevent: done\ndata: 1\ndata: 2\n\n',
  )
  const pieces = [...text].map((byte) => Uint8Array.of(byte))
  expect(await Array.fromAsync(readEvents(streamOf(pieces)))).toEqual([
    { event: 'port', id: '7', data: '{"a":"ü"}' },
    { event: 'done', id: null, data: '1\n2' },
  ])
})

test('none may grow without end', async () => {
  const endless = streamOf(Array(40).fill(Buffer.alloc(64 * 1024, 'x')))
  await expect(Array.fromAsync(readEvents(endless))).rejects.toThrow('without end')
})

test('who stops reading lets go of the connection', async () => {
  let cancelled = false
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(Buffer.from('data: x\n\n')),
    cancel() {
      cancelled = true
    },
  })
  for await (const _ of readEvents(stream)) break
  expect(cancelled).toBe(true)
})
