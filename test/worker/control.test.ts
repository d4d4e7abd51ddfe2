import { createDb } from '@portolan/db/client.ts'
import { createControl } from '@portolan/worker/control.ts'
import { createPace } from '@portolan/worker/pace.ts'
import { createStop } from '@portolan/worker/stop.ts'
import { expect, onTestFinished, test, vi } from 'vitest'
import { pastScan } from '#test/support/past-scan.ts'
import { testDatabase } from '#test/support/test-services.ts'

test('a shard that begins while the wishes are being asked for is not taken for one whose scan is gone', async () => {
  const db = createDb(await testDatabase())
  onTestFinished(() => db.close())
  const scans = [await pastScan(db.pool, {}), await pastScan(db.pool, {})]
  const control = createControl(db.pool, (error) => expect.fail(String(error)), 60_000)
  const watch = (scanId: string) => {
    const stop = createStop()
    control.watch(scanId, { stop, pace: createPace({ rate: null, perHostRate: null }) })
    return stop
  }
  const first = watch(scans[0] ?? '')
  control.hurry()
  // The question has been put; its answer cannot know of this one.
  const second = watch(scans[1] ?? '')
  await control.close()
  expect([first.reason(), second.reason()]).toEqual([null, null])
})

test('a shard whose scan was deleted stops', async () => {
  const db = createDb(await testDatabase())
  onTestFinished(() => db.close())
  const control = createControl(db.pool, (error) => expect.fail(String(error)), 20)
  onTestFinished(() => control.close())
  const stop = createStop()
  control.watch('01a1a000-0000-7000-8000-00000000000a', { stop, pace: createPace({ rate: null, perHostRate: null }) })
  await vi.waitFor(() => expect(stop.reason()).toBe('cancel'))
})
