/**
 * QEMU Machine Protocol (docs/interop/qmp-spec):
 *
 *   greeting => {"QMP": {"version": {"qemu": {"major", "minor", "micro"}, "package": text}, "capabilities": [...]}} CRLF
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import { operatingSystem } from '../operating-system.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { cleanOrNull } from '../text.ts'

export const qmp: Protocol = { name: 'qmp', transport: 'tcp', ports: [4444], opens: 'server', recognise }

/** A greeting is some 120 bytes. */
const GREETING_CAP = 1024

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, GREETING_CAP))
  if (!/^\{"QMP": ?\{"version": ?\{/.test(text)) return null
  const number = (key: string) => new RegExp(`"${key}": ?(\\d{1,4})`).exec(text)?.[1]
  const [major, minor, micro] = [number('major'), number('minor'), number('micro')]
  const version = major === undefined || minor === undefined ? null : `${major}.${minor}.${micro ?? 0}`
  const build = cleanOrNull(/"package": ?"([^"]{0,100})"/.exec(text)?.[1])
  const os = operatingSystem(build ?? '')
  return service('qmp', {
    product: 'QEMU',
    version,
    vendor: 'QEMU',
    info: build,
    os: os?.name ?? null,
    cpe: [cpe('a', 'qemu', 'qemu', version), ...(os?.cpe ?? [])],
  })
}
