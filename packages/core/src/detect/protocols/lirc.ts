/**
 * LIRC's daemon for remote controls (lircd(8), "SOCKET COMMAND INTERFACE"):
 *
 *   command LF => "BEGIN" LF command LF ("SUCCESS" / "ERROR") LF ["DATA" LF count LF *(line LF)] "END" LF
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { decode } from '../text.ts'

export const lirc: Protocol = { name: 'lirc', transport: 'tcp', ports: [8765], opens: 'client', recognise, identify }

const REPLY = /^BEGIN\n([^\n]{0,200})\n(?:SUCCESS|ERROR)\n(?:DATA\n\d{1,3}\n([^\n]{0,200})\n)?/

function recognise(bytes: Uint8Array): Service | null {
  const [, command, line] = REPLY.exec(decode(bytes.subarray(0, 1024))) ?? []
  if (command === undefined) return null
  const version = command === 'VERSION' && line !== undefined && /^\d[\w.-]{0,30}$/.test(line) ? line : null
  return service('lirc', { product: 'LIRC', vendor: 'LIRC', version })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('VERSION\n'))
  return recognise(await session.readUntil((soFar) => /\nEND\n/.test(decode(soFar))))
}
