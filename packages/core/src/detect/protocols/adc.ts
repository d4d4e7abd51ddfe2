/**
 * Advanced Direct Connect, a hub (ADC 1.0.3, sections 3 to 5): lines of words, parameters named by their first two letters,
 * `\s` for a space.
 *
 *   client => "HSUP ADBASE ADTIGR" LF
 *   hub    => "ISUP ADBASE ..." LF "ISID" SP sid LF "IINF" (SP parameter)* LF      AP software, VE version, NI name
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull, lines } from '../text.ts'
import { versionToken } from '../version.ts'

/** The answer of a hub in its words; none of ours has so many lines. */
const LINES = 8

export const adc: Protocol = { name: 'adc', transport: 'tcp', ports: [1511], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const told = lines(bytes, LINES)
  if (!/^ISUP (?:AD[A-Z0-9]{4} ?){1,40}$/.test(told[0] ?? '')) return null
  const parameters = (told.find((line) => line.startsWith('IINF ')) ?? '').split(' ').slice(1)
  const value = (name: string) =>
    parameters
      .find((p) => p.startsWith(name))
      ?.slice(2)
      .replaceAll('\\s', ' ')
  // Software and version apart, as the specification has it now, or together in one word.
  const [, named, release] = /^([^/]{1,60})\/(.{1,60})$/.exec(value('VE') ?? '') ?? []
  return service('adc', {
    product: cleanOrNull(value('AP') ?? named),
    version: versionToken(clean(release ?? value('VE') ?? '').replace(/-release$/, '')),
    info: cleanOrNull(value('NI')),
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('HSUP ADBASE ADTIGR\n'))
  return recognise(await session.readUntil((soFar) => Buffer.from(soFar).includes('\nIINF ') && soFar.at(-1) === 10))
}
