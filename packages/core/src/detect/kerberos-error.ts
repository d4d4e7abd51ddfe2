/**
 * What a Kerberos 5 KDC answers to a stranger (RFC 4120 section 5.9.1):
 *
 *   KRB-ERROR = [APPLICATION 30] SEQUENCE { [0] 5, [1] 30, [4] stime, [5] susec, [6] error-code, [7] crealm, [8] cname,
 *               [9] realm, [10] sname, [11] e-text, [12] e-data }
 */
import { BER, berInteger, expectTlv, members } from '#core/wire/ber.ts'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { cpe } from './cpe.ts'
import type { Service } from './protocol.ts'
import { service } from './service.ts'
import { clean } from './text.ts'

const KRB_ERROR = 0x7e
const [UNKNOWN_CLIENT, WRONG_REALM] = [6, 68]

export interface KerberosError {
  readonly code: number
  /** ISO 8601, UTC. */
  readonly time: string
  readonly realm: string
  readonly text: string | null
  readonly clientRealm: string | null
}

export function parseKerberosError(bytes: Uint8Array): KerberosError | null {
  return orNull(() => {
    const list = members(expectTlv(new Reader(expectTlv(new Reader(bytes), KRB_ERROR)), BER.sequence))
    const field = (number: number) => list.find((member) => member.tag === 0xa0 + number)?.content
    const inner = (number: number) => members(field(number) ?? new Uint8Array())[0]?.content ?? new Uint8Array()
    if (berInteger(inner(0)) !== 5 || berInteger(inner(1)) !== 30) return null
    const text = (number: number) => clean(inner(number)) || null
    const time = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(latin1(inner(4)))
    if (!time) return null
    const [, year, month, day, hour, minute, second] = time
    return {
      code: berInteger(inner(6)),
      time: `${year}-${month}-${day}T${hour}:${minute}:${second}Z`,
      realm: text(9) ?? '',
      text: text(11),
      clientRealm: text(7),
    }
  })
}

/**
 * The words of the error text are the implementation's own: MIT writes in capitals, Heimdal in sentences or not at all.
 * Windows writes nothing, and objects to the realm before it looks for the client.
 */
export function kerberosService(error: KerberosError): Service {
  const facts = { code: error.code, time: error.time, realm: error.realm, ...(error.text ? { text: error.text } : {}) }
  return service('kerberos-sec', { ...kerberosSoftware(error), facts })
}

function kerberosSoftware({ text, code }: KerberosError): Partial<Service> {
  const heimdal = { product: 'Heimdal Kerberos', vendor: 'Heimdal', cpe: [cpe('a', 'heimdal_project', 'heimdal')] }
  if (text === null && code === WRONG_REALM)
    return { product: 'Microsoft Windows Kerberos', vendor: 'Microsoft', os: 'Windows' }
  if (text === null) return code === UNKNOWN_CLIENT ? heimdal : {}
  if (/^[A-Z]+(?:_[A-Z]+)+$/.test(text))
    return { product: 'MIT Kerberos', vendor: 'MIT', cpe: [cpe('a', 'mit', 'kerberos_5')] }
  return /[a-z] [a-z]/.test(text) ? heimdal : {}
}
