/** TeamSpeak ServerQuery (TeamSpeak 3 ServerQuery manual): greeting => "TS3" LF CR "Welcome to the TeamSpeak 3 ServerQuery" ... */
import { latin1 } from '#core/wire/reader.ts'
import { attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const teamspeak: Protocol = {
  name: 'teamspeak',
  transport: 'tcp',
  ports: [10011, 25639],
  opens: 'server',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 1024))
  if (!/^TS3\r?\n\r?(?:Welcome to the TeamSpeak|$)/.test(text) && !/^TS3 Client\r?\n/.test(text)) return null
  const version = /\bversion=([\d.]{3,20})/.exec(text)?.[1] ?? null
  return service('teamspeak', {
    product: text.startsWith('TS3 Client') ? 'TeamSpeak 3 client' : 'TeamSpeak 3',
    vendor: 'TeamSpeak',
    version,
    cpe: [cpe('a', 'teamspeak', 'teamspeak3', version)],
  })
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const known = recognise(greeting)
  if (known === null) return null
  const answer = await attempt(async () => {
    await session.write(Buffer.from('version\n'))
    return session.readUntil((soFar) => latin1(soFar).includes('error id='))
  })
  return answer === null ? known : (recognise(Buffer.concat([greeting, answer])) ?? known)
}
