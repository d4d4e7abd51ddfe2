/** A user's probes as protocol modules, so that the runner and offline identification treat them like the built-in ones. */
import { cpe } from '#core/detect/cpe.ts'
import type { Protocol, Service, Session } from '#core/detect/protocol.ts'
import { service } from '#core/detect/service.ts'
import { cleanOrNull } from '#core/detect/text.ts'
import { latin1 } from '#core/wire/reader.ts'
import { fillTemplate } from './match-template.ts'
import type { ProbeMatch, ServiceProbes, UserProbe } from './service-probes.ts'

/** Bytes of an answer that are matched. */
const LOOKED_AT = 16_384

/**
 * Below a built-in module that is sure, above its guesses: what the user brought completes what we know, and what we
 * have proved by the protocol's own rules is not overruled by a pattern.
 */
const HARD = 0.85
const SOFT = 0.4

export function protocolsOf({ probes, exclude }: ServiceProbes): Protocol[] {
  const byName = new Map(probes.map((probe) => [`${probe.transport} ${probe.name}`, probe]))
  const quiet = { tcp: excludedPorts(exclude, 'tcp'), udp: excludedPorts(exclude, 'udp') }
  return probes.map((probe) => ({
    ...asProtocol(probe, matchesOf(probe, byName)),
    quietPorts: quiet[probe.transport],
  }))
}

/** `T:9100-9107,U:30000,53`: a port without a letter is meant for both (nmap reference guide, option `-p`). */
function excludedPorts(spec: string | null, transport: 'tcp' | 'udp'): number[] {
  const ports: number[] = []
  let letter = ''
  for (const [, kind, low = '', high = low] of (spec ?? '').matchAll(/(?:([TU]):)?(\d{1,5})(?:-(\d{1,5}))?/g)) {
    letter = kind ?? letter
    if (letter !== '' && (letter === 'U') !== (transport === 'udp')) continue
    for (let port = Number(low); port <= Math.min(Number(high), 65_535); port++) ports.push(port)
  }
  return ports
}

/** A probe's own matches, those of its fallbacks in order, and for TCP those of the empty probe. */
function matchesOf(probe: UserProbe, byName: ReadonlyMap<string, UserProbe>): readonly ProbeMatch[] {
  const names = new Set([probe.name, ...probe.fallback, ...(probe.transport === 'tcp' ? ['NULL'] : [])])
  return [...names].flatMap((name) => byName.get(`${probe.transport} ${name}`)?.matches ?? [])
}

function asProtocol(probe: UserProbe, matches: readonly ProbeMatch[]): Protocol {
  const silent = probe.payload.length === 0
  const answered = (bytes: Uint8Array) => firstMatch(matches, bytes)
  return {
    name: `probe:${probe.name}`,
    transport: probe.transport,
    ports: probe.ports,
    tlsPorts: probe.sslPorts,
    tells: new Set(matches.filter(({ soft }) => !soft).map(({ service }) => serviceName(service))),
    opens: silent ? 'server' : 'client',
    brought: true,
    ...(silent ? {} : { rarity: probe.rarity }),
    ...(silent || probe.wait === null ? {} : { patience: probe.wait }),
    // Only the probe's own patterns: the fallbacks are recognised by the probes they belong to.
    recognise: (bytes) => firstMatch(probe.matches, bytes),
    ...(silent ? {} : { identify: (session: Session) => converse(session, probe, answered) }),
  }
}

async function converse(session: Session, probe: UserProbe, answered: (bytes: Uint8Array) => Service | null) {
  await session.write(probe.payload)
  if (session.transport === 'udp') return answered(await session.read())
  const reply = await session.readUntil((soFar) => (answered(soFar)?.confidence ?? 0) >= HARD)
  return answered(reply)
}

function firstMatch(matches: readonly ProbeMatch[], bytes: Uint8Array): Service | null {
  const head = bytes.subarray(0, LOOKED_AT)
  const lower = latin1(head).toLowerCase()
  let soft: Service | null = null
  for (const match of matches) {
    if (match.pattern.first !== null && match.pattern.first !== head[0]) continue
    if (match.pattern.literal !== null && !lower.includes(match.pattern.literal)) continue
    if (match.soft && soft !== null) continue
    const captures = match.pattern.exec(head)
    if (captures === null) continue
    if (!match.soft) return told(match, captures)
    soft = service(serviceName(match.service), { confidence: SOFT })
  }
  return soft
}

/** `ssl/http` is http inside TLS; the runner knows about the TLS by itself. */
const serviceName = (name: string) => name.replace(/^ssl\//, '')

function told(match: ProbeMatch, captures: readonly (string | undefined)[]): Service {
  const field = (name: string) => {
    const template = match.templates.find(([key]) => key === name)?.[1]
    return template === undefined ? null : cleanOrNull(fillTemplate(template, captures))
  }
  const names = match.templates.filter(([key]) => key === 'cpe').map(([, template]) => fillTemplate(template, captures))
  return service(serviceName(match.service), {
    product: field('p'),
    version: field('v'),
    info: field('i'),
    hostname: field('h'),
    os: field('o'),
    device: field('d'),
    cpe: names.flatMap((name) => (name === null ? [] : fromUri(name))),
    confidence: HARD,
  })
}

/** `a:vendor:product:version:update` of a CPE 2.2 URI, percent escapes resolved, as CPE 2.3. */
function fromUri(uri: string): string[] {
  const [part, vendor, ...rest] = uri
    .split(':')
    .map((piece) => piece.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))))
  if ((part !== 'a' && part !== 'o' && part !== 'h') || vendor === undefined) return []
  return [cpe(part, vendor, ...rest.slice(0, 3))]
}
