import { isEmpty } from '@portolan/core/target/address-set.ts'
import type { Options } from '../command-spec.ts'
import { EXIT } from '../exit.ts'
import { flagOption, numberOption, textOption } from '../read-options.ts'
import { resolveReach, whyUnresolved } from '../scan/resolve-reach.ts'
import { readScanOptions } from '../scan/scan-options.ts'
import { openTerminal } from '../terminal.ts'
import { ask, type Checked } from './check-endpoint.ts'
import { asFields, asText } from './check-report.ts'
import { hostAndPort } from './host-and-port.ts'
import { probe } from './probe-addresses.ts'
import { askElsewhere, sideBySide } from './side-by-side.ts'

export async function checkCommand(args: readonly string[], options: Options): Promise<number> {
  const { host, port, transport } = hostAndPort(args)
  // The options check shares with scan are read there; the ports come from the second argument.
  const scan = await readScanOptions([host], { ...options, ports: undefined }, { targetsRequired: true })
  const reach = await resolveReach(scan)
  const { addresses, names } = reach
  const asJson = textOption(options, 'format') === 'json'
  if (isEmpty(addresses)) {
    process.stderr.write(`portolan: ${whyUnresolved(reach.unresolved[0] ?? host, reach)}\n`)
    return EXIT.failed
  }
  const hostname = names.size > 0 ? [...names.values()][0]! : null
  const endpoint = { port, transport, hostname }
  const checked: Checked[] = []
  for (const result of await probe(
    addresses,
    endpoint,
    numberOption(options, 'timeout', { least: 1, most: 60_000, unit: 'milliseconds' }) ?? 4000,
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
