import fc from 'fast-check'
import { expect, test } from 'vitest'
import { finishJob, isVantageName, JOB_VERSION, parseJob, planJob, scanQueue, shardJob } from '#core/jobs.ts'

const SCAN = '0199a5c0-0000-7000-8000-000000000001'

test('what is put in is what is read', () => {
  for (const { data, name } of [planJob(SCAN), finishJob(SCAN), shardJob(SCAN, '9007199254740993', 3)]) {
    expect(parseJob(JSON.parse(JSON.stringify(data)))).toEqual({ ok: true, job: data })
    expect(data.name).toBe(name)
  }
})

test('a shard claimed again is another job, the same claim the same', () => {
  expect(shardJob(SCAN, '7', 1).id).toBe(shardJob(SCAN, '7', 1).id)
  expect(shardJob(SCAN, '7', 1).id).not.toBe(shardJob(SCAN, '7', 2).id)
  // What BullMQ takes for an id of its own, or for a part of a key.
  for (const { id } of [planJob(SCAN), shardJob(SCAN, '7', 1)]) expect(id).toMatch(/^[a-z][a-z0-9-]*$/)
})

test('another version is told apart from nonsense', () => {
  expect(parseJob({ ...planJob(SCAN).data, v: JOB_VERSION + 1 })).toEqual({
    ok: false,
    why: 'version',
    v: JOB_VERSION + 1,
  })
  const nonsense = [null, 7, 'plan', [], {}, { name: 'plan', v: JOB_VERSION }, { ...planJob(SCAN).data, v: '1' }]
  for (const data of nonsense) expect(parseJob(data)).toEqual({ ok: false, why: 'malformed' })
  const shard = shardJob(SCAN, '7', 1).data
  for (const change of [{ shardId: '-1' }, { shardId: '1; DROP' }, { scanId: `${SCAN}0` }, { name: 'other' }])
    expect(parseJob({ ...shard, ...change })).toEqual({ ok: false, why: 'malformed' })
})

test('never throws, whatever is in the queue', () => {
  fc.assert(fc.property(fc.anything(), (data) => void parseJob(data)))
})

test('vantage names fit a queue name', () => {
  expect(scanQueue('internet-eu')).toBe('portolan-scan-internet-eu')
  for (const name of ['default', 'a', '0', 'x'.repeat(63)]) expect(isVantageName(name)).toBe(true)
  for (const name of ['', 'A', 'a:b', 'a b', '-a', 'x'.repeat(64), 'ä']) expect(isVantageName(name)).toBe(false)
})
