/** How far an examination goes, and in which order it asks. */
import { LISTEN_ONLY, TCP_ORDER, TLS_PORTS, UDP_ORDER } from './order.data.ts'
import type { Protocol } from './protocol.ts'

/** `light`: the port's own protocols and the commonest; `default`: everything known; `all`: slower servers too. */
export type Mode = 'light' | 'default' | 'all'

/** Milliseconds, and counts. */
export interface Limits {
  /** The whole examination of one endpoint. */
  readonly total: number
  readonly connect: number
  /** How long a greeting is waited for before silence is believed. */
  readonly listen: number
  /** The wait for the answer to a shot in the dark; to the later ones, when the likely ones met silence; to the last. */
  readonly answer: number
  readonly answerLater: number
  readonly answerLast: number
  /** The wait for an answer once the protocol is known or hinted at. */
  readonly talk: number
  /** Shots in the dark at most. */
  readonly questions: number
  /** Questions of the user's that are rarer are put on their own ports only. */
  readonly rarity: number
  /** Connections to the endpoint at a time, the listening one included; servers that count strangers allow four. */
  readonly inFlight: number
  /** The same where the likely questions met silence, and no connection was refused or closed. */
  readonly inFlightLater: number
}

export const LIMITS: Readonly<Record<Mode, Limits>> = {
  light: {
    total: 8000,
    connect: 2000,
    listen: 2000,
    answer: 700,
    answerLater: 500,
    answerLast: 500,
    talk: 2000,
    questions: 12,
    rarity: 2,
    inFlight: 4,
    inFlightLater: 4,
  },
  default: {
    total: 40_000,
    connect: 3000,
    listen: 5000,
    answer: 900,
    answerLater: 500,
    answerLast: 300,
    talk: 4000,
    questions: 1000,
    rarity: 7,
    inFlight: 4,
    inFlightLater: 6,
  },
  all: {
    total: 180_000,
    connect: 5000,
    listen: 10_000,
    answer: 3000,
    answerLater: 3000,
    answerLast: 3000,
    talk: 8000,
    questions: 1000,
    rarity: 9,
    inFlight: 4,
    inFlightLater: 6,
  },
}

/** Unanswered UDP questions at a time, each on a socket of its own. */
export const UDP_IN_FLIGHT = 32

/** So many questions are the likely ones; so many are ranked at all, and who comes behind them answers quickly or not. */
export const LIKELY_QUESTIONS = 16
const RANKED_QUESTIONS = TCP_ORDER.length

/** Milliseconds to wait for the answer to a shot in the dark, when so many have been put in vain. */
export const waitAfter = (asked: number, { answer, answerLater, answerLast }: Limits): number =>
  asked < LIKELY_QUESTIONS ? answer : asked < RANKED_QUESTIONS ? answerLater : answerLast

/** An unknown greeting makes most questions pointless: this many are still put. */
export const QUESTIONS_AFTER_GREETING = 16

/** Ports that are only listened to: printers print what they get, and a user's file may name more. */
export const isListenOnly = (port: number, protocols: readonly Protocol[] = []): boolean =>
  LISTEN_ONLY.some(([first, last]) => port >= first && port <= last) ||
  protocols.some((p) => p.quietPorts?.includes(port))

/** `protocols`: a user's file may name more of them. */
export const isTlsPort = (port: number, protocols: readonly Protocol[] = []): boolean =>
  TLS_PORTS.includes(port) || protocols.some((p) => p.tlsPorts?.includes(port))

/** Is this one of the ports the protocol is known to be on, bare or inside TLS? */
export const isAtHome = ({ ports, tlsPorts }: Protocol, port: number): boolean =>
  ports.includes(port) || tlsPorts?.includes(port) === true

/** All protocols of a transport, those of the port first, then by likelihood, then by name. */
export function inOrder(protocols: readonly Protocol[], port: number): Protocol[] {
  const rank = (p: Protocol): number => {
    const order = p.transport === 'tcp' ? TCP_ORDER : UDP_ORDER
    const likely = order.indexOf(p.name)
    return isAtHome(p, port) ? -1 : likely < 0 ? order.length + (p.rarity ?? 0) : likely
  }
  return protocols
    .map((protocol) => ({ protocol, rank: rank(protocol) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ protocol }) => protocol)
}

/** What a server that settled on this ALPN speaks; whoever has HTTP/2 nearly always has HTTP/1, which tells more. */
const spokenUnder = (alpn: string | null): readonly string[] =>
  alpn === null ? [] : alpn === 'h2' ? ['http/1.1', 'h2'] : [alpn]

/** Those that the port says it may be, and those that TLS has agreed on. `tls`: the TLS we are inside of, if any. */
export function hinted(
  protocols: readonly Protocol[],
  port: number,
  tls: { readonly alpn: string | null } | null,
): Protocol[] {
  const spoken = spokenUnder(tls?.alpn ?? null)
  const here = (p: Protocol) => (tls === null ? p.ports.includes(port) : isAtHome(p, port))
  return protocols.filter((p) => here(p) || p.alpn?.some((a) => spoken.includes(a)))
}

/** From here on an identification ends the examination; below, TLS is waited for first. */
export const SURE = 0.9
/** Below it is a guess, and the search goes on to the end. */
export const LIKELY = 0.5
/** What a recognition is worth that the module itself could not repeat. */
export const GUESS = 0.45
/** A connection closed without a word within this many milliseconds was closed on principle. */
export const AT_ONCE = 1500
/** So many questions that all ended like that, and nobody is behind the wrapper. */
export const WRAPPED_AFTER = 4
/** How long an unsure answer waits for TLS to prove otherwise, milliseconds. */
export const TLS_SAYS_SO_WITHIN = 1500
/** Milliseconds a protocol of the port that greets is waited for; some look our name up first. */
export const PATIENCE_WITH_GREETERS = 1500
/** Milliseconds an unanswered question and the silent connection stand side by side. */
export const LONELY = 300
/** Milliseconds before a server that refused us is tried again; after the last of them nobody is behind the port. */
export const RECOVERIES: readonly number[] = [250, 500, 1000]
/** Milliseconds between questions. */
export const STAGGER = 20
/** And so many more, where an answer has begun to come: it most often makes the next question needless. */
export const ANSWERING = 200
/** A greeting is complete when nothing follows for this long. */
export const QUIET = 60

/** Milliseconds questions are held back, once connected, so that a server that greets is never asked anything foreign. */
export function patienceAt(tlsPort: boolean, hinted: readonly Protocol[], roundTrip: number): number {
  if (hinted.some((p) => p.opens === 'server')) return PATIENCE_WITH_GREETERS
  return hinted.length > 0 || tlsPort ? 0 : Math.min(1000, 100 + 3 * roundTrip)
}
