/**
 * When packets really arrive: counts the probes that come in at an interface and notes the kernel's time of each, so that
 * it does not matter how busy the sender, or this process, is.
 *
 *   node bench/engines/capture.ts DEVICE tcp|udp      SYNs or datagrams, until SIGTERM, then one JSON line
 */
import { Arena } from '#core/engine/arena.ts'
import { openLibc } from '#core/engine/libc.ts'
import { linkAddress } from '#core/engine/link.ts'
import { PacketVector } from '#core/engine/packet-vector.ts'

export interface Arrivals {
  readonly packets: number
  /** From the first to the last, s. */
  readonly seconds: number
  /** Packets a second. */
  readonly rate: number
  /** Most packets in any 10 ms (sliding), and the middle of all 10 ms from the first packet to the last. */
  readonly busiest: number
  readonly middle: number
}

const [AF_PACKET, SOCK_DGRAM, ETH_P_IP] = [17, 2, 0x0800]
const [SOL_SOCKET, SO_TIMESTAMPNS, SO_RCVBUFFORCE, SO_ATTACH_FILTER] = [1, 35, 33, 26]
const MSG_DONTWAIT = 0x40
const WINDOW_MS = 10

/** struct sock_filter, over IPv4: TCP, and of the flags SYN alone; or UDP. 80 bytes of it. */
const FILTERS = {
  tcp: [
    [0x30, 0, 0, 9],
    [0x15, 0, 4, 6],
    [0xb1, 0, 0, 0],
    [0x50, 0, 0, 13],
    [0x15, 0, 1, 2],
    [0x6, 0, 0, 80],
    [0x6, 0, 0, 0],
  ],
  udp: [
    [0x30, 0, 0, 9],
    [0x15, 0, 1, 17],
    [0x6, 0, 0, 80],
    [0x6, 0, 0, 0],
  ],
}

export type Counted = keyof typeof FILTERS

export function summarize(times: readonly number[]): Arrivals {
  const first = times[0] ?? 0
  const length = (times.at(-1) ?? 0) - first
  const bins = new Uint32Array(Math.floor(length / WINDOW_MS) + 1)
  let busiest = 0
  for (let i = 0, from = 0; i < times.length; i++) {
    while (times[i]! - times[from]! >= WINDOW_MS) from++
    busiest = Math.max(busiest, i - from + 1)
    bins[Math.floor((times[i]! - first) / WINDOW_MS)]!++
  }
  const rate = length > 0 ? ((times.length - 1) * 1000) / length : 0
  const middle = bins.toSorted()[bins.length >> 1] ?? 0
  return { packets: times.length, seconds: length / 1000, rate, busiest, middle }
}

function open(device: string, counted: Counted): number {
  const libc = openLibc()
  const fd = libc.socket(AF_PACKET, SOCK_DGRAM, 0)
  const option = (name: number, value: number) =>
    libc.setsockopt(fd, SOL_SOCKET, name, new Uint8Array(Int32Array.of(value).buffer), 4)
  const program = FILTERS[counted]
  const filter = new Arena(16 + program.length * 8)
  filter.view.setUint16(0, program.length, true)
  filter.view.setBigUint64(8, filter.at(16), true)
  for (const [i, [code = 0, yes = 0, no = 0, k = 0]] of program.entries()) {
    filter.view.setUint16(16 + i * 8, code, true)
    filter.bytes.set([yes, no], 18 + i * 8)
    filter.view.setUint32(20 + i * 8, k, true)
  }
  const attached = libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, filter.address, 16)
  filter.free()
  const bound = libc.bind(fd, linkAddress(ETH_P_IP, libc.if_nametoindex(device), new Uint8Array(0)), 20)
  if (fd < 0 || attached + option(SO_TIMESTAMPNS, 1) + option(SO_RCVBUFFORCE, 256 << 20) + bound !== 0)
    throw new Error(`cannot listen at ${device}`)
  return fd
}

function capture(device: string, counted: Counted): void {
  const fd = open(device, counted)
  const vector = new PacketVector({ count: 256, size: 20, control: 32 })
  const times: number[] = []
  const drain = () => {
    for (let count = 256; count === 256; ) {
      count = vector.receive(fd, MSG_DONTWAIT)
      for (let i = 0; i < count; i++) {
        // cmsghdr: length 8, level 4, type 4; then seconds and nanoseconds.
        const at = vector.controlAt(i) + 16
        times.push(Number(vector.view.getBigInt64(at, true)) * 1000 + vector.view.getUint32(at + 8, true) / 1e6)
      }
    }
  }
  setInterval(drain, 20)
  process.once('SIGTERM', () => {
    drain()
    console.log(JSON.stringify(summarize(times)))
    process.exit()
  })
  console.log('ready')
}

const [device, counted] = process.argv.slice(2)
if (import.meta.main && device !== undefined) capture(device, counted === 'udp' ? 'udp' : 'tcp')
