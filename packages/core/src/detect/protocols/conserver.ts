/**
 * Conserver, console server (conserver(8)): the server greets with a word and then takes lines.
 *
 *   greeting => "ok" CRLF
 *   "help" CRLF => *(command SP description CRLF)      before the login: exit, help, login, ssl, gssapi
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { decode } from '../text.ts'

export const conserver: Protocol = {
  name: 'conserver',
  transport: 'tcp',
  ports: [782, 3109],
  opens: 'server',
  recognise,
  identify,
}

const HELP = /(?:^|\n)exit {1,8}disconnect\r\n[\s\S]{0,400}\nlogin {1,8}log in\r\n/

/** Two letters prove nothing: who says them is asked for help. */
function recognise(bytes: Uint8Array): Service | null {
  const text = decode(bytes.subarray(0, 1024))
  if (HELP.test(text)) return service('conserver', { product: 'Conserver' })
  return text === 'ok\r\n' ? service('conserver', { product: 'Conserver', confidence: 0.5 }) : null
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  if (recognise(greeting) === null) return null
  await session.write(Buffer.from('help\r\n'))
  const answer = await session.readUntil((soFar) => HELP.test(decode(soFar)))
  return HELP.test(decode(answer)) ? recognise(answer) : null
}
