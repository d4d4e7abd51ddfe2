/**
 * Git's own transport (git-protocol-pack(5), "git transport"): packet lines.
 *
 *   request  => pkt-line("git-upload-pack /" NUL "host=" host NUL NUL "version=2" NUL)
 *   response => pkt-line("version 2") pkt-line("agent=git/2.39.5") ... / pkt-line("ERR " reason)
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const git: Protocol = { name: 'git', transport: 'tcp', ports: [9418], opens: 'client', recognise, identify }

/** git-daemon(1) says this of whatever it does not export. */
const DAEMON = /^access denied or repository not exported: /

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 4096))
  const error = /^[0-9a-f]{4}ERR ([^\n]{1,200})/.exec(text)
  const refs = /^[0-9a-f]{4}(?:version [12]\n|[0-9a-f]{40}(?:[0-9a-f]{24})? HEAD\0)/.test(text)
  if (error === null && !refs) return null
  const version = /agent=git\/([\w.-]{1,40})/.exec(text)?.[1] ?? null
  return service('git', {
    product: version !== null || DAEMON.test(error?.[1] ?? '') ? 'git' : null,
    version,
    info: clean(error?.[1] ?? '') || null,
    cpe: version === null ? [] : [cpe('a', 'git-scm', 'git', version)],
  })
}

async function identify(session: Session): Promise<Service | null> {
  const line = `git-upload-pack /\0host=${session.hostname ?? session.address}\0\0version=2\0`
  await session.write(Buffer.from((line.length + 4).toString(16).padStart(4, '0') + line))
  return recognise(await session.readUntil((soFar) => latin1(soFar).endsWith('0000')))
}
