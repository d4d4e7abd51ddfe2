/** FreeSWITCH event socket (FreeSWITCH documentation, mod_event_socket): header lines and an empty one, then silence. */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

export const freeswitch: Protocol = { name: 'freeswitch', transport: 'tcp', ports: [8021], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 200))
  const refused = text.startsWith('Content-Type: text/rude-rejection\n')
  if (!refused && !text.startsWith('Content-Type: auth/request\n\n')) return null
  return service('freeswitch-event', {
    product: 'FreeSWITCH',
    vendor: 'FreeSWITCH',
    info: refused ? 'access denied by its access list' : 'event socket, authentication required',
    cpe: [cpe('a', 'freeswitch', 'freeswitch')],
  })
}
