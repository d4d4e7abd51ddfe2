/**
 * Varnish Cache's command line interface (varnish-cli(7)):
 *
 *   response = status(3 digits) " " length(8, padded) LF text(length) LF
 *   greeting => 107 with a challenge of 32 letters, or 200 with the banner: rules, "Varnish Cache CLI 1.0", system,
 *               "varnish-" version " revision " commit
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

const GREETING_CAP = 1024

export const varnishCli: Protocol = { name: 'varnish-cli', transport: 'tcp', ports: [6082], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, GREETING_CAP))
  const challenge = /^107 \d{1,8} *\n[a-z]{32}\n/.test(text)
  const banner = /^200 \d{1,8} *\n-{10,}\nVarnish Cache CLI /.test(text)
  if (!challenge && !banner) return null
  const version = /\nvarnish-(\d[\w.-]{0,30}?)(?: revision|\n)/.exec(text)?.[1] ?? null
  return service('varnish-cli', {
    product: 'Varnish Cache CLI',
    vendor: 'Varnish',
    version,
    os: /\n(Linux|FreeBSD|SunOS|Darwin),/.exec(text)?.[1] ?? null,
    info: challenge ? 'authentication required' : 'open to everybody',
    cpe: [cpe('a', 'varnish_cache_project', 'varnish_cache', version)],
    facts: { authentication: challenge },
  })
}
