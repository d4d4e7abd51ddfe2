/** Who listens on this machine, from /proc alone (proc_pid_net(5)): Linux, no other tool needed. */
import { readFile } from 'node:fs/promises'
import { addressFromBytes, formatAddress } from '@portolan/core/target/address.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'

export type LocalSocket = {
  readonly transport: Transport
  readonly ip: string
  readonly port: number
  /** `0` when no process holds it: the kernel's own, as WireGuard's. */
  readonly inode: string
  readonly uid: number
}

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
