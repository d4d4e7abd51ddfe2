/** What a SIP response says of its sender; one message format for TCP, TLS and UDP (RFC 3261 sections 7.2 and 20). */
import { latin1 } from '#core/wire/reader.ts'
import { describeDevice } from './describe-device.ts'
import { createMatcher, withVersionFrom } from './fingerprint.ts'
import { SIP_SOFTWARE } from './fingerprints/sip-software.data.ts'
import { nameAndVersion } from './name-version.ts'
import { isNobody } from './nobody.ts'
import { operatingSystem } from './operating-system.ts'
import type { Service } from './protocol.ts'
import { service } from './service.ts'
import { clean } from './text.ts'
import { slashVersion } from './version.ts'

/** Headers are read up to here. */
const HEAD_CAP = 8192

const known = createMatcher(SIP_SOFTWARE)

/** Null when the bytes are no SIP response or request. Never throws. */
export function sipService(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, HEAD_CAP))
  const status = /^SIP\/2\.0 (\d{3}) ?([^\r\n]*)/.exec(text)
  if (status === null && !/^[A-Z]{3,12} sips?:\S{1,200} SIP\/2\.0\r?\n/.test(text)) return null
  const header = (name: RegExp) => name.exec(text)?.[1]?.trim() ?? null
  const server = header(/^(?:Server|s) *: *(.+)$/im) ?? header(/^User-Agent *: *(.+)$/im)
  const facts = {
    status: status?.[1] ?? 'request',
    software: server === null ? null : clean(server),
    allow: clean(header(/^Allow *: *(.+)$/im) ?? ''),
  }
  if (server === null)
    return service('sip', { info: status === null ? null : clean(`${status[1]} ${status[2]}`), facts })
  const software = clean(server).replace(/^\(([^()]+)\)$/, '$1')
  const listed = known(software)
  return service('sip', { ...(listed ? withVersionFrom(software, listed, LIBRARIES) : general(software)), facts })
}

/** Numbers of what it was made with. */
const LIBRARIES = [/\b(?:SIP Stack|oSIP|eXosip2?|Linux|PJSIP|M5T)[ /]v?\d\S*/gi]

/** Software no fingerprint knows still has a name and a version, as `Name/1.2 (comment)`. */
function general(software: string): Partial<Service> {
  // The library of a device stands behind the device's own name and release.
  const { name, version } = nameAndVersion(
    software.replace(/^(\S+ \S.*?) (?:\w+ )?SIP Stack\/\S+$/, '$1'),
    slashVersion,
  )
  const device = isNobody(name) ? null : describeDevice(software)
  return {
    product: isNobody(name) ? null : name,
    version,
    vendor: device?.vendor ?? null,
    device: device?.device ?? null,
    os: operatingSystem(software)?.name ?? null,
    confidence: 0.95,
  }
}
