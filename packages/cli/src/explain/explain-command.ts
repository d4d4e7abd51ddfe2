import { describePort, type PortFacts } from '@portolan/core/registry/ports.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { placeText, processText } from '../listeners/listeners-command.ts'
import { type Listener, readListeners } from '../listeners/read-listeners.ts'
import { namedPorts } from '../named-ports.ts'
import { flagOption, textOption } from '../read-options.ts'
import { openTerminal, type Terminal } from '../terminal.ts'
import { wrapped } from '../wrapped.ts'

/** A port, and the transports to speak of. */
type Asked = { readonly port: number; readonly transports: readonly Transport[] }
/** `sshd (pid 812) on 0.0.0.0`, by `tcp/22`. */
type Users = ReadonlyMap<string, readonly string[]>

/** More at once is a port list, not a question. */
const MOST = 50

export async function explainCommand(args: readonly string[], options: Options): Promise<number> {
  // `22 ssh` asks one thing twice.
  const wanted = args.flatMap(askedBy).map((one) => [`${one.port} ${one.transports}`, one] as const)
  const asked = [...new Map(wanted).values()]
  if (asked.length > MOST) throw new UsageError(`these are ${asked.length} ports; ask about ${MOST} at most`)
  const here = flagOption(options, 'here')
  const users = await usersOf(asked, here)
  const facts = asked.flatMap(({ port, transports }) => transports.map((transport) => describePort(port, transport)))
  if (textOption(options, 'format') === 'json') {
    const rows = facts.map((fact) => ({ ...fact, usedHere: users.get(key(fact)) ?? [] }))
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
  } else if (here) process.stdout.write(asked.map((one) => hereText(one, users)).join(''))
  else {
    const terminal = openTerminal({ plain: flagOption(options, 'plain') })
    process.stdout.write(asked.map((one) => portText(one, users, terminal)).join('\n'))
  }
  return EXIT.done
}

function askedBy(text: string): readonly Asked[] {
  // Port 0 is no port to scan; what it means is asked all the same.
  const zero = /^0+(?:\/(tcp|udp))?$/i.exec(text)
  if (zero) return [{ port: 0, transports: BOTH.filter((of) => (zero[1] ?? of).toLowerCase() === of) }]
  const { ports, transports } = namedPorts(text, ['tcp', 'udp'], MOST)
  return ports.map((port) => ({ port, transports }))
}

const BOTH: readonly Transport[] = ['tcp', 'udp']

const key = ({ transport, port }: { readonly transport: Transport; readonly port: number }) => `${transport}/${port}`

async function usersOf(asked: readonly Asked[], mustKnow: boolean): Promise<Users> {
  const wanted = new Set(asked.flatMap(({ port, transports }) => transports.map((of) => key({ transport: of, port }))))
  // Elsewhere than on Linux the rest of the explanation is still worth having.
  if (process.platform !== 'linux' && !mustKnow) return new Map()
  const listeners = await readListeners((socket) => wanted.has(key(socket)))
  return new Map([...Map.groupBy(listeners, key)].map(([name, all]) => [name, all.map(userText)]))
}

/** `sshd (pid 812) of ssh.service, user root, on 0.0.0.0`. */
function userText(one: Listener): string {
  const who = processText(one, 'pid ')
  const place = placeText(one)
  const user = one.user ?? one.uid
  if (one.processes.length === 0) return `${one.kernel ? who : `a process of user ${user}`} on ${one.ip}`
  return `${who}${place ? ` of ${place}` : ''}, user ${user}, on ${one.ip}`
}

/** The answer to "address already in use" and nothing else. */
function hereText({ port, transports }: Asked, users: Users): string {
  const lines = transports.flatMap((transport) =>
    (users.get(key({ transport, port })) ?? []).map((user) => `${port}/${transport}: ${user}\n`),
  )
  return lines.join('') || `${port}/${transports.join(' and ')}: nothing listens on it on this machine\n`
}

const CLASS: Readonly<Record<PortFacts['class'], string>> = {
  system: 'system port (0-1023), listening needs privileges',
  user: 'user port (1024-49151)',
  dynamic: 'dynamic port (49152-65535), never registered: clients and temporary listeners use it',
}

const EXPOSURE = {
  fine: ['good', 'meant to be reachable'],
  care: ['warn', 'may be reachable when patched and authenticated'],
  never: ['bad', 'should never be reachable from the internet'],
} as const

function portText({ port, transports }: Asked, users: Users, { paint, width }: Terminal): string {
  const lines: string[] = []
  const row = (name: string, text: string) => lines.push(wrapped(`  ${name.padEnd(11)}${text}`, width, 13))
  const facts = transports.map((transport) => describePort(port, transport))
  lines.push(wrapped(`${paint('strong', `Port ${port}`)}, ${CLASS[facts[0]?.class ?? 'user']}`, width, 2))
  const unnamed = port === 0 ? 'reserved: never assigned' : 'nothing registered'
  for (const { transport, iana } of facts)
    row(transport.toUpperCase(), iana ? [iana.name, iana.description].filter(Boolean).join(': ') : unnamed)
  if (port === 0) {
    row('Runs here', 'nothing: a program that asks the system for port 0 is given any free port')
    return `${lines.join('\n')}\n`
  }
  const told = new Set<object>()
  for (const { transport, advice } of facts) {
    if (advice === null || told.has(advice)) continue
    told.add(advice)
    const [style, exposure] = EXPOSURE[advice.exposure]
    row(told.size > 1 ? `Runs (${transport})` : 'Runs here', advice.runs)
    row('Exposure', `${paint(style, exposure)}. ${advice.risk}`)
    row('Do', advice.advice)
    if (advice.encrypted) row('Instead', advice.encrypted)
  }
  const here = facts.flatMap((fact) => (users.get(key(fact)) ?? []).map((user) => `${fact.transport}: ${user}`))
  row('Here', here[0] ?? 'nothing listens on it on this machine')
  for (const user of here.slice(1)) row('', user)
  // Whole, however long: they are copied.
  for (const [name, command] of findCommands(port, transports)) lines.push(`  ${name.padEnd(11)}${command}`)
  return `${lines.join('\n')}\n`
}

/** How to find the process on another machine; without sudo, Linux and macOS name those of one's own user alone. */
function findCommands(port: number, transports: readonly Transport[]): readonly (readonly [string, string])[] {
  const [tcp, udp] = [transports.includes('tcp'), transports.includes('udp')]
  const windows = [
    ...(tcp ? [`Get-Process -Id (Get-NetTCPConnection -LocalPort ${port} -State Listen).OwningProcess`] : []),
    ...(udp ? [`Get-Process -Id (Get-NetUDPEndpoint -LocalPort ${port}).OwningProcess`] : []),
  ]
  return [
    ['Linux', `sudo ss -ln${tcp ? 't' : ''}${udp ? 'u' : ''}p 'sport = :${port}'`],
    ['macOS', tcp ? `sudo lsof -nP -iTCP:${port} -sTCP:LISTEN` : `sudo lsof -nP -iUDP:${port}`],
    ...(tcp && udp ? ([['', `sudo lsof -nP -iUDP:${port}`]] as const) : []),
    ...windows.map((command, i) => [i === 0 ? 'Windows' : '', command] as const),
  ]
}
