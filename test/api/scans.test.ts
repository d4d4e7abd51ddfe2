import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testQueueUrls } from '../support/test-services.ts'
import { openTestApi, type TestApi } from './test-api.ts'

describe.each(await testQueueUrls())('scans, with BullMQ on $backend', (queue) => {
  let api: TestApi
  beforeAll(async () => {
    api = await openTestApi({}, queue)
  })
  afterAll(() => api.stop())

  test('a scan is accepted, pinned and readable at its Location', async () => {
    const reply = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1', '127.0.0.8/30'], ports: '22,80-81' })
    expect(reply.status).toBe(202)
    const location = reply.headers.get('location') ?? ''
    expect(location).toBe(`/v1/scans/${reply.json.id}`)
    const read = await api.send('GET', location)
    expect(read.status).toBe(200)
    expect(read.json).toEqual(reply.json)
    expect(read.json).toMatchObject({ status: 'queued', hosts: 5, probes: 15, ports: '22,80-81' })
  })
})
