/**
 * How the CPE dictionary writes a version: the number is one attribute, and the patch level, or what came before the
 * release, another (NISTIR 7695 section 5.3.3 calls it update): `9.2p1` is 9.2, update p1; `2.0.0-beta.3` is 2.0.0,
 * update beta3.
 */

export interface Release {
  readonly version: string
  /** null: the version has no such part. */
  readonly update: string | null
}

/** `rc` and its like may stand without a number; a lone `p` or `m` may not, since it is rather a letter of the version. */
const UPDATE =
  /^(\d[\d.]*?)[-_.~ ]?((?:rc|cr|beta|alpha|preview|pre|patch|update|milestone|snapshot|final|ga)[-._]?\d*|(?:p|sp|m)\d+)$/i

type Way = readonly [RegExp, (...parts: string[]) => Release]

const WHOLE: Way = [/^(\d{1,2})$/, (release) => ({ version: `${release}.0`, update: null })]

/** Products whose versions the dictionary divides in a way of its own. */
const OWN_WAYS: Readonly<Record<string, Way>> = {
  // Patch levels, and the security (S), Windows (W) and extended support (R) releases.
  'isc:bind': [/^(\d[\d.]*(?:-ESV)?)-?((?:P|S|W|R|T|rc|a|b)\d.*)$/i, (version, update) => ({ version, update })],
  'ntp:ntp': [/^(\d.*?\d)(p\d+.*)$/i, (version, update) => ({ version, update })],
  // Letters are the update of ProFTPD alone: those of OpenSSL or thttpd belong to the version.
  'proftpd:proftpd': [/^(\d[\d.]*\d)([a-z])$/i, (version, update) => ({ version, update })],
  'eclipse:jetty': [/^(\d+\.\d+\.\d+)\.v(\d{8})$/i, (version, update) => ({ version, update })],
  // The dictionary counts releases of these in tenths, though the distributions do not: Debian 12 is 12.0.
  'debian:debian_linux': WHOLE,
  'redhat:enterprise_linux': WHOLE,
  'centos:centos': WHOLE,
  'apache:tomcat': [/^(\d[\d.]*?)[-.]M(\d+)$/i, (version, n) => ({ version, update: `milestone${n}` })],
  // Some agents write dots where Cisco writes brackets: 15.4.3.M3 is 15.4(3)M3.
  'cisco:ios': [
    /^(\d+\.\d+)\.(\d+\w?)\.([A-Z]\w*)$/i,
    (train, release, build) => ({ version: `${train}(${release})${build}`, update: null }),
  ],
}

/** The two attributes of a version of this `vendor:product`. What cannot be divided stays the version as it is. */
export function release(name: string, version: string): Release {
  const own = OWN_WAYS[name]
  const parts = own?.[0].exec(version)
  if (own !== undefined && parts) return own[1](...parts.slice(1))
  const [, base, update] = UPDATE.exec(version) ?? []
  if (base === undefined || update === undefined) return { version, update: null }
  return { version: base.replace(/\.$/, ''), update: update.replace(/[-._]/g, '') }
}
