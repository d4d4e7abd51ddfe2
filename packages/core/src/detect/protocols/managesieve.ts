/**
 * ManageSieve (RFC 5804 section 1.7): the server opens with its capabilities.
 *
 *   greeting => *(string [SP string] CRLF) ("OK" / "BYE") [SP text] CRLF
 *   "IMPLEMENTATION" names product and version
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import { nameAndVersion } from '../name-version.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const managesieve: Protocol = {
  name: 'managesieve',
  transport: 'tcp',
  ports: [4190, 2000],
  opens: 'server',
  recognise,
}

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 4096))
  const told = /^"IMPLEMENTATION" "([^"\r\n]{1,200})"/im.exec(text)
  if (told === null || !/^"SIEVE"/im.test(text)) return null
  const { name, version } = nameAndVersion(
    clean(told[1] ?? '')
      .replace(/\(Ubuntu\)|\(Debian\)/i, '')
      .trim(),
  )
  const dovecot = /^dovecot/i.test(name)
  const cyrus = /^cyrus/i.test(name)
  return service('sieve', {
    product: dovecot ? 'Dovecot Pigeonhole' : cyrus ? 'Cyrus timsieved' : name || null,
    version,
    info: /^"STARTTLS"/im.test(text) ? 'STARTTLS offered' : null,
    cpe: dovecot
      ? [cpe('a', 'dovecot', 'pigeonhole', version)]
      : cyrus
        ? [cpe('a', 'cmu', 'cyrus_imap_server', version)]
        : [],
  })
}
