/**
 * Reliable event logging protocol (librelp, "RELP specification"), syslog that answers:
 *
 *   frame = number " " command " " length [" " data] LF
 *   "1 open" offers => "1 rsp" "200 OK" LF relp_version=0 LF relp_software=librelp,1.11.0,... LF commands=syslog
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const OFFERS = 'relp_version=0\nrelp_software=portolan\ncommands=syslog'
const FRAME_CAP = 1024

export const relp: Protocol = {
  name: 'relp',
  transport: 'tcp',
  ports: [2514, 20514],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, FRAME_CAP))
  if (!/^\d{1,9} rsp \d{1,6} \d{3}[ \n]/.test(text) && !/^0 serverclose 0\n/.test(text)) return null
  const [name = null, version = null] = (/^relp_software=(.{1,100})$/m.exec(text)?.[1] ?? '')
    .split(',')
    .map((part) => clean(part) || null)
  return service('relp', {
    product: name === 'librelp' ? 'rsyslog librelp' : name,
    vendor: name === 'librelp' ? 'rsyslog' : null,
    version,
    cpe: name === 'librelp' ? [cpe('a', 'rsyslog', 'librelp', version)] : [],
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from(`1 open ${OFFERS.length} ${OFFERS}\n`))
  return recognise(await session.readUntil((soFar) => soFar.at(-1) === 10))
}
