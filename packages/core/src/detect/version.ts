/**
 * Versions as banners write them.
 *
 *   upstream('8.2.36-1~deb12u1')  '8.2.36': the version without what a distribution appended
 *   versionToken('v2.4.1,')       '2.4.1':  one word, `v`, `R`, brackets and punctuation removed; null when it is none
 *   versionIn('Ver 4.07 UPnP')    '4.07':   the first version in running text, null when there is none
 */

/** What distributions append to the version of the original, and where it begins. */
const DISTRIBUTION =
  /[+~.-]?(?:ubuntu|debian|raspbian|red ?hat|fedora|centos|freebsd|mariadb|maria~|deb\d+u|woody|sarge|etch|lenny|squeeze|wheezy|bpo\d|dfsg|[+~]ds(?![a-z])|-\w{2,20}-rpm-|ds-|repack|\.el\d|\.fc\d|\.amzn\d|\.mga\d|\.suse|nmu\d|\+b\d+$|\+rpi)/i

/** `1:9.2p1-2+deb12u10` -> `9.2p1`, `9.11.4-P2-RedHat-9.11.4-26.el7` -> `9.11.4-P2`, `1.22.1` -> `1.22.1`. */
export function upstream(version: string): string {
  // VShell and EmWeb write 4_2_3.
  const text = version.replace(/^\d:/, '').replace(/^\d+(?:_\d+){2,6}$/, (found) => found.replaceAll('_', '.'))
  const mark = DISTRIBUTION.exec(text)
  if (mark === null || mark.index === 0) return text
  // What is left ends in the distribution's own revision (`-0`, `-1~`), unless the mark began right at a separator.
  const head = text.slice(0, mark.index)
  const glued =
    !/^[+~.-]/.test(mark[0]) ||
    /^[+~.-](?:deb|bpo|b\d|rpi|woody|sarge|etch|lenny|squeeze|wheezy)/i.test(mark[0]) ||
    /^\.(?:el|fc|amzn|mga)/i.test(mark[0])
  return (glued ? head.replace(/-\d[\w.]*[+~.]*$/, '') : head).replace(/[+~.-]+$/, '')
}

const OPENING = /^[vVrR]\.?(?=\d)|^(?:ver|version|rel|release|rev)[._-]?(?=\d)/i
/** Cisco's counts in brackets, `12.4(15)T1`. */
const VERSION = /^\d{1,10}(?:[._+~:-]?\w{1,40}){0,12}(?:\((?:\d{1,4}[a-z]?|[a-z]|[A-Z]{1,2}\d?)\)\w{0,8})?/
/** IBM's and Huawei's whole: V1R12, V100R001C20. */
const VERSION_RELEASE = /^V\d{1,4}R\d{1,4}(?:[CM]\d{1,4})?(?:SPC\d{1,4})?$/

/** One word as a version, or null when it does not look like one. Dates with slashes and addresses are not versions. */
export function versionToken(word: string): string | null {
  const found = slashVersion(word)
  return found === null || isAddress(found) ? null : found
}

/** The same behind `Name/`, where four numbers are rather a version (`cpsrvd/11.52.6.1`) than an address. */
export function slashVersion(word: string): string | null {
  if (VERSION_RELEASE.test(word)) return word
  const bare = word.replace(/^[([{"'=]+/, '').replace(OPENING, '')
  const found = VERSION.exec(bare)?.[0].replace(/[._+~:-]+$/, '')
  if (found === undefined || /^\d\d:\d\d|^\d\d?\.\d\d?\.(?:19|20)\d\d$/.test(found)) return null
  return found
}

const isAddress = (text: string) =>
  /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text) &&
  text.split('.').every((n) => Number(n) < 256) &&
  // Nobody's address has a single figure or a nought at its ends.
  !/^[0-9]\.|^[12]\d\..*\.0$/.test(text)

/** The first thing in running text that reads as a version: announced (`version 3`, `v2`), or dotted. */
export function versionIn(text: string): string | null {
  const announced =
    /\b(?:(?:version|vers|ver|release|rev|firmware)[ .:=_-]{0,3}|fw[ .:=_-]{1,3})v?\.?(\d[\w.+~-]{0,40}(?!\w|:\d)(?:\(\d{1,4}\w{0,4}\))?)/i.exec(
      text,
    )
  if (announced?.[1] !== undefined) return versionToken(announced[1])
  for (const found of text.matchAll(
    /(?<![\w.:-])(?:[vVrR]\.?)?(\d{1,6}(?:\.\w{1,20}){1,6}(?:[-+~_][\w.]{1,20}){0,4}(?:\(\d{1,4}[a-z]?\)\w{0,8})?|(?<=[vV])\d{1,6}(?!-\w))(?!\w|:\S)/g,
  )) {
    const version = versionToken(found[1] ?? '')
    if (version !== null) return version
  }
  return null
}
