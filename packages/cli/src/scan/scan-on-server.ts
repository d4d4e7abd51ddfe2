/** `portolan scan --server`: the same words and the same output, done by the service. */
import { clean } from '@portolan/core/detect/text.ts'
import { formatPorts } from '@portolan/core/target/port-set.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { flagOption } from '../read-options.ts'
import { createApiClient } from '../server/api-client.ts'
import type { Login } from '../server/login-file.ts'
import { cancelScan, fetchResults, followScan, submitScan } from '../server/remote-scan.ts'
import { openTerminal } from '../terminal.ts'
import { onInterrupt } from './interrupt.ts'
import { printFound, progressLine } from './remote-output.ts'
import { readScanOptions, scanSpecs } from './scan-options.ts'

/** What only makes sense where the packets leave. */
const LOCAL = 'resume stats list dryRun seed sourceAddress interface retries timeout probes recog ipv4 ipv6'.split(' ')

export async function scanOnServer(words: readonly string[], options: Options, login: Login): Promise<number> {
  const local = LOCAL.find((name) => options[name] !== undefined)
  if (local)
    throw new UsageError(`--${local.replace(/[A-Z]/g, (x) => `-${x.toLowerCase()}`)} does not go with --server`)
  const asked = await readScanOptions(words, options, { targetsRequired: true })
  const { engine, services, pace, ports } = asked
  const terminal = openTerminal({ plain: flagOption(options, 'plain'), quiet: flagOption(options, 'quiet') })
  const startedAt = Date.now()
  const api = createApiClient(login)
  const limit = (rate: number | 'max' | undefined) =>
    typeof rate === 'number' ? Math.max(1, Math.round(rate)) : undefined
  const { id, refused } = await submitScan(api, {
    ...(await scanSpecs(words, options)),
    ports: formatPorts(ports),
    engine,
    services: services === null ? false : services === 'default' ? true : services,
    rate: limit(pace.rate),
    perHostRate: limit(pace.perHostRate),
    record: flagOption(options, 'all') ? 'all' : 'open',
  })
  for (const { target, detail } of refused) complain(`${clean(target)} is left out: ${clean(detail)}`)
  using interrupt = onInterrupt(complain)
  const cancel = () => void cancelScan(api, id).catch((error: Error) => complain(error.message))
  interrupt.signal.addEventListener('abort', cancel)
  const line = progressLine(terminal)
  const end = await followScan(api, id, line.update).finally(line.clear)
  await printFound(await Array.fromAsync(fetchResults(api, id)), { asked, startedAt, options, terminal })
  if (interrupt.signal.aborted) return EXIT.interrupted
  if (end.status === 'completed') return EXIT.done
  complain(`the scan ended ${clean(end.status)}${end.statusReason ? `: ${clean(end.statusReason)}` : ''}`)
  return EXIT.failed
}

const complain = (text: string) => void process.stderr.write(`portolan: ${text}\n`)
