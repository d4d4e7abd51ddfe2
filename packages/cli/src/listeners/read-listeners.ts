/** This machine's listening sockets, with who holds them and what is worth a second look. */
import { readFile } from 'node:fs/promises'
import { compareIps } from '@portolan/core/format/endpoint-record.ts'
import { tableName } from '@portolan/core/registry/ports.ts'
import type { PortRange } from '@portolan/core/target/port-set.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import { UsageError } from '../exit.ts'
import { type Owner, ownersOf } from './socket-owners.ts'
import { type LocalSocket, listeningSockets } from './socket-table.ts'

/**
 * `wildcard`: every address of the machine. `shared`: another process is on the same address and port (SO_REUSEPORT), or
 * on a wildcard that covers it, so who answers depends. `ephemeral`: the kernel hands such ports to clients, so one may
 * be there first after the next restart; of UDP it is most often a client that waits for an answer.
 */
export type Flag = 'wildcard' | 'shared' | 'ephemeral'

export type Listener = {
  readonly transport: Transport
  readonly ip: string
  readonly port: number
  /** What usually runs on the port; nobody was asked. */
  readonly usual: string | null
  readonly uid: number
  readonly user: string | null
  /** Empty: the kernel's own, or a process this user may not see. */
  readonly processes: readonly Owner[]
  readonly kernel: boolean
  readonly flags: readonly Flag[]
}

export type Wanted = (socket: Pick<LocalSocket, 'transport' | 'port'>) => boolean

/** Throws UsageError where the system has no /proc/net. */
export async function readListeners(wanted: Wanted = () => true): Promise<readonly Listener[]> {
  if (process.platform !== 'linux')
    throw new UsageError('listening sockets are read from /proc, which only Linux has; try lsof -nP -i here')
  const sockets = (await listeningSockets()).filter(wanted)
  const [owners, users, ephemeral] = await Promise.all([
    ownersOf(new Set(sockets.map(({ inode }) => inode))),
    userNames(),
    ephemeralRange(),
  ])
  return describeSockets(sockets, { owners, users, ephemeral })
}

export type Surroundings = {
  readonly owners: ReadonlyMap<string, readonly Owner[]>
  readonly users: ReadonlyMap<number, string>
  readonly ephemeral: PortRange
}

export function describeSockets(sockets: readonly LocalSocket[], around: Surroundings): readonly Listener[] {
  const { owners, users, ephemeral } = around
  const pidsOf = ({ inode }: LocalSocket) => (owners.get(inode) ?? []).map(({ pid }) => pid)
  const neighbours = Map.groupBy(sockets, ({ transport, port }) => `${transport} ${port}`)
  const listeners = sockets.map((socket): Listener => {
    const { transport, ip, port, inode, uid } = socket
    const pids = pidsOf(socket)
    // One socket that a process and its children hold is one server; two sockets of different processes are two.
    const shared = neighbours.get(`${transport} ${port}`)?.some((other) => {
      const theirs = pidsOf(other)
      return pids.length > 0 && theirs.length > 0 && overlap(ip, other.ip) && !theirs.some((pid) => pids.includes(pid))
    })
    const flags: Flag[] = []
    if (isWildcard(ip)) flags.push('wildcard')
    if (shared) flags.push('shared')
    if (port >= ephemeral.first && port <= ephemeral.last) flags.push('ephemeral')
    const processes = owners.get(inode) ?? []
    const who = { uid, user: users.get(uid) ?? null, processes, kernel: inode === '0' }
    return { transport, ip, port, usual: tableName(port, transport), ...who, flags }
  })
  return listeners.sort(
    (a, b) => order(a.transport, b.transport) || a.port - b.port || compareIps(a.ip, b.ip) || first(a) - first(b),
  )
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const first = ({ processes }: Listener) => processes[0]?.pid ?? 0
const isWildcard = (ip: string) => ip === '0.0.0.0' || ip === '::'

/** Of one family: the two wildcards of a server that listens on both are no conflict. */
function overlap(a: string, b: string): boolean {
  return a.includes(':') === b.includes(':') && (a === b || isWildcard(a) || isWildcard(b))
}

async function userNames(): Promise<ReadonlyMap<number, string>> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const fields = text.split('\n').map((line) => line.split(':'))
  return new Map(fields.flatMap(([name, , uid]) => (name && uid ? [[Number(uid), name]] : [])))
}

/** ip(7), ip_local_port_range; of both families. */
async function ephemeralRange(): Promise<PortRange> {
  const text = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '')
  const [first = 32_768, last = 60_999] = text.trim().split(/\s+/).filter(Boolean).map(Number)
  return { first, last }
}
