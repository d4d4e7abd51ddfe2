import { describe, expect, it } from 'vitest'
import { maySendRaw, selectEngine } from '#core/engine/select-engine.ts'

describe('selectEngine', () => {
  it('takes what was wished for, and for `auto` the best this process may use', async () => {
    expect((await selectEngine('udp', 'syn')).name).toBe('udp')
    expect((await selectEngine('tcp', 'connect')).name).toBe('connect')
    expect((await selectEngine('tcp', 'syn')).name).toBe('syn')
    expect((await selectEngine('tcp')).name).toBe(maySendRaw() ? 'syn' : 'connect')
  })

  it.runIf(process.platform === 'linux' && process.getuid?.() === 0)('knows that root may send raw packets', () => {
    expect(maySendRaw()).toBe(true)
  })
})
