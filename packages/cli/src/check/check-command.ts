import { serviceRecord } from '@portolan/core/format/endpoint-record.ts'
import { isEmpty } from '@portolan/core/target/address-set.ts'
import type { Options } from '../command-spec.ts'
import { EXIT } from '../exit.ts'
import { flagOption, numberOption, textOption } from '../read-options.ts'
import { resolveReach } from '../scan/plan-scan.ts'
import { readScanOptions } from '../scan/scan-options.ts'
import { openTerminal, type Terminal } from '../terminal.ts'
import { wrapped } from '../wrapped.ts'
import { ask, type Checked, type Endpoint, probe } from './check-endpoint.ts'
import { hostAndPort } from './host-and-port.ts'
import { askElsewhere, sideBySide } from './side-by-side.ts'

export async function checkCommand(args: readonly string[], options: Options): Promise<number> {
  const { host, port, transport } = hostAndPort(args)
  // The options check shares with scan are read there; the ports come from the second argument.
  const scan = await readScanOptions([host], { ...options, ports: undefined }, { targetsRequired: true })
  const { addresses, unresolved, names } = await resolveReach(scan)
  const asJson = textOption(options, 'format') === 'json'
  if (isEmpty(addresses)) {
    const why = `${unresolved[0] ?? host} does not resolve to an address: check the spelling, and that the name server has it`
    process.stderr.write(`portolan: ${why}\n`)
    return EXIT.failed
  }
  const hostname = names.size > 0 ? [...names.values()][0]! : null
  const endpoint = { port, transport, hostname }
  const checked: Checked[] = []
  for (const result of await probe(
    addresses,
    endpoint,
    numberOption(options, 'timeout', { least: 1, most: 60_000 }) ?? 2000,
  ))
    checked.push(await ask(result, endpoint, options.services !== false))
  const here = checked.some(({ result }) => result.state === 'open')
  const there = await askElsewhere({ host, port, transport, options })
  const terminal = openTerminal({ plain: flagOption(options, 'plain') })
  if (asJson) {
    const results = checked.map((c) => asFields(c, endpoint))
    process.stdout.write(`${JSON.stringify({ host, port, transport, results, ...(there && { from: there }) })}\n`)
  } else {
    process.stdout.write(checked.map((c) => asText(c, endpoint, terminal)).join('\n'))
    if (there) process.stdout.write(sideBySide(here, there, terminal))
  }
  return here ? EXIT.done : EXIT.failed
}

function asFields({ result, detection, said }: Checked, { port, transport }: Endpoint) {
  const { ip, state, reason, rtt, from = null } = result
  const service = state === 'open' ? serviceRecord(detection, port, transport) : null
  return { ip, state, reason, rtt, from, detection: detection?.status ?? null, service, ...said }
}

function asText(
  { result, said }: Checked,
  { port, transport, hostname }: Endpoint,
  { paint, width }: Terminal,
): string {
  const { ip, state, reason, rtt } = result
  const style = state === 'open' ? 'good' : state === 'closed' ? 'bad' : 'warn'
  const time = rtt === null ? '' : `, ${rtt.toFixed(1)} ms`
  const name = hostname === null ? ip : `${hostname} (${ip})`
  const steps = said.tryNext.map((step) => `${wrapped(`  - ${step}`, width, 4)}\n`).join('')
  return `${name} port ${port}/${transport} is ${paint(style, state)} (${reason}${time})\n${wrapped(said.meaning, width, 0)}\n${steps}`
}
