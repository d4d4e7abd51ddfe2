/** The ways of asking that this process may use. */
import { EpollProber } from './connect-epoll.ts'
import { NodeProber } from './connect-node.ts'
import { LocalTrouble, type ScanTask } from './engine.ts'
import { hasLibc } from './libc.ts'
import { AckWay } from './ping-ack.ts'
import { IcmpWay } from './ping-icmp.ts'
import { NeighbourWay } from './ping-neighbour.ts'
import { PortWay } from './ping-ports.ts'
import { bookOf, type PingBook, type PingBooks, type PingWay } from './ping-way.ts'
import { originOf } from './scan-origin.ts'
import { UdpProber } from './udp-prober.ts'
import { UdpQuestioner } from './udp-questioner.ts'

const SOCKETS = 2000
/** Nobody listens there, so whoever is there says "port unreachable". */
const UDP_PORT = 40_125
const TCP_PORTS = [443, 80, 22]
const ACK_PORT = 80

/** Where a probe leaves from, and for whom. */
type Origin = Pick<ScanTask, 'sourceAddress' | 'interface'> & Pick<ScanTask['space']['plan'], 'addresses'>

/** Every way this process may use, the quickest and surest first. */
export function openWays(
  task: Origin,
  books: PingBooks,
  slots: number,
): { readonly ways: readonly PingWay[]; readonly decisive: number } {
  const origin = originOf(task, task.addresses)
  const ways: PingWay[] = []
  const add = (make: (book: PingBook) => PingWay | null) => {
    const way = make(bookOf(books, ways.length))
    if (way) ways.push(way)
    return way !== null
  }
  try {
    const onLink = openAll()
    return { ways, decisive: onLink ? 0 : -1 }
  } catch (error) {
    for (const way of ways) way.close()
    throw error
  }

  /** True when neighbours on the link can be asked. */
  function openAll(): boolean {
    if (!hasLibc) {
      const options = { sockets: SOCKETS / 2, origin }
      for (const port of TCP_PORTS) add(() => new PortWay(port, new NodeProber(options)))
      return false
    }
    const tcp = (port: number) => add(() => new PortWay(port, new EpollProber({ sockets: SOCKETS, slots, origin })))
    const onLink = add((book) => neighbourWay(task, book, origin))
    add((book) => usable(new IcmpWay({ question: 'echo', origin, book })))
    tcp(443)
    add((book) => usable(new AckWay({ port: ACK_PORT, origin, book })))
    add((book) => usable(new IcmpWay({ question: 'timestamp', origin, book })))
    for (const port of TCP_PORTS.slice(1)) tcp(port)
    add((book) => new PortWay(UDP_PORT, udpProber(book, origin)))
    return onLink
  }
}

/** A way without the privilege it needs is closed again. */
function usable<T extends PingWay & { readonly isAllowed: boolean }>(way: T): T | null {
  if (way.isAllowed) return way
  way.close()
  return null
}

function neighbourWay(task: Origin, book: PingBook, { address }: ReturnType<typeof originOf>): PingWay | null {
  const v4 = address && Uint8Array.of(address.v4 >>> 24, address.v4 >>> 16, address.v4 >>> 8, address.v4)
  const sourceAddress = address && (address.family === 4 ? v4 : address.v6)
  try {
    return new NeighbourWay(book, {
      ...(sourceAddress && { sourceAddress }),
      ...(task.interface !== undefined && { interface: task.interface }),
    })
  } catch (error) {
    if (error instanceof LocalTrouble && error.code === 'NO_CAP_NET_RAW') return null
    throw error
  }
}

function udpProber({ locate, triesOf, sentAt }: PingBook, origin: ReturnType<typeof originOf>): UdpProber {
  return new UdpProber({
    origin,
    questioner: new UdpQuestioner(new Map(), []),
    book: { locate, triesOf, sentAt, unreachable: () => {} },
  })
}
