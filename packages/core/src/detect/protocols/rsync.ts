/**
 * rsync daemon (rsync's own csprotocol.txt): the server opens, the client repeats the version and may ask for a list.
 *
 *   greeting => "@RSYNCD: " version [SP digests] LF
 *   list     => *(module TAB comment LF) "@RSYNCD: EXIT" LF / "@ERROR: " text LF
 */
import { latin1 } from '#core/wire/reader.ts'
import { attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, firstLine } from '../text.ts'

export const rsync: Protocol = { name: 'rsync', transport: 'tcp', ports: [873], opens: 'server', recognise, identify }

/** Modules named in the result. */
const MODULES_CAP = 50

function recognise(bytes: Uint8Array): Service | null {
  const found = /^@RSYNCD: (\d{1,3}(?:\.\d{1,3})?)(?: [\w -]{1,200})?$/.exec(firstLine(bytes))
  if (found === null) return null
  return service('rsync', {
    product: 'rsync',
    vendor: 'Samba',
    info: `protocol ${found[1]}`,
    cpe: ['cpe:2.3:a:samba:rsync:*:*:*:*:*:*:*:*'],
    facts: { protocol: found[1] ?? '' },
  })
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const known = recognise(greeting)
  if (known === null) return null
  const list = await attempt(async () => {
    await session.write(Buffer.from(`@RSYNCD: ${String(known.facts.protocol)}\n#list\n`))
    return session.readUntil((soFar) => /@RSYNCD: EXIT\n|@ERROR[^\n]*\n/.test(latin1(soFar)))
  })
  if (list === null) return known
  const modules = latin1(list)
    .split('\n')
    .filter((line) => line.includes('\t'))
    .slice(0, MODULES_CAP)
  const names = modules.map((line) => clean(line.split('\t', 1)[0] ?? '', 80))
  return { ...known, facts: { ...known.facts, modules: names } }
}
