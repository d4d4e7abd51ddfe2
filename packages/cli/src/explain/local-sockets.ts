/** Who listens on this machine, from /proc alone (proc_pid_net(5), proc_pid_fd(5)): Linux, no other tool needed. */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { addressFromBytes, formatAddress } from '@portolan/core/target/address.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'

export type LocalSocket = {
  readonly transport: Transport
  readonly ip: string
  readonly port: number
  readonly inode: string
  readonly uid: number
}

export type Owner = { readonly pid: number; readonly name: string }

const TABLES = [
  ['tcp', 'tcp'],
  ['tcp6', 'tcp'],
  ['udp', 'udp'],
  ['udp6', 'udp'],
] as const
/** State column: a TCP socket that listens, a UDP socket that is bound and not connected. */
const WAITING: Readonly<Record<Transport, string>> = { tcp: '0A', udp: '07' }

export async function listeningSockets(): Promise<readonly LocalSocket[]> {
  const tables = await Promise.all(
    TABLES.map(async ([file, transport]) =>
      parseSocketTable(await readFile(`/proc/net/${file}`, 'utf8').catch(() => ''), transport),
    ),
  )
  return tables.flat()
}

/**
 * A line of /proc/net/tcp: `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...`. Addresses are
 * 32-bit words in host byte order (little-endian on everything Node runs on), ports plain hexadecimal.
 */
export function parseSocketTable(text: string, transport: Transport): readonly LocalSocket[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , uid, , inode = ''] = line.trim().split(/\s+/)
      const [, hex, port] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? []
      if (!hex || !port || state !== WAITING[transport]) return []
      const words = Buffer.from(hex, 'hex').swap32()
      return [
        {
          transport,
          ip: formatAddress(addressFromBytes(words)),
          port: Number.parseInt(port, 16),
          inode,
          uid: Number(uid),
        },
      ]
    })
}

/** Processes that hold one of the sockets, by inode. Sees other users' processes only with privileges. */
export async function ownersOf(inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly Owner[]>> {
  const owners = new Map<string, Owner[]>()
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  await Promise.all(
    pids.map(async (pid) => {
      const held = await heldSockets(pid, inodes)
      if (held.size === 0) return
      const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
      for (const inode of held) owners.set(inode, [...(owners.get(inode) ?? []), { pid: Number(pid), name }])
    }),
  )
  return owners
}

async function heldSockets(pid: string, inodes: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const held = new Set<string>()
  for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))?.[1]
    if (inode !== undefined && inodes.has(inode)) held.add(inode)
  }
  return held
}
