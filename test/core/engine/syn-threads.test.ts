import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { maySendRaw } from '#core/engine/select-engine.ts'

/** Three scans of loopback at once, then one more: prints how many results each gave, and how it ends is up to Node. */
const PROGRAM = `
  import { createSynEngine } from '#core/engine/syn-engine.ts'
  import { createProbeSpace } from '#core/target/create-probe-space.ts'
  import { parseTargets } from '#core/target/target-spec.ts'
  const { literal: addresses } = parseTargets(['127.0.0.1']).targets
  const scan = async () => {
    const space = createProbeSpace({ addresses, ports: [{ first: 1, last: 20 }], transport: 'tcp', seed: 1 })
    const task = { space, from: 0, to: space.size, record: 'all' }
    let count = 0
    for await (const { results } of createSynEngine().scan(task, new AbortController().signal)) count += results.length
    return count
  }
  console.log(await Promise.all([scan(), scan(), scan()]), await scan())`

describe.runIf(maySendRaw())('threads that wait for another scan', () => {
  it('do not keep the process', () => {
    const { stdout, stderr, signal, status } = spawnSync(process.execPath, ['--eval', PROGRAM], {
      encoding: 'utf8',
      timeout: 25_000,
    })
    expect({ stdout: stdout.trim(), stderr, signal, status }).toEqual({
      stdout: '[ 20, 20, 20 ] 20',
      stderr: '',
      signal: null,
      status: 0,
    })
  })
})
