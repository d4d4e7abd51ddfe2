import { PLAN_QUEUE, parseJob } from '@portolan/core/jobs.ts'
import { openQueues } from '@portolan/queue/queues.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testQueueUrls } from '../support/test-services.ts'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

describe.each(await testQueueUrls())('starting, with BullMQ on $backend', (queue) => {
  let api: TestApi
  beforeAll(async () => {
    api = await openTestApi({}, queue)
  })
  afterAll(() => api.stop())

  test('a scan is accepted, pinned, queued, and readable at its Location', async () => {
    const reply = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1', '127.0.0.8/30'], ports: '22,80-81' })
    expect(reply.status).toBe(202)
    const location = reply.headers.get('location') ?? ''
    expect(location).toBe(`/v1/scans/${reply.json.id}`)
    const read = await api.send('GET', location)
    expect(read.json).toEqual(reply.json)
    expect(read.json).toMatchObject({ status: 'queued', hosts: 5, probes: 15, ports: '22,80-81' })
    const ranges = `SELECT host(range_start) || '-' || host(range_end) AS range FROM scan_targets WHERE scan_id = $1`
    const rows = await api.query(`${ranges} ORDER BY ordinal`, [reply.json.id])
    expect(rows.map((row) => row.range)).toEqual(['127.0.0.1-127.0.0.1', '127.0.0.8-127.0.0.11'])
  })

  test('a worker finds the job', async () => {
    const { json } = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '22' })
    const seen: unknown[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    await using queues = openQueues(queue.url)
    queues.worker(PLAN_QUEUE, async ({ data }) => {
      const parsed = parseJob(data)
      if (parsed.ok) seen.push(parsed.job.scanId)
      if (seen.includes(json.id)) resolve()
    })
    await promise
    expect(seen).toContain(json.id)
  })
})

describe('scans', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await openTestApi()
  })
  afterAll(() => api.stop())
  const start = async (body: Json = {}, headers = {}) => {
    const reply = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '22', ...body }, headers)
    expect(reply.status, reply.text).toBe(202)
    return reply
  }

  test('names are resolved once and every address is pinned under its name', async () => {
    const { json } = await start({ targets: ['two.test', '127.0.0.0/30', 'six.test'] })
    expect(json).toMatchObject({ targets: ['two.test', '127.0.0.0/30', 'six.test'], hosts: 5 })
    const rows = await api.query(
      'SELECT name, host(range_start) AS first, host(range_end) AS last FROM scan_targets WHERE scan_id = $1 ORDER BY ordinal',
      [json.id],
    )
    expect(rows).toEqual([
      { name: 'two.test', first: '127.0.0.1', last: '127.0.0.1' },
      { name: 'two.test', first: '::1', last: '::1' },
      { name: null, first: '127.0.0.0', last: '127.0.0.0' },
      { name: null, first: '127.0.0.2', last: '127.0.0.3' },
    ])
  })

  test('a dry run tells what would happen, refusals included, and writes nothing', async () => {
    const before = await api.query('SELECT count(*) FROM scans')
    const targets = ['two.test', '127.0.0.0/29', '10.0.0.1']
    const body = { targets, exclude: ['127.0.0.7'], ports: '22,U:53', rate: 2, dryRun: true }
    const { status, json } = await api.send('POST', '/v1/scans', body)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      hosts: 8,
      ports: { tcp: 1, udp: 1, spec: 'T:22,U:53' },
      probes: 16,
      estimatedSeconds: 8,
      accepted: false,
      refused: [{ target: '10.0.0.1', reason: 'special-purpose', addresses: '10.0.0.1' }],
      resolved: [{ name: 'two.test', addresses: ['127.0.0.1', '::1'] }],
    })
    expect(await api.query('SELECT count(*) FROM scans')).toEqual(before)
  })

  test('the list is newest first, whole, and stable while scans are added', async () => {
    const ids: unknown[] = []
    for (let i = 0; i < 5; i++) ids.push((await start({ label: 'paged' })).json.id)
    const seen: unknown[] = []
    let path: string | null = '/v1/scans?label=paged&limit=2'
    while (path !== null) {
      const { json } = await api.send('GET', path)
      const { items, next } = json as { items: Json[]; next: string | null }
      seen.push(...items.map((scan) => scan.id))
      await start({ label: 'paged' })
      path = next === null ? null : `/v1/scans?label=paged&limit=2&cursor=${next}`
    }
    expect(seen).toEqual(ids.reverse())
  })

  test('a cursor that was altered, or made for another list, is refused', async () => {
    await start()
    await start()
    const { next } = (await api.send('GET', '/v1/scans?limit=1')).json as { next: string }
    const altered = next.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))
    for (const path of [`/v1/scans?cursor=${altered}`, `/v1/scopes?cursor=${next}`, '/v1/scans?cursor=x']) {
      const reply = await api.send('GET', path)
      expect(reply.json).toMatchObject({ type: '/problems/validation', errors: [{ in: 'query', pointer: '#/cursor' }] })
    }
  })

  test('list parameters are checked', async () => {
    for (const query of ['limit=0', 'limit=1e3', 'limit=1001', 'status=done', 'color=red', 'limit=5&limit=6']) {
      const reply = await api.send('GET', `/v1/scans?${query}`)
      expect(reply.json, query).toMatchObject({ type: '/problems/validation', errors: [{ in: 'query' }] })
    }
    const both = await api.send('GET', '/v1/scans?status=queued,running&status=failed')
    expect(both.status).toBe(200)
  })

  test('cancel, pause and resume are idempotent, and a cancelled scan stays cancelled', async () => {
    const { json } = await start()
    await api.query(`UPDATE scans SET status = 'running', started_at = now() WHERE id = $1`, [json.id])
    const wanted = async () => (await api.query('SELECT wanted FROM scans WHERE id = $1', [json.id]))[0]?.wanted
    const act = (verb: string) => api.send('POST', `/v1/scans/${json.id}/${verb}`)
    expect((await act('pause')).status).toBe(202)
    expect((await act('pause')).status).toBe(202)
    expect(await wanted()).toBe('pause')
    await act('resume')
    expect(await wanted()).toBe('run')
    await act('cancel')
    expect((await act('resume')).status).toBe(202)
    expect(await wanted()).toBe('cancel')
    await api.query(`UPDATE scans SET status = 'cancelled' WHERE id = $1`, [json.id])
    expect((await act('cancel')).status).toBe(202)
    expect((await act('pause')).json).toMatchObject({ type: '/problems/conflict', status: 409 })
    const audit = await api.query('SELECT action FROM audit_entries WHERE target_id = $1 ORDER BY id', [json.id])
    const actions = audit.map((entry) => entry.action)
    expect(actions).toEqual(['scan.start', 'scan.pause', 'scan.resume', 'scan.cancel'])
  })

  test('a scan nobody has planned yet is cancelled at once', async () => {
    const { json } = await start()
    const reply = await api.send('POST', `/v1/scans/${json.id}/cancel`)
    expect(reply.json).toMatchObject({ status: 'cancelled' })
    expect(reply.json.finishedAt).not.toBeNull()
  })

  test('a scan of which nothing runs is paused and resumed at once, and says what is tried again', async () => {
    const { json } = await start()
    await api.query(
      `UPDATE scans SET status = 'running', started_at = now(), status_reason = NULL, step_error = 'no' WHERE id = $1`,
      [json.id],
    )
    await api.query(
      `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint)
       VALUES ($1, 'default', 'tcp', 0, 0, 10, 0)`,
      [json.id],
    )
    const act = async (verb: string) => (await api.send('POST', `/v1/scans/${json.id}/${verb}`)).json
    expect(await act('pause')).toMatchObject({ status: 'paused', statusReason: 'tried again: no' })
    expect(await act('resume')).toMatchObject({ status: 'running' })
  })

  test('a rerun asks for the same again', async () => {
    const wishes = {
      targets: ['two.test'],
      ports: '22,U:53',
      rate: 500,
      label: 'again',
      services: 'light',
      priority: 3,
    }
    const { json } = await start(wishes)
    const { status, json: again } = await api.send('POST', `/v1/scans/${json.id}/rerun`)
    expect(status).toBe(202)
    expect(again.id).not.toBe(json.id)
    expect(again).toMatchObject({ ...wishes, ports: json.ports, rerunOf: json.id, status: 'queued' })
  })

  test('progress is the sum over the shards', async () => {
    const { json } = await start({ ports: '1-1000' })
    await api.query(
      `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint, open)
       VALUES ($1, 'default', 'tcp', 0, 0, 500, 500, 3), ($1, 'default', 'tcp', 1, 500, 1000, 750, 1)`,
      [json.id],
    )
    await api.query(`UPDATE scans SET status = 'running', started_at = now() - interval '10 s' WHERE id = $1`, [
      json.id,
    ])
    const { progress } = (await api.send('GET', `/v1/scans/${json.id}`)).json as { progress: Json }
    expect(progress).toMatchObject({ probesDone: 750, probesTotal: 1000, percent: 75, open: 4 })
    expect(progress.rate).toBeGreaterThan(60)
    expect(progress.etaSeconds).toBeLessThanOrEqual(5)
  })

  test('a single scan has a tag, and an unchanged one costs no body', async () => {
    const { headers } = await start()
    const path = headers.get('location') ?? ''
    const tag = (await api.send('GET', path)).headers.get('etag') ?? ''
    const same = await api.send('GET', path, undefined, { 'If-None-Match': tag })
    expect({ status: same.status, text: same.text }).toEqual({ status: 304, text: '' })
    await api.send('POST', `${path}/cancel`)
    expect((await api.send('GET', path, undefined, { 'If-None-Match': tag })).status).toBe(200)
  })
})
