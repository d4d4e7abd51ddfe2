/**
 * Which words of a greeting are its subject: the product, once protocol names, dates and courtesy are gone.
 *
 *   subjectOf('ESMTP Foo 1.2 ready at Tue, 3 Mar 2015')        'Foo 1.2'
 *   numberedName('Welcome to Foo FTP service 1.2')             { name: 'Foo', version: '1.2' }
 */
import { nameAndVersion } from './name-version.ts'

/** `<1896.697170952@host>`: the timestamp of APOP (RFC 1939 section 7). */
export const MESSAGE_ID = /<[^<>]{3,200}@[^<>]{1,200}>/g
/** What an IMAP server can do (RFC 9051 section 7.1). */
export const CAPABILITIES = /\[CAPABILITY[^\]]{0,500}\]/gi

/** Courtesy that ends what a greeting has to say, as a rule. */
const READY =
  /\b(?:service|server|daemon|gateway|receiver|proxy)?,? ?(?:is )?(?:ready|available|starting|spoken here|at your service|online|here)\b.*$/i
const COURTESY =
  /\b(?:welcome(?: to)?(?: the)?|hello(?: there)?|hi|greetings|please|this is|you are user number|copyright|\(c\)|no spam|no uce|all rights|unauthori[sz]ed|authorized|private|warning|use of)\b.*$/i
/** What greetings say besides the product: protocol names, dates, message ids, courtesy. */
const NOISE: readonly RegExp[] = [
  MESSAGE_ID,
  CAPABILITIES,
  /;? ?(?:at )?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? .*$/i,
  /\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4},? \d{1,2}:\d\d.*$/,
  /\b(?:on |at )?(?:(?:19|20)\d\d[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}\/\d{1,2}\/\d{2,4})\b.*$/,
  /\b\d{1,2}:\d\d(?::\d\d)?\b.*$/,
  /\b(?:E?SMTP|LMTP|FTP|SFTP|POP-?3?|IMAP4?(?:rev1)?|NNTP)\b(?! ?[/(]?v?\d)/gi,
  /\bfor (?:MS |Microsoft )?Win(?:dows|NT|32)?(?:[ /]\w{2,4})*(?![\w.])/gi,
  READY,
  COURTESY,
  /\b(?:server|service|daemon)\b(?= *$)/i,
]
/** Left-overs that are nobody's name. */
const EMPTY =
  /^(?:the|a|an|mail|file|transfer|protocol|server|service|services|system|internet|host|network|user|users|access|ok|ready|welcome|hello|daemon|connected|connection|site|my|our|public|anonymous|secure|tls|ssl|domain|name|default|main|news|login|mx|smtp|ftp|pop3?|imap4?|nntp|proxy|message|center|esmtp|version|relay|gateway|kernel)$/i

const HOST = /^(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}$/

/** Is this the name of anything but a host? */
export const isName = (name: string): boolean =>
  name.length >= 3 && name.length <= 80 && !EMPTY.test(name) && !HOST.test(name)

export function subjectOf(text: string): string {
  const bare = NOISE.reduce((t, noise) => t.replace(noise, ' '), text).replace(/\s+/g, ' ')
  const parts = bare.split(/[|]| - | -- /).map((part) => part.replace(/^[\s\-=*#~_>:,.!]+|[\s\-=*#~_<:,!]+$/g, ''))
  return parts.find((part) => /[A-Za-z]{2}/.test(part) && !EMPTY.test(part)) ?? ''
}

/** Courtesy in front of a name. */
const INVITATION = /\b(?:welcome to(?: the)?|greetings from|hello from|this is(?: the)?|powered by|running)\b/gi
/** A proper name of a few words. */
const PROPER = /^[A-Z][\w.+'&-]*(?: [\w.+'&()-]+){0,4}$/

/** A name in the courtesy itself, behind "welcome to" or after "ready": only one with a version is worth believing. */
export function numberedName(text: string): { readonly name: string; readonly version: string } | null {
  const bare = NOISE.filter((noise) => noise !== READY && noise !== COURTESY).reduce((t, n) => t.replace(n, ' '), text)
  for (const part of bare.replace(INVITATION, '|').split(/[|,]|\bready\b\W*| - /)) {
    const subject = part
      .replace(/\s+/g, ' ')
      .replace(/\b(?:service|server|daemon) (?=v?\d)/i, '')
      .trim()
    const { name, version } = nameAndVersion(subject)
    if (version !== null && isName(name) && PROPER.test(name)) return { name, version }
  }
  return null
}
