/**
 * The block of source ports a scan sends from. It lies outside the range the kernel hands out by itself, so that no
 * connection of this machine shares a port with a probe; binding its first port keeps other scans off it.
 */
import { readFileSync } from 'node:fs'
import { PORT_BLOCK } from './cookie.ts'
import { LocalTrouble } from './engine.ts'
import { errnoName } from './errno.ts'
import type { Libc } from './libc.ts'
import { AF_INET } from './sockaddr.ts'

const SOCK_STREAM_CLOEXEC = 1 | 0x8_0000
/** Ports below are likely to belong to services of this machine. */
const LOWEST = 16_384

export interface PortClaim {
  readonly base: number
  /** Socket that holds the claim; close it when the scan is over. */
  readonly fd: number
}

/** Blocks to try, best first: those outside [low, high], then all others; each group in an order that `random` chooses. */
export function candidateBlocks(low: number, high: number, random: () => number): readonly number[] {
  const blocks = []
  for (let base = LOWEST; base < 65_536; base += PORT_BLOCK)
    blocks.push({ base, inside: base <= high && base + PORT_BLOCK > low, order: random() })
  blocks.sort((a, b) => Number(a.inside) - Number(b.inside) || a.order - b.order)
  return blocks.map(({ base }) => base)
}

export function claimPorts(libc: Libc): PortClaim {
  const [low = 32_768, high = 60_999] = ephemeralRange()
  for (const base of candidateBlocks(low, high, Math.random)) {
    const fd = libc.socket(AF_INET, SOCK_STREAM_CLOEXEC, 0)
    if (fd < 0) throw new LocalTrouble('EMFILE', `no socket to claim source ports with: ${errnoName(-fd)}`)
    const address = new Uint8Array(16)
    const view = new DataView(address.buffer)
    view.setUint16(0, AF_INET, true)
    view.setUint16(2, base)
    if (libc.bind(fd, address, 16) === 0) return { base, fd }
    libc.close(fd)
  }
  throw new LocalTrouble('EADDRINUSE', 'every block of source ports is taken')
}

function ephemeralRange(): number[] {
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1').trim().split(/\s+/).map(Number)
  } catch {
    return []
  }
}
