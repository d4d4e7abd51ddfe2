/**
 * Detects every endpoint of a list on 127.0.0.1 and prints one result a line as bench/lab/score.mjs reads it.
 *
 *   node bench/detect/scan.ts [--mode MODE] [--address A] T:20050,20051,U:21419 [> result.jsonl]
 *
 * The time goes to standard error as `seconds N`.
 */
import { parseArgs } from 'node:util'
import { createDetector } from '../../packages/core/src/detect/detect.ts'
import type { Detection } from '../../packages/core/src/detect/protocol.ts'

type Mode = 'light' | 'default' | 'all'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mode: { type: 'string', default: 'default' },
    address: { type: 'string', default: '127.0.0.1' },
    verbose: { type: 'boolean', default: false },
  },
})

/** `T:1,2,U:3` as endpoints. */
function* endpoints(set: string) {
  let transport: 'tcp' | 'udp' = 'tcp'
  for (const part of set.split(',').filter(Boolean)) {
    const [, kind, port] = /^(?:([TU]):)?(\d+)$/.exec(part) ?? []
    if (kind !== undefined) transport = kind === 'U' ? 'udp' : 'tcp'
    yield { address: values.address, port: Number(port), transport }
  }
}

function line(proto: string, port: number, detection: Detection, seconds: number): string {
  const known = detection.status === 'identified' ? detection.service : null
  const silent = detection.status === 'silent' && proto === 'udp'
  return JSON.stringify({
    proto,
    port,
    state: silent ? 'open|filtered' : 'open',
    service: known?.name ?? (detection.status === 'tcpwrapped' ? 'tcpwrapped' : ''),
    product: known?.product ?? '',
    version: known?.version ?? '',
    tls: detection.tls === null ? 0 : 1,
    ...(values.verbose
      ? { seconds, detection: { ...detection, evidence: Buffer.from(detection.evidence).toString('latin1') } }
      : {}),
  })
}

const started = performance.now()
// because parseArgs knows no literal types; a wrong word fails at once in LIMITS
const detector = createDetector({ mode: values.mode as Mode })
await Promise.all(
  [...endpoints(positionals.join(','))].map(async (target) => {
    const begun = performance.now()
    const detection = await detector.detect(target)
    process.stdout.write(`${line(target.transport, target.port, detection, (performance.now() - begun) / 1000)}\n`)
  }),
)
process.stderr.write(`seconds ${((performance.now() - started) / 1000).toFixed(1)}\n`)
process.exit(0)
