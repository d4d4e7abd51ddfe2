/** Reads nmap's XML as it streams by, and that of everybody who writes it (masscan -oX, naabu, Portolan itself). */
import { clean } from '#core/detect/text.ts'
import { mergePorts, type PortRange, type PortSet } from '#core/target/port-set.ts'
import { cpeFromUri } from './cpe-uri.ts'
import type { Chunks, Imported } from './imported.ts'
import { type Fields, readEndpoint } from './untrusted-record.ts'
import { MalformedXml, type XmlEvent, XmlTokenizer } from './xml-tokenizer.ts'

/** Both transports, every port: more than that on one host is not a report. */
const PORTS_PER_HOST_CAP = 2 * 65_535

const BLOCK = 64 * 1024

/** Malformed XML ends the reading with a `skipped` and an incomplete `end`; what came before it has been handed out. */
export async function* readNmapXml(chunks: Chunks): AsyncGenerator<Imported> {
  const tokenizer = new XmlTokenizer()
  const report = new Report(tokenizer)
  try {
    for await (const block of textBlocks(chunks)) for (const event of tokenizer.push(block)) yield* report.take(event)
  } catch (error) {
    if (!(error instanceof MalformedXml)) throw error
    yield { kind: 'skipped', line: tokenizer.line, problem: `${error.message}; nothing after this is read` }
    yield { kind: 'end', finishedAt: null, complete: false }
    return
  }
  yield report.end(tokenizer.complete)
}

/** Small chunks are put together, so that a long tag is not searched again for every few bytes of it. */
async function* textBlocks(chunks: Chunks): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8')
  let held = ''
  for await (const chunk of chunks) {
    held += decoder.decode(chunk, { stream: true })
    if (held.length < BLOCK) continue
    yield held
    held = ''
  }
  yield held + decoder.decode()
}

type Attributes = ReadonlyMap<string, string>

/** Walks the elements; remembers one host. */
class Report {
  readonly #at: { readonly line: number }
  readonly #scanned: Record<'tcp' | 'udp', PortRange[]> = { tcp: [], udp: [] }
  #run: Attributes = new Map()
  #announced = false
  #finishedAt: number | null = null
  #host: { ip: string; up: boolean; name: string | null; seenAt: number | null; ports: Fields[] } | null = null
  #port: Record<string, unknown> | null = null
  #service: Record<string, unknown> | null = null
  #text = ''

  constructor(at: { readonly line: number }) {
    this.#at = at
  }

  *take(event: XmlEvent): Generator<Imported> {
    if (event.type === 'text') this.#text = (this.#text + event.text).slice(0, 1024)
    else if (event.type === 'open') {
      this.#text = ''
      yield* this.#open(event.name, event.attributes)
    } else yield* this.#close(event.name)
  }

  end(complete: boolean): Imported {
    return { kind: 'end', finishedAt: this.#finishedAt, complete: complete && this.#finishedAt !== null }
  }

  *#open(name: string, attributes: Attributes): Generator<Imported> {
    const get = (key: string) => attributes.get(key) ?? ''
    if (name === 'nmaprun') this.#run = attributes
    else if (name === 'scaninfo') this.#scope(get('protocol'), get('services'))
    else if (name === 'finished') this.#finishedAt = time(get('time'))
    else if (name === 'host') {
      yield* this.#announce()
      const seenAt = time(get('endtime')) ?? time(get('starttime'))
      this.#host = { ip: '', up: false, name: null, seenAt, ports: [] }
    } else if (this.#host) this.#openInHost(name, attributes)
  }

  #openInHost(name: string, attributes: Attributes): void {
    const host = this.#host
    const get = (key: string) => attributes.get(key) ?? ''
    if (!host) return
    if (name === 'status') host.up = get('state') === 'up'
    else if (name === 'address' && get('addrtype') !== 'mac') host.ip ||= get('addr')
    else if (name === 'hostname') host.name ??= get('name')
    else if (name === 'port') this.#port = { transport: get('protocol'), port: Number(get('portid')) }
    else if (!this.#port) return
    else if (name === 'state') Object.assign(this.#port, { state: get('state'), reason: get('reason') })
    else if (name === 'service') this.#service = serviceFields(attributes)
  }

  *#close(name: string): Generator<Imported> {
    if (name === 'cpe' && this.#service && Array.isArray(this.#service.cpe) && this.#service.cpe.length < 16)
      this.#service.cpe.push(cpeFromUri(this.#text.slice(0, 200)))
    else if (name === 'service' && this.#port) {
      this.#port.service = this.#service
      this.#service = null
    } else if (name === 'port' && this.#host && this.#port) {
      if (this.#host.ports.length < PORTS_PER_HOST_CAP) this.#host.ports.push(this.#port)
      this.#port = null
    } else if (name === 'host') yield* this.#closeHost()
    else if (name === 'nmaprun') yield* this.#announce()
  }

  *#closeHost(): Generator<Imported> {
    const host = this.#host
    this.#host = null
    if (!host) return
    const { ip, up, name, seenAt, ports } = host
    let canonical: string | null = null
    for (const port of ports) {
      const endpoint = readEndpoint({ ip, hostname: name, ...port })
      if (typeof endpoint === 'string') yield { kind: 'skipped', line: this.#at.line, problem: endpoint }
      else {
        if (canonical === null) yield { kind: 'host', ip: endpoint.ip, up: true, seenAt }
        canonical = endpoint.ip
        yield { kind: 'endpoint', endpoint, seenAt }
      }
    }
    if (canonical !== null || ports.length > 0) return
    const probe = readEndpoint({ ip, port: 1, transport: 'tcp', state: 'closed' })
    if (typeof probe === 'string') yield { kind: 'skipped', line: this.#at.line, problem: probe }
    else yield { kind: 'host', ip: probe.ip, up, seenAt }
  }

  *#announce(): Generator<Imported> {
    if (this.#announced) return
    this.#announced = true
    const scanned: PortSet = { tcp: mergePorts(this.#scanned.tcp), udp: mergePorts(this.#scanned.udp) }
    yield {
      kind: 'run',
      scanner: clean(this.#run.get('scanner') ?? 'unknown', 40),
      version: clean(this.#run.get('version') ?? '', 40) || null,
      startedAt: time(this.#run.get('start') ?? ''),
      scanned: scanned.tcp.length + scanned.udp.length > 0 ? scanned : null,
    }
  }

  /** `services` is a list such as `1,3-4,6-7`. */
  #scope(protocol: string, services: string): void {
    if (protocol !== 'tcp' && protocol !== 'udp') return
    for (const [, from, to = from] of services.matchAll(/(\d{1,5})(?:-(\d{1,5}))?/g)) {
      const range = { first: Math.max(1, Number(from)), last: Math.min(65_535, Number(to)) }
      if (range.first <= range.last) this.#scanned[protocol].push(range)
    }
  }
}

/** Seconds since 1970, as text, in milliseconds. */
function time(seconds: string): number | null {
  return /^\d{1,11}$/.test(seconds) ? Number(seconds) * 1000 : null
}

function serviceFields(attributes: Attributes): Record<string, unknown> {
  const get = (key: string) => attributes.get(key)
  return {
    name: get('name'),
    product: get('product'),
    version: get('version'),
    info: get('extrainfo'),
    os: get('ostype'),
    device: get('devicetype'),
    hostname: get('hostname'),
    method: get('method'),
    confidence: Number(get('conf') ?? 0) / 10,
    cpe: [],
    // The report says that there was TLS, not which.
    tls: get('tunnel') === 'ssl' ? { protocol: 'TLS' } : null,
  }
}
