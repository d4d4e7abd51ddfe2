/** Bull Board, on every kind of queue: who may look, and that looking is all. */
import { PLAN_QUEUE } from '@portolan/core/jobs.ts'
import { describe, expect, test } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { testApi } from './test-api.ts'

const queues = await testQueueUrls()

describe.each(queues)('queues on $backend', (queue) => {
  test('an administrator sees what waits, and changes nothing', async () => {
    const api = await testApi({}, queue)
    const { json } = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'] })
    const page = await api.send('GET', '/admin/queues')
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringContaining("script-src 'self';"),
    ])
    const script = /src="(static\/[^"]+)"/.exec(page.text)?.[1]
    expect((await api.send('GET', `/admin/queues/${script}`)).status).toBe(200)
    const board = await api.send('GET', `/admin/queues/api/queues?activeQueue=${PLAN_QUEUE}&status=latest&page=1`)
    expect(board.text).toContain(PLAN_QUEUE)
    expect(board.text).toContain(String(json.id))
    expect(board.text).toContain('"readOnlyMode":true')
    const pause = await api.send('PUT', `/admin/queues/api/queues/${PLAN_QUEUE}/pause`, {})
    expect([pause.status, pause.json.type]).toEqual([405, expect.stringContaining('method-not-allowed')])
  })

  test('nobody else sees anything', async () => {
    const api = await testApi({}, queue)
    const key = await api.send('POST', '/v1/keys', { name: 'manager', scopes: ['manage'] })
    for (const path of ['/admin/queues', '/admin/queues/api/queues', '/admin/queues/static/favicon.ico']) {
      expect((await api.send('GET', path, undefined, { Authorization: '' })).status).toBe(401)
      expect((await api.as(String(key.json.token))('GET', path)).status).toBe(403)
    }
  })
})
