/**
 * BOINC client (BOINC wiki, "GUI RPC protocol"): requests and replies in XML, each ended by 0x03.
 *
 *   request => <boinc_gui_rpc_request><exchange_versions/></boinc_gui_rpc_request>
 *   reply   => <boinc_gui_rpc_reply><server_version><major>7</major><minor>20</minor><release>5</release>...
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const END = 3
const REQUEST = '<boinc_gui_rpc_request>\n<exchange_versions>\n</exchange_versions>\n</boinc_gui_rpc_request>\n\x03'

export const boinc: Protocol = { name: 'boinc', transport: 'tcp', ports: [31416], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 2048))
  if (!/^<boinc_gui_rpc_reply>\s/.test(text)) return null
  const part = (name: string) => new RegExp(`<${name}>(\\d{1,4})</${name}>`).exec(text)?.[1]
  const [major, minor, release] = [part('major'), part('minor'), part('release')]
  const version = major === undefined || minor === undefined ? null : `${major}.${minor}${release ? `.${release}` : ''}`
  return service('boinc', {
    product: 'BOINC',
    vendor: 'University of California, Berkeley',
    version,
    cpe: [cpe('a', 'berkeley', 'boinc', version)],
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from(REQUEST))
  return recognise(await session.readUntil((soFar) => soFar.at(-1) === END))
}
