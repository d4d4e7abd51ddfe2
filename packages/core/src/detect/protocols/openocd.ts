/**
 * OpenOCD's Tcl port (user's guide, "Tcl Scripting API"): commands and results end in 0x1a. Its telnet port greets with
 * its name instead, see telnet-banners.data.ts.
 *
 *   "version" %x1A => "Open On-Chip Debugger" SP version ... %x1A
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { decode } from '../text.ts'
import { upstream } from '../version.ts'

export const openocd: Protocol = {
  name: 'openocd',
  transport: 'tcp',
  ports: [6666],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const text = decode(bytes.subarray(0, 512))
  const version = /^Open On-Chip Debugger (\d[\w.+~-]{0,60})/.exec(text)?.[1]
  if (version !== undefined)
    return service('openocd', { product: 'OpenOCD', vendor: 'OpenOCD', version: upstream(version) })
  // What Tcl says to words that are no command.
  return /^invalid command name "[^"]{0,200}"[^\x1a]{0,200}\x1a/.test(text)
    ? service('openocd', { product: 'OpenOCD', vendor: 'OpenOCD', confidence: 0.8 })
    : null
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('version\x1a'))
  return recognise(await session.readUntil((soFar) => soFar.includes(0x1a)))
}
