/**
 * How long one worker takes over many endpoints at default concurrency; the bar is 1,000 in 60 seconds.
 *
 *   npm exec -- node bench/detect/thousand.ts [--count 1000] [--silent 20] [--mode default]
 *
 * `--silent 50`: half of them accept and say nothing, which costs the most.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createDetector } from '../../packages/core/src/detect/detect.ts'
import type { Mode } from '../../packages/core/src/detect/plan.ts'
import { CROWD_PORT, crowdAddress } from './crowd.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    silent: { type: 'string', default: '20' },
    mode: { type: 'string', default: 'default' },
  },
})
const count = Number(values.count)
const crowd = spawn(process.execPath, [path.join(import.meta.dirname, 'crowd.ts'), values.count, values.silent], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
await once(crowd.stdout, 'data')

// because parseArgs knows no literal types; a wrong word fails at once in LIMITS
const detector = createDetector({ mode: values.mode as Mode })
const before = process.cpuUsage()
const started = performance.now()
const seconds: number[] = []
const verdicts = new Map<string, number>()
await Promise.all(
  Array.from({ length: count }, async (_, n) => {
    const begun = performance.now()
    const { status } = await detector.detect({ address: crowdAddress(n), port: CROWD_PORT, transport: 'tcp' })
    seconds.push((performance.now() - begun) / 1000)
    verdicts.set(status, (verdicts.get(status) ?? 0) + 1)
  }),
)
const wall = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage(before)
seconds.sort((a, b) => a - b)
const at = (share: number) => (seconds[Math.floor((seconds.length - 1) * share)] ?? 0).toFixed(1)
console.log(
  `${count} endpoints, mode ${values.mode}: ${wall.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s CPU,`,
)
console.log(
  `median ${at(0.5)} s, 90 % ${at(0.9)} s, slowest ${at(1)} s, ${Math.round(process.memoryUsage.rss() / 1e6)} MB`,
)
console.log([...verdicts].map(([status, n]) => `${status} ${n}`).join(', '))
crowd.stdin.end()
await once(crowd, 'exit')
