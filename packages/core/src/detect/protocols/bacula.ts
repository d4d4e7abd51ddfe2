/**
 * Bacula and Bareos daemons (Bacula developer's manual, "Daemon Protocol"):
 *
 *   packet    = length(4) text                                     negative lengths are signals
 *   hello     => "Hello *UserAgent* calling" LF                    what a console without a name says to a director
 *   challenge => "auth cram-md5" ["c"] " <" number "." time "@" daemon "> ssl=" digit LF
 *
 * A file or storage daemon answers its own director alone, so the usual name of one is tried as well.
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const CONSOLE = 'Hello *UserAgent* calling\n'
const CHALLENGE_CAP = 512
const ROLES: readonly (readonly [suffix: RegExp, name: string, role: string])[] = [
  [/-fd$/, 'bacula-fd', 'file daemon'],
  [/-sd$/, 'bacula-sd', 'storage daemon'],
  [/-dir$/, 'bacula-dir', 'director'],
]

export const bacula: Protocol = {
  name: 'bacula',
  transport: 'tcp',
  ports: [9101, 9102, 9103],
  opens: 'client',
  patience: 7000,
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const challenge = parseBaculaChallenge(bytes)
  if (!challenge) return refusal(latin1(bytes.subarray(4, 400)))
  const bareos = /^R_/.test(challenge.daemon) || /bareos/i.test(challenge.daemon)
  const [, name = 'bacula', role = null] = ROLES.find(([suffix]) => suffix.test(challenge.daemon)) ?? []
  return service(name, {
    product: bareos ? 'Bareos' : 'Bacula',
    vendor: bareos ? 'Bareos' : 'Bacula',
    info: role,
    cpe: [bareos ? cpe('a', 'bareos', 'bareos') : cpe('a', 'bacula', 'bacula')],
    facts: { daemon: challenge.daemon, tls: challenge.tls },
  })
}

const REFUSED = { product: 'Bacula', vendor: 'Bacula', cpe: [cpe('a', 'bacula', 'bacula')] }

/** A daemon that does not know the director says so, and first lets it wait; an alert, any of them may send. */
function refusal(text: string): Service | null {
  if (/^hello\.c:\d+ Connection from unknown Director /.test(text))
    return service('bacula-fd', { ...REFUSED, info: 'file daemon' })
  return /^Jmsg JobId=0 type=\d+ .{0,80}Security Alert: /.test(text) ? service('bacula', REFUSED) : null
}

async function identify(session: Session): Promise<Service | null> {
  const found = await attempt(() => greet(session, CONSOLE))
  if (found) return found
  const host = /^[a-z][a-z\d-]*/i.exec(session.hostname ?? '')?.[0] ?? 'bacula'
  return attempt(async () => {
    await session.reopen()
    return greet(session, `Hello Director ${host}-dir calling\n`)
  })
}

async function greet(session: Session, hello: string): Promise<Service | null> {
  await session.write(new Writer().u32(hello.length).latin1(hello).finish())
  return recognise(await session.read(16))
}

export function parseBaculaChallenge(bytes: Uint8Array): { readonly daemon: string; readonly tls: number } | null {
  const text = orNull(() => {
    const reader = new Reader(bytes)
    return latin1(reader.take(reader.u32(), CHALLENGE_CAP))
  })
  const [, daemon, tls] = /^auth cram-md5c? <\d{1,12}\.\d{1,12}@([^>\s]{1,128})> ssl=(\d)\n/.exec(text ?? '') ?? []
  return daemon === undefined ? null : { daemon, tls: Number(tls) }
}
