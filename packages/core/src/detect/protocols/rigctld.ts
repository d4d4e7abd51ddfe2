/**
 * Hamlib's daemons for radios and antenna rotators (rigctld(1), rotctld(1)): lines in, values out.
 *
 *   "\dump_caps" LF => "Caps dump for model:" SP number LF "Model name:" TAB name LF "Mfg name:" TAB name LF ...
 *   anything else   => *(value LF) / "RPRT" SP ["-"] number LF
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, decode } from '../text.ts'

export const rigctld: Protocol = {
  name: 'rigctld',
  transport: 'tcp',
  ports: [4532, 4533],
  opens: 'client',
  recognise,
  identify,
}

const CAPS = /^Caps dump for model: ?\s{0,4}\d+\nModel name:\t+([^\n]{1,80})\nMfg name:\t+([^\n]{1,80})\n/
const REPORT = /^RPRT -?\d{1,3}\r?\n/

function recognise(bytes: Uint8Array): Service | null {
  const text = decode(bytes.subarray(0, 2048))
  const found = CAPS.exec(text)
  if (found === null)
    return REPORT.test(text)
      ? service('rigctld', { product: 'Hamlib rigctld', vendor: 'Hamlib', confidence: 0.8 })
      : null
  const device = [found[2], found[1]].map((word) => clean(word ?? '', 64)).join(' ')
  const daemon = /^Rot type:/m.test(text) ? 'rotctld' : 'rigctld'
  return service('rigctld', { product: `Hamlib ${daemon}`, vendor: 'Hamlib', info: device })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('\\dump_caps\n'))
  return recognise(await session.readUntil((soFar) => /^(?:Rot|Rig) type:|^RPRT /m.test(decode(soFar))))
}
