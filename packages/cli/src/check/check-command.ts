import { createDetector } from '@portolan/core/detect/detect.ts'
import type { Detection } from '@portolan/core/detect/protocol.ts'
import type { PortResult } from '@portolan/core/engine/engine.ts'
import { selectEngine } from '@portolan/core/engine/select-engine.ts'
import { type Explanation, explainEndpoint } from '@portolan/core/exposure/explain-endpoint.ts'
import { compareIps, serviceLine, serviceRecord } from '@portolan/core/format/endpoint-record.ts'
import { PORT_BOOK } from '@portolan/core/registry/ports.ts'
import { type AddressSet, isEmpty } from '@portolan/core/target/address-set.ts'
import { createProbeSpace } from '@portolan/core/target/create-probe-space.ts'
import { countPorts, listPorts } from '@portolan/core/target/port-set.ts'
import { parsePorts } from '@portolan/core/target/port-spec.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { flagOption, numberOption, textOption } from '../read-options.ts'
import { resolveReach } from '../scan/plan-scan.ts'
import { readScanOptions } from '../scan/scan-options.ts'
import { openTerminal, type Terminal } from '../terminal.ts'
import { wrapped } from '../wrapped.ts'

type Endpoint = { readonly port: number; readonly transport: Transport; readonly hostname: string | null }
type Checked = { readonly result: PortResult; readonly detection: Detection | null; readonly said: Explanation }

/** Milliseconds for what runs there to say who it is: somebody is waiting. */
const SERVICE_TIMEOUT = 8000

export async function checkCommand(args: readonly string[], options: Options): Promise<number> {
  const [host = '', portText = ''] = args
  const { port, transport } = readPort(portText)
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
  if (asJson)
    process.stdout.write(
      `${JSON.stringify({ host, port, transport, results: checked.map((c) => asFields(c, endpoint)) })}\n`,
    )
  else {
    const terminal = openTerminal({ plain: flagOption(options, 'plain') })
    process.stdout.write(checked.map((c) => asText(c, endpoint, terminal)).join('\n'))
  }
  return checked.some(({ result }) => result.state === 'open') ? EXIT.done : EXIT.failed
}

function readPort(text: string): { readonly port: number; readonly transport: Transport } {
  const [, what = text, named = 'tcp'] = /^(.+)\/(tcp|udp)$/i.exec(text) ?? []
  const transport: Transport = named.toLowerCase() === 'udp' ? 'udp' : 'tcp'
  const parsed = parsePorts(what, { book: PORT_BOOK, transport })
  if (!parsed.ok)
    throw new UsageError(parsed.errors.map(({ problem, fix }) => `${text}: ${problem}; ${fix}`).join('\n'))
  if (countPorts(parsed.ports[transport]) !== 1) throw new UsageError(`${text} is not one port; scan takes more`)
  return { port: listPorts(parsed.ports[transport])[0]!, transport }
}

/** The way any client takes: connections, no raw packets. */
async function probe(
  addresses: AddressSet,
  { port, transport }: Endpoint,
  timeout: number,
): Promise<readonly PortResult[]> {
  const space = createProbeSpace({ addresses, ports: [{ first: port, last: port }], transport, seed: 1 })
  if (space.size > 64) throw new UsageError(`these are ${space.size} addresses; scan takes that many`)
  const engine = await selectEngine(transport, 'connect')
  const task = { space, from: 0, to: space.size, record: 'all', retries: 1, timeout } as const
  const results: PortResult[] = []
  for await (const batch of engine.scan(task, new AbortController().signal)) results.push(...batch.results)
  return results.sort((a, b) => compareIps(a.ip, b.ip))
}

async function ask(result: PortResult, { port, transport, hostname }: Endpoint, services: boolean): Promise<Checked> {
  const detection =
    result.state === 'open' && services
      ? await createDetector({ timeout: SERVICE_TIMEOUT }).detect({ address: result.ip, port, transport, hostname })
      : null
  const { ip, state, reason, from } = result
  const seen = { ip, port, transport, state, reason, ...(from !== undefined && { from }) }
  const said = explainEndpoint({
    ...seen,
    detection: detection?.status ?? null,
    service: inWords(detection),
    certificateExpired: detection?.tls?.certificate?.expired ?? false,
  })
  return { result, detection, said }
}

function inWords(detection: Detection | null): string | null {
  if (detection?.status !== 'identified') return null
  const { name, product } = detection.service
  const record = serviceRecord(detection, 0, 'tcp')
  return product === null || record === null
    ? `${name}${detection.tls ? ' inside TLS' : ''}`
    : `${serviceLine(record)} (${name}${detection.tls ? ' inside TLS' : ''})`
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
