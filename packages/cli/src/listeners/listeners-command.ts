import { columns } from '@portolan/core/format/columns.ts'
import type { Options } from '../command-spec.ts'
import { EXIT } from '../exit.ts'
import { namedPorts } from '../named-ports.ts'
import { choiceOption, flagOption, numberOption } from '../read-options.ts'
import { waitForMore } from '../reader.ts'
import { openTerminal, type Terminal } from '../terminal.ts'
import { type Listener, readListeners, type Wanted } from './read-listeners.ts'

const FORMATS = ['table', 'json', 'ndjson'] as const

export async function listenersCommand(args: readonly string[], options: Options): Promise<number> {
  const wanted = wantedPorts(args, options)
  const format = choiceOption(options, 'format', FORMATS) ?? 'table'
  const terminal = openTerminal({ plain: flagOption(options, 'plain') })
  const seconds = numberOption(options, 'interval', { least: 0.1, most: 86_400, whole: false }) ?? 1
  const listeners = await readListeners(wanted)
  if (flagOption(options, 'report')) {
    const { reportListeners } = await import('../service/report-listeners.ts')
    process.stdout.write(`${await reportListeners(listeners, options)}\n`)
    return EXIT.done
  }
  if (flagOption(options, 'watch')) return watch(listeners, { wanted, terminal, seconds, json: format !== 'table' })
  if (format === 'json') process.stdout.write(`${JSON.stringify(listeners, null, 2)}\n`)
  else if (format === 'ndjson') for (const listener of listeners) process.stdout.write(`${JSON.stringify(listener)}\n`)
  else process.stdout.write(table(listeners, terminal))
  const hidden = listeners.filter(({ processes, kernel }) => processes.length === 0 && !kernel).length
  if (hidden > 0)
    process.stderr.write(`${hidden} of ${listeners.length} belong to processes you may not see; root sees them all\n`)
  return EXIT.done
}

function wantedPorts(args: readonly string[], options: Options): Wanted {
  const transports = (['tcp', 'udp'] as const).filter((name) => flagOption(options, name))
  const asked = args.map((text) => namedPorts(text, ['tcp', 'udp'], 65_535))
  const ports = asked.map((one) => ({ transports: one.transports, ports: new Set(one.ports) }))
  return ({ transport, port }) =>
    (transports.length === 0 || transports.includes(transport)) &&
    (ports.length === 0 || ports.some((one) => one.transports.includes(transport) && one.ports.has(port)))
}

/** `sshd (812)`, several of one name as `nginx (100, 101, 102 ...)`. */
export function processText({ processes, kernel }: Listener, label = ''): string {
  if (processes.length === 0) return kernel ? 'the kernel' : '?'
  const byName = [...Map.groupBy(processes, ({ name }) => name)]
  const pids = (owners: Listener['processes']) =>
    owners
      .slice(0, 3)
      .map(({ pid }) => pid)
      .join(', ') + (owners.length > 3 ? ' ...' : '')
  return byName.map(([name, owners]) => `${name} (${label}${pids(owners)})`).join(', ')
}

/** The container or unit, of all its processes. */
export function placeText({ processes }: Listener): string {
  const places = processes.map(({ unit, container }) => (container ? `container ${container}` : (unit ?? '')))
  return [...new Set(places)].filter(Boolean).join(', ')
}

export const addressText = ({ ip, port }: Listener): string => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`

const cells = (one: Listener): readonly string[] => [
  one.transport,
  addressText(one),
  one.usual ? `${one.usual}?` : '',
  one.user ?? `${one.uid}`,
  processText(one),
  placeText(one),
  one.flags.join(' '),
]

const SHAPE = [
  { title: 'PROTO' },
  { title: 'ADDRESS' },
  { title: 'USUALLY', least: 8 },
  { title: 'USER', least: 8 },
  { title: 'PROCESS', least: 16 },
  { title: 'UNIT', least: 12, optional: true },
  { title: 'FLAGS', optional: true },
] as const
const FLAGS = SHAPE.length - 1

function table(listeners: readonly Listener[], { tableWidth, paint }: Terminal): string {
  if (listeners.length === 0) return 'nothing listens there\n'
  return columns(SHAPE, listeners.map(cells), {
    width: tableWidth,
    paintTitle: (title) => paint('dim', title),
    paint: (cell, _, column) => (column === FLAGS ? paint(cell.includes('shared') ? 'bad' : 'warn', cell) : cell),
  })
}

type Watch = {
  readonly wanted: Wanted
  readonly terminal: Terminal
  readonly seconds: number
  readonly json: boolean
}

const keyOf = (one: Listener) => [one.transport, addressText(one), ...one.processes.map(({ pid }) => pid)].join(' ')

/** Until Ctrl-C, or until nobody reads it: what is there, then a line for each that comes or goes. */
async function watch(start: readonly Listener[], { wanted, terminal, seconds, json }: Watch): Promise<number> {
  const say = (event: 'listening' | 'opened' | 'closed', one: Listener) => {
    const at = new Date().toISOString()
    if (json) return process.stdout.write(`${JSON.stringify({ at, event, ...one })}\n`)
    const sign = event === 'opened' ? terminal.paint('good', '+') : terminal.paint('bad', '-')
    const text = cells(one).filter(Boolean).join('  ')
    return process.stdout.write(`${at.slice(11, 19)} ${sign} ${text}\n`)
  }
  if (json) for (const one of start) say('listening', one)
  else process.stdout.write(table(start, terminal))
  let before = new Map(start.map((one) => [keyOf(one), one]))
  while (await waitForMore(seconds * 1000)) {
    const now = new Map((await readListeners(wanted)).map((one) => [keyOf(one), one]))
    for (const [key, one] of before) if (!now.has(key)) say('closed', one)
    for (const [key, one] of now) if (!before.has(key)) say('opened', one)
    before = now
  }
  return EXIT.done
}
