/**
 * The raw sockets of a SYN scan. Cooked packet sockets (AF_PACKET, SOCK_DGRAM: packet(7)): the kernel writes and strips
 * the link-layer header, so Ethernet, tunnels and point-to-point links look alike. Addresses of this machine itself are
 * sent to through raw IP sockets instead: what is injected into the loopback device with a local source address is
 * dropped as a martian. Answers of either kind come to a packet socket, through a BPF filter.
 */
import { arpRequest, neighbourSolicitation, solicitedNode } from '#core/wire/neighbour.ts'
import type { SynFields, SynTemplate } from '#core/wire/tcp-syn.ts'
import { Arena } from './arena.ts'
import { LocalTrouble } from './engine.ts'
import { errnoName } from './errno.ts'
import { Inbox } from './inbox.ts'
import { Lane } from './lane.ts'
import { type Libc, openLibc } from './libc.ts'
import { answerFilter, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from './link-filter.ts'
import type { NeighbourEntry } from './neighbours.ts'
import type { Device } from './route.ts'
import { AF_INET, AF_INET6, SOCKADDR_IN, SOCKADDR_IN6 } from './sockaddr.ts'

const AF_PACKET = 17
const SOCK_DGRAM = 2 | 0x8_0000 | 0x800
const SOCK_RAW = 3 | 0x8_0000 | 0x800
const IPPROTO_RAW = 255
const ETH_P_ALL = 0x0003
const SOCKADDR_LL = 20
const SOL_SOCKET = 1
const SO_ATTACH_FILTER = 26
const SOL_PACKET = 263
const PACKET_QDISC_BYPASS = 20
const PACKET_IGNORE_OUTGOING = 23
const EPERM = 1

/** Where SYNs of one route go. `address`: sockaddr_ll for the link, else empty, the target itself is the address. */
export interface Way {
  readonly kind: 'local' | 'link'
  readonly template: SynTemplate
  readonly device: Device
  readonly address: Uint8Array
}

/** What a scan needs of its link: the sockets below, or a network made up for a test. */
export interface PacketLink {
  /** Queues one SYN; `mac` of the next hop where the way leads over a link that has such. Returns an errno, 0 for none. */
  send(way: Way, fields: SynFields, mac: Uint8Array | null): number
  /** Sends what is queued. Returns 0, or the errno of what could not leave. */
  flush(): number
  /** Asks who has a neighbour's address. */
  solicit(neighbour: NeighbourEntry, from: { readonly device: Device; readonly source: Uint8Array }): void
  /** Hands every packet that has come in to `take`, from its network header on; the bytes are gone after the call. */
  receive(take: (bytes: Uint8Array, at: number, length: number) => void): void
}

export class Link implements PacketLink {
  readonly #libc: Libc = openLibc()
  readonly #fds: number[] = []
  #inbox: Inbox | null = null
  /** Sends, and in the end receives, everything. */
  readonly #fd: number
  readonly #filter: Uint8Array
  readonly #pollfd = new Uint8Array(8)
  readonly #timespec = new Uint8Array(16)
  readonly #lanes: Lane[] = []
  #lane: Lane | null = null
  #local4: Lane | null = null
  #local6: Lane | null = null

  /** Throws LocalTrouble: `NO_CAP_NET_RAW` without the privilege. */
  constructor(portBase: number) {
    this.#filter = answerFilter(portBase)
    this.#fd = this.#open()
    // No queueing discipline between us and the device: pacing is ours.
    this.#option(this.#fd, PACKET_QDISC_BYPASS)
    // POLLIN
    new DataView(this.#pollfd.buffer).setUint16(4, 1, true)
  }

  /** Readable when there is something to receive. */
  get fd(): number {
    return this.#inbox?.fd ?? this.#fd
  }

  #open(): number {
    const fd = this.#socket(AF_PACKET, SOCK_DGRAM, 0)
    try {
      this.#choose(fd)
    } catch (error) {
      this.#release()
      throw error
    }
    return fd
  }

  #socket(domain: number, type: number, protocol: number): number {
    const fd = this.#libc.socket(domain, type, protocol)
    if (fd >= 0) {
      this.#fds.push(fd)
      return fd
    }
    if (-fd === EPERM)
      throw new LocalTrouble(
        'NO_CAP_NET_RAW',
        'the syn engine needs the privilege CAP_NET_RAW (run as root, or grant it to the node binary with setcap); the connect engine needs none',
      )
    throw new LocalTrouble(errnoName(-fd), `no raw socket: ${errnoName(-fd)}`)
  }

  #option(fd: number, name: number): void {
    this.#libc.setsockopt(fd, SOL_PACKET, name, new Uint8Array(Int32Array.of(1).buffer), 4)
  }

  #choose(fd: number): void {
    const program = this.#filter
    using arena = new Arena(16 + program.length)
    arena.bytes.set(program, 16)
    arena.view.setUint16(0, program.length / 8, true)
    arena.view.setBigUint64(8, arena.at(16), true)
    const attached = this.#libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, arena.address, 16)
    if (attached !== 0) throw new LocalTrouble(errnoName(-attached), 'the kernel refused the packet filter')
    // Our own packets are not to be seen again.
    this.#option(fd, PACKET_IGNORE_OUTGOING)
  }

  /** Hears packets from now on, `expected` of them or so; nothing is sent before. Throws LocalTrouble. */
  listen(expected: number): void {
    const parts = {
      libc: this.#libc,
      fd: this.#fd,
      open: () => this.#open(),
      close: (fd: number) => {
        this.#fds.splice(this.#fds.indexOf(fd), 1)
        this.#libc.closeLater(fd)
      },
      everything: linkAddress(ETH_P_ALL, 0, new Uint8Array(0)),
    }
    try {
      this.#inbox ??= new Inbox(parts, expected)
    } catch (error) {
      this.#release()
      throw error
    }
  }

  send(way: Way, fields: SynFields, mac: Uint8Array | null): number {
    if (way.kind === 'local') return this.#sendLocal(way.template, fields)
    this.#lane ??= this.#openLane(this.#fd, SOCKADDR_LL)
    const lane = this.#lane
    const { box } = lane
    const name = box.put(way.template, fields)
    box.names.set(way.address, name)
    if (mac) box.names.set(mac, name + 12)
    return lane.added(box)
  }

  #sendLocal(template: SynTemplate, fields: SynFields): number {
    const lane = this.#localLane(template.family)
    const { box } = lane
    putTarget(box.names, box.put(template, fields), template.family, fields)
    return lane.added(box)
  }

  #openLane(fd: number, name: number): Lane {
    const lane = new Lane(this.#libc, fd, name)
    this.#lanes.push(lane)
    return lane
  }

  #localLane(family: 4 | 6): Lane {
    const open = (domain: number, name: number) => this.#openLane(this.#socket(domain, SOCK_RAW, IPPROTO_RAW), name)
    if (family === 4) {
      this.#local4 ??= open(AF_INET, SOCKADDR_IN)
      return this.#local4
    }
    this.#local6 ??= open(AF_INET6, SOCKADDR_IN6)
    return this.#local6
  }

  /** Is another thread sending? It is heard of only when this one turns to its event loop. */
  get isSending(): boolean {
    for (const lane of this.#lanes) if (lane.isSending) return true
    return false
  }

  /** Is the event loop to be turned to, so that answers can come in by a shorter way? */
  get isChanging(): boolean {
    return this.#inbox?.isChanging ?? false
  }

  flush(): number {
    let errno = 0
    for (const lane of this.#lanes) errno = lane.flush() || errno
    return errno
  }

  /** Asks who has a neighbour's address. */
  solicit(
    { address }: Pick<NeighbourEntry, 'address'>,
    { device, source }: { readonly device: Device; readonly source: Uint8Array },
  ): void {
    const v4 = address.length === 4
    const bytes = v4 ? arpRequest(device.mac, source, address) : neighbourSolicitation(device.mac, source, address)
    const mac = v4 ? new Uint8Array(6).fill(0xff) : solicitedNode(address).mac
    const to = linkAddress(v4 ? ETH_P_ARP : ETH_P_IPV6, device.index, mac)
    this.#libc.sendto(this.#fd, bytes, bytes.length, 0, to, SOCKADDR_LL)
  }

  receive(take: (bytes: Uint8Array, at: number, length: number) => void): void {
    this.#inbox?.receive(take)
  }

  /** Sleeps until something comes in, `ms` at most (fractions count). */
  wait(ms: number): void {
    new DataView(this.#pollfd.buffer).setInt32(0, this.fd, true)
    const view = new DataView(this.#timespec.buffer)
    view.setBigInt64(0, BigInt(Math.floor(ms / 1000)), true)
    view.setBigInt64(8, BigInt(Math.floor((ms % 1000) * 1e6)), true)
    this.#libc.ppoll(this.#pollfd, 1, this.#timespec, null)
  }

  async close(): Promise<void> {
    // The kernel takes ten milliseconds and more to forget a packet socket; nobody has to wait for that. Its memory goes
    // first: whoever lets go of the last part of a socket is the one who waits.
    await this.#inbox?.free()
    this.#inbox = null
    for (const lane of this.#lanes) await lane.free()
    this.#release()
  }

  #release(): void {
    for (const fd of this.#fds) this.#libc.closeLater(fd)
    this.#fds.length = 0
  }
}

/** struct sockaddr_ll: family u16 | protocol u16 big-endian | interface i32 | type u16 | kind u8 | length u8 | address 8. */
export function linkAddress(protocol: number, device: number, mac: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_LL)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, AF_PACKET, true)
  view.setUint16(2, protocol)
  view.setInt32(4, device, true)
  bytes[11] = mac.length
  bytes.set(mac.subarray(0, 8), 12)
  return bytes
}

/** The sockaddr_ll template of a way over `device`; the neighbour's address is filled in per packet. */
export function wayAddress(family: 4 | 6, device: Device): Uint8Array {
  return linkAddress(family === 4 ? ETH_P_IP : ETH_P_IPV6, device.index, device.mac.subarray(0, 8))
}

/** The port of a raw IP socket's address must be zero. */
function putTarget(names: Uint8Array, at: number, family: 4 | 6, { v4, v6 }: SynFields): void {
  names[at] = family === 4 ? AF_INET : AF_INET6
  if (family === 4) {
    for (let i = 0; i < 4; i++) names[at + 4 + i] = v4 >>> (24 - 8 * i)
  } else for (let i = 0; i < 16; i++) names[at + 8 + i] = v6[i]!
}
