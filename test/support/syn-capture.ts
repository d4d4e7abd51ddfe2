/** Sees every TCP SYN that arrives over loopback, with the kernel's own time stamp: a witness that shares no code with the scanner. */
import koffi from 'koffi'

const AF_PACKET = 17
const SOCK_DGRAM_NONBLOCK = 2 | 0x8_0800
const ETH_P_IP = 0x0008 // 0x0800 in network order
const SOL_SOCKET = 1
const SO_RCVBUFFORCE = 33
const SOL_PACKET = 263
const PACKET_IGNORE_OUTGOING = 23
const SIOCGSTAMPNS = 0x8907

export type Syn = {
  /** Milliseconds. */
  readonly at: number
  readonly host: string
  readonly port: number
}

export interface SynCapture {
  /** What has arrived so far at addresses that begin with `prefix`. */
  readonly seen: readonly Syn[]
  close(): void
}

/** Needs CAP_NET_RAW. */
export function captureSyns(prefix: string): SynCapture {
  const lib = koffi.load(null)
  const socket = lib.func('int socket(int, int, int)')
  const setsockopt = lib.func('int setsockopt(int, int, int, const void *, int)')
  const recv = lib.func('int64 recv(int, void *, int64, int)')
  const ioctl = lib.func('int ioctl(int, int64, void *)')
  const close = lib.func('int close(int)')
  const fd = socket(AF_PACKET, SOCK_DGRAM_NONBLOCK, ETH_P_IP)
  if (fd < 0) throw new Error(`packet socket: errno ${koffi.errno()}`)
  const option = (level: number, name: number, value: number) =>
    setsockopt(fd, level, name, new Uint8Array(new Int32Array([value]).buffer), 4)
  option(SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
  option(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
  const bytes = new Uint8Array(64)
  const stamp = new BigInt64Array(2)
  const stampBytes = new Uint8Array(stamp.buffer)
  const seen: Syn[] = []
  const drain = () => {
    while (recv(fd, bytes, bytes.length, 0) > 0) {
      const header = ((bytes[0] ?? 0) & 15) * 4
      const isSyn = bytes[9] === 6 && ((bytes[header + 13] ?? 0) & 0x17) === 0x02
      const host = bytes.subarray(16, 20).join('.')
      if (!isSyn || !host.startsWith(prefix)) continue
      ioctl(fd, SIOCGSTAMPNS, stampBytes)
      const at = Number(stamp[0]) * 1000 + Number(stamp[1]) / 1e6
      seen.push({ at, host, port: ((bytes[header + 2] ?? 0) << 8) | (bytes[header + 3] ?? 0) })
    }
  }
  const timer = setInterval(drain, 20)
  return {
    get seen() {
      drain()
      return seen
    },
    close() {
      clearInterval(timer)
      close(fd)
    },
  }
}

/** The most of them in any second. */
export function mostInASecond(syns: readonly Syn[]): number {
  const times = syns.map(({ at }) => at).sort((a, b) => a - b)
  let [most, first] = [0, 0]
  for (const [last, at] of times.entries()) {
    while ((times[first] ?? 0) <= at - 1000) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}
