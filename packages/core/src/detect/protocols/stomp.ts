/**
 * STOMP 1.0 to 1.2 (https://stomp.github.io/stomp-specification-1.2.html):
 *
 *   frame     = command EOL *(header ":" value EOL) EOL body NUL
 *   CONNECT   => CONNECTED with `server: name ["/" version [SP comment]]`, or ERROR
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const FRAME_CAP = 4096
const HEADERS_CAP = 32
const CONNECT = 'CONNECT\naccept-version:1.0,1.1,1.2\nhost:/\n\n\0'

export const stomp: Protocol = {
  name: 'stomp',
  transport: 'tcp',
  ports: [61613, 61612],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const frame = parseStomp(bytes)
  if (!frame) return null
  const [name, version = null] = (frame.headers.get('server') ?? '').split(' ', 1)[0]!.split('/')
  const message = frame.headers.get('message')
  const facts = {
    ...(frame.headers.has('version') ? { version: frame.headers.get('version')! } : {}),
    ...(frame.command === 'ERROR' && message ? { error: message } : {}),
  }
  return service('stomp', { ...softwareOf(name || null, version, frame.body), facts })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from(CONNECT))
  return recognise(await session.readUntil((soFar) => soFar.includes(0)))
}

type Known = readonly [name: RegExp, product: string, vendor: string, cpe: readonly [string, string]]
const PRODUCTS: readonly Known[] = [
  [/^RabbitMQ$/i, 'RabbitMQ', 'VMware', ['vmware', 'rabbitmq']],
  [/artemis/i, 'Apache ActiveMQ Artemis', 'Apache', ['apache', 'activemq_artemis']],
  [/^(?:apache-)?activemq$/i, 'Apache ActiveMQ', 'Apache', ['apache', 'activemq']],
  [/^apache-apollo$/i, 'Apache Apollo', 'Apache', ['apache', 'activemq_apollo']],
]

function softwareOf(name: string | null, version: string | null, body: string): Partial<Service> {
  // Those that hide the header still show their Java package in the stack trace of an error.
  const spoken =
    name ??
    (/org\.apache\.activemq\.(?:artemis)?/.exec(body) ? (body.includes('artemis') ? 'artemis' : 'activemq') : null)
  const known = PRODUCTS.find(([pattern]) => spoken !== null && pattern.test(spoken))
  if (!known) return { product: name, version }
  const [, product, vendor, id] = known
  return { product, vendor, version, cpe: [cpe('a', ...id, version)] }
}

export interface StompFrame {
  readonly command: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** A CONNECTED or ERROR frame. ERROR alone could be anybody's word, so it needs a header of this protocol. */
export function parseStomp(bytes: Uint8Array): StompFrame | null {
  const text = latin1(bytes.subarray(0, FRAME_CAP)).replace(/^\n+/, '')
  const command = /^(CONNECTED|ERROR)\r?\n/.exec(text)?.[1]
  if (command === undefined) return null
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  const end = lines.indexOf('', 1)
  const headers = new Map<string, string>()
  for (const line of lines.slice(1, end < 0 ? undefined : end).slice(0, HEADERS_CAP)) {
    const colon = line.indexOf(':')
    // The first of a repeated header counts (section "Repeated Header Entries").
    if (colon > 0 && !headers.has(line.slice(0, colon))) headers.set(line.slice(0, colon), clean(line.slice(colon + 1)))
  }
  const proven = command === 'CONNECTED' || headers.has('message') || headers.has('content-type')
  return proven && (headers.size > 0 || text.includes('\0'))
    ? { command, headers, body: lines.slice(end + 1).join('\n') }
    : null
}
