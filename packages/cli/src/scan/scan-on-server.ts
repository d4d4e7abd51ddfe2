/** `portolan scan --server`: the same words and the same output, done by the service. */
import { createClient, take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { flagOption, textOption } from '../read-options.ts'
import type { Login } from '../server/login-file.ts'
import { endedEarly, fetchResults, remarksOn, watchScan } from '../server/remote-scan.ts'
import { openTerminal } from '../terminal.ts'
import { onInterrupt } from './interrupt.ts'
import { checkFiles, printFound } from './remote-output.ts'
import { progressLine, tellEnd } from './remote-progress.ts'
import { planText, wishOf } from './remote-wish.ts'
import { readScanOptions } from './scan-options.ts'

/** What only makes sense where the packets leave. */
const LOCAL = 'resume list seed sourceAddress interface retries timeout probes recog ipv4 ipv6'.split(' ')

export async function scanOnServer(words: readonly string[], options: Options, login: Login): Promise<number> {
  const local = LOCAL.find((name) => options[name] !== undefined)
  if (local)
    throw new UsageError(`--${local.replace(/[A-Z]/g, (x) => `-${x.toLowerCase()}`)} does not go with --server`)
  const asked = await readScanOptions(words, options, { targetsRequired: true, asWritten: true })
  await checkFiles(options)
  const terminal = openTerminal({ plain: flagOption(options, 'plain'), quiet: flagOption(options, 'quiet') })
  const startedAt = Date.now()
  const client = createClient({ url: login.server, key: login.key })
  const wish = wishOf(asked, options)
  if (flagOption(options, 'dryRun')) {
    const plan = await take(client.POST('/v1/scans', { body: { ...wish, dryRun: true } }))
    if ('id' in plan) throw new Error(`${login.server} does not know dry runs, and started the scan ${plan.id}`)
    process.stdout.write(planText(plan, textOption(options, 'format') === 'json' ? null : terminal.tableWidth))
    return plan.accepted ? EXIT.done : EXIT.failed
  }
  const started = await take(client.POST('/v1/scans', { body: wish }))
  if (!('id' in started)) throw new Error(`${login.server} did not start a scan`)
  const { id, hosts } = started
  for (const remark of remarksOn(started)) complain(remark)
  using interrupt = onInterrupt(complain)
  const cancel = () =>
    void client
      .POST('/v1/scans/{id}/cancel', { params: { path: { id } } })
      .catch((error: Error) => complain(error.message))
  interrupt.signal.addEventListener('abort', cancel)
  const line = progressLine(terminal)
  const end = await watchScan(client, id, line).finally(line.clear)
  const early = endedEarly(end)
  const found = await Array.fromAsync(fetchResults(client, id))
  await printFound(found, { asked, startedAt, options, terminal, hosts, early })
  const told = { quiet: flagOption(options, 'quiet'), statsFile: textOption(options, 'stats') }
  await tellEnd({ id, hosts, ports: asked.ports, end, ...told }, terminal)
  if (interrupt.signal.aborted) return EXIT.interrupted
  if (early === null) return EXIT.done
  complain(early)
  return EXIT.failed
}

const complain = (text: string) => void process.stderr.write(`portolan: ${text}\n`)
