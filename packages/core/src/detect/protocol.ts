/**
 * Service detection: what a protocol module is, what it is given, and what it answers.
 *
 * The framework dials, a module talks. A module never opens, times out, upgrades on its own account, or closes; it
 * declares what it needs, and `Mishap` (thrown by the session) is caught in one place, the runner.
 */
import type { Transport } from '#core/target/probe-space.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** What one endpoint runs. Text is what the service said, control characters removed. */
export interface Service {
  /** Protocol as IANA and nmap users spell it: `ssh`, `http`, `postgresql`, `domain`, ... */
  readonly name: string
  /** Product as its vendor spells it (`OpenSSH`, `nginx`, `Apache httpd`), or null when it does not tell. */
  readonly product: string | null
  /** Upstream version (`9.2p1`, `1.22.1`), without the distribution's suffix; null when not told. */
  readonly version: string | null
  readonly vendor: string | null
  /** One short line for people: distribution suffix, protocol version, realm, ... */
  readonly info: string | null
  /** Operating system family or distribution, when the service gives it away. */
  readonly os: string | null
  /** Kind of device (`printer`, `router`, `camera`, ...), when the service gives it away. */
  readonly device: string | null
  /** The name the host calls itself. */
  readonly hostname: string | null
  /** CPE 2.3 formatted strings, most specific first. */
  readonly cpe: readonly string[]
  /** 0..1. 1: the protocol proved itself (magic, checksum, echo of our token). Below 0.5: a guess. */
  readonly confidence: number
  /** Protocol-specific facts, bounded in size by the module. */
  readonly facts: Readonly<Record<string, Json>>
}

/** How probes that carry text introduce their sender: one word (`Portolan`), and a page that says who scans and why. */
export interface ClientIdentity {
  readonly name: string
  readonly url: string | null
}

/** A conversation with one endpoint. Owns the socket, the deadline and the byte budget; the runner closes it. */
export interface Session {
  readonly transport: Transport
  readonly port: number
  /** The address dialled, for protocols that must name it (Host header when no name is known). */
  readonly address: string
  /** The name the user asked for, when there is one: SNI, Host header. */
  readonly hostname: string | null
  /** True inside TLS. */
  readonly tls: boolean
  /** A random 32-bit number, for transaction ids, cookies and whatever the protocol echoes: no module makes its own. */
  readonly token: number
  /** Who asks: for User-Agent, EHLO, CLIENT SETNAME and the like. */
  readonly client: ClientIdentity
  /** TCP: sends the bytes. UDP: one datagram. */
  write(bytes: Uint8Array): Promise<void>
  /**
   * TCP: waits until `atLeast` bytes (default 1) have arrived and returns all that has. UDP: the next datagram.
   * Throws Mishap on timeout, reset, close or exhausted budget; the bytes so far are in `mishap.received`.
   */
  read(atLeast?: number): Promise<Uint8Array>
  /**
   * TCP: reads on until `done` says yes to everything read since the last call, or the other side closes or falls
   * silent; returns what there is (possibly empty) instead of throwing. For text protocols and HTTP bodies.
   */
  readUntil(done: (soFar: Uint8Array) => boolean): Promise<Uint8Array>
  /**
   * Drops the connection and dials the same endpoint again, inside TLS when it was: for a second question to a server
   * that closes after each answer. The deadline and the byte budget go on.
   */
  reopen(): Promise<void>
  /** Says that nothing more is asked: for servers that read to the end before they answer. TCP alone. */
  finish(): void
  /** Upgrades the connection to TLS (after the protocol's own STARTTLS exchange). The facts go into the result. */
  startTls(): Promise<void>
}

export type MishapReason = 'timeout' | 'reset' | 'closed' | 'refused' | 'unreachable' | 'budget' | 'tls-failed'

/** The one exception a conversation knows. Expected, and caught by the runner alone. */
export class Mishap extends Error {
  override readonly name = 'Mishap'
  readonly reason: MishapReason
  readonly received: Uint8Array
  constructor(reason: MishapReason, received: Uint8Array, options?: ErrorOptions) {
    super(`session ended: ${reason}`, options)
    this.reason = reason
    this.received = received
  }
}

/**
 * One application protocol. A module file holds, in this order: the grammar as a comment (with RFC and section), byte
 * constants, limits with their reasons, the exported record, the pure parsers.
 */
export interface Protocol {
  /** = file name = fixture folder = default `Service.name`. */
  readonly name: string
  readonly transport: Transport
  /** Tried first on these ports; never only on these. */
  readonly ports: readonly number[]
  /** The same, where it is usual inside TLS: there, TLS comes first. */
  readonly tlsPorts?: readonly number[]
  /** Names of the services a user's question can tell, so that a guess leads to those who know more. */
  readonly tells?: ReadonlySet<string>
  /** Who speaks first. Server-first protocols share one banner read: no connection of their own to recognise them. */
  readonly opens: 'server' | 'client'
  /** `never`: not inside TLS; `only`: makes sense inside TLS alone; unset: both. */
  readonly insideTls?: 'never' | 'only'
  /** Milliseconds its servers are known to let strangers wait for an answer, where that is longer than usual. */
  readonly patience?: number
  /** Its servers hang up on strangers, and after some dozens on everybody: asked early where each question ends so. */
  readonly hangsUp?: true
  /** A user's own knowledge, beside what is built in. */
  readonly brought?: true
  /** 1 (often useful) to 9 for questions a user brought; how rare they may be depends on the mode. Unset: always asked. */
  readonly rarity?: number
  /** Ports on which nobody may be asked anything, because the user's file says so. */
  readonly quietPorts?: readonly number[]
  /** Offered as ALPN when it talks inside TLS (RFC 7301); unset: none is. */
  readonly alpn?: readonly string[]
  /**
   * Pure: is this what a server of this protocol sends (as a greeting, or as its answer to the question of this module
   * or to any other)? Null means "not mine". Never throws, never loops: the bytes are hostile and may be cut anywhere.
   * Also what offline identification calls, where all there is are the bytes.
   */
  recognise(bytes: Uint8Array): Service | null
  /**
   * Talks. Client-first: asks the question and reads the answer. Server-first: may learn more than the greeting told
   * (STARTTLS, capabilities); the greeting, already read, is in `greeting`. Returns null for "not mine".
   */
  identify?(session: Session, greeting: Uint8Array): Promise<Service | null>
}

export interface TlsFacts {
  /** Negotiated: `TLSv1.3`, `TLSv1.2`, ... */
  readonly protocol: string
  readonly cipher: string
  readonly alpn: string | null
  /** The name sent as SNI, null when none was. */
  readonly sni: string | null
  readonly certificate: CertificateFacts | null
}

export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  readonly names: readonly string[]
  /** ISO 8601, UTC. */
  readonly notBefore: string
  readonly notAfter: string
  readonly serial: string
  /** Lower-case hex SHA-256 of the DER encoding. */
  readonly sha256: string
  /** `rsa`, `ec`, `ed25519`, ... and its size in bits. */
  readonly keyType: string
  readonly keyBits: number | null
  readonly signatureAlgorithm: string | null
  readonly selfSigned: boolean
  readonly expired: boolean
}

/** The verdict on one endpoint; a name from a port table (`method: 'table'`) is never mixed with a probed one. */
export type Detection = {
  readonly tls: TlsFacts | null
  /** What the endpoint sent that the verdict rests on; at most 4 KiB. */
  readonly evidence: Uint8Array
} & (
  | { readonly status: 'identified'; readonly method: 'probed'; readonly service: Service }
  | { readonly status: 'unidentified' | 'silent' | 'tcpwrapped' }
)
