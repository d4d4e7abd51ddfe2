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
  /;? ?\b(?:(?:at|on) (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\b|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? (?:\d|[A-Z][a-z]{2} \d)).*$/i,
  /,? \d{1,2}[- ](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}[- ](?:19|20)\d\d\b.*$/i,
  /\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4},? \d{1,2}:\d\d.*$/,
  /\b(?:on |at )?(?:(?:19|20)\d\d[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}\/\d{1,2}\/\d{2,4})\b.*$/,
  /\b\d{1,2}:\d\d(?::\d\d)?\b.*$/,
  // As a word of its own: not the end of `MINI-FTP`, not the beginning of `ftp-broker.com`.
  /(?<![\w.@/-])(?:E?SMTP|LMTP|FTP|SFTP|POP-?3?|IMAP4?(?:rev1)?|NNTP)\b(?![-.]\w| ?[/(]?v?\d(?!\w{0,40}[a-z]\w{4}))/gi,
  // Where it runs, or where it comes from: behind the name, in brackets or not.
  /(?<=\w \(?)(?:at |on )?(?:https?:\/\/)?(?!v?\d)(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?:\/[^\s)]*)?(?=[ ),;]|$)/g,
  /\((?:tm|r|protocol version \w{1,8})\)/gi,
  /\( ?\)/g,
  /\bfor (?:MS |Microsoft )?Win(?:dows|NT|32)?(?:[ /]\w{2,4})*(?![\w.])/gi,
  READY,
  COURTESY,
  /\b(?:server|service|daemon)\b(?= *$)/i,
]
/** Left-overs that are nobody's name. */
const EMPTY =
  /^(?:the|a|an|mail|(?:e-?)?mail server|file|transfer|protocol|server|service|services|system|internet|host|network|user|users|access|ok|ready|welcome|hello|daemon|connected|connection|site|my|our|public|anonymous|secure|tls|ssl|domain|name|default|main|news|login|mx|smtp|ftp|pop3?|imap4?|nntp|proxy|message|center|esmtp|version|relay|gateway|kernel|release|rel|ver|rev|build|firmware)$/i

const HOST = /^(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}$/

/** Is this the name of anything but a host? */
export const isName = (name: string): boolean =>
  name.length >= 3 && name.length <= 80 && !EMPTY.test(name) && !HOST.test(name)

/** `-- Server (Name 1.2)`: nothing but the name in brackets. */
const BRACKETED = /^[\s-]*(?:server|service)? ?\(([A-Z][^()]*)\)?[\s.]*$/i

export function subjectOf(text: string): string {
  const bare = NOISE.reduce((t, noise) => t.replace(noise, ' '), text)
    .replace(/\s+/g, ' ')
    .replace(BRACKETED, '$1')
  const parts = bare.split(/[|]| - | -- /).map((part) => part.replace(/^[\s\-=*#~_>:,.!]+|[\s\-=*#~_<:,!]+$/g, ''))
  return parts.find((part) => /[A-Za-z]{2}/.test(part) && !EMPTY.test(part)) ?? ''
}

const PROTOCOLS = ['FTP', 'ESMTP', 'SMTP', 'POP3', 'Pop', 'IMAP', 'IMAP4', 'NNTP']

/** `Foo Server` as the text has it: `Foo FTP Server`. The protocol was noise only where it told nothing else. */
export function asCalled(name: string, text: string): string {
  const words = name.split(' ')
  for (let i = 1; i < words.length; i++) {
    const [head, tail] = [words.slice(0, i).join(' '), words.slice(i).join(' ')]
    const called = PROTOCOLS.map((protocol) => `${head} ${protocol} ${tail}`).find((each) => text.includes(each))
    if (called !== undefined) return called
  }
  return name
}

/**
 * A name without a version is an operator's as often as a program's (`ACME FTP`): only one that is coined as programs'
 * are (`NetPresenz`, `FileCOPA`, `XMail`, `Winmail`) is worth believing.
 */
export const isCoined = (name: string): boolean =>
  !isOrganisation(name) &&
  name.split(' ').some((word) => /^\w*[a-z][A-Z]|^[A-Z]{2,5}[a-z]{3}/.test(word) || OF_ITS_TRADE.test(word))
/** Is this what a firm or a school calls itself? */
export const isOrganisation = (name: string): boolean => ORGANISATION.test(name)
/** Firms coin their names too: `BigCorp`, `MegaStore`, `ProHosting Inc`. */
const ORGANISATION =
  /\b(?:Inc|Ltd|LLC|LLP|GmbH|AG|KG|S\.?A|S\.?A\.?R\.?L|S\.?p\.?A|B\.?V|Pty|Corp|Corporation|Company|Group|Holding|University|Institute|Department|College|School|Bank|Hotel)\b|(?:Corp|Company|Hosting|Store|Shop|Bank|Group|Media|Studios?|Solutions|Consulting|Design)\b|^My(?=[A-Z])/
const OF_ITS_TRADE =
  /^(?!web|hot|my|mail(?:server|host|gate|relay|hub|box|er|in)|ftp(?:server|site|host))[A-Z](?=\w*[a-z])\w*(?:ftp|mail|smtp|imap)/i

/** `Foo server ready`: rather a program's words than those of who runs it. */
export const SAYS_SERVER =
  /\b(?:server|service|daemon|gateway|proxy|receiver|multiplexor),? (?:is )?(?:now )?(?:ready|at your service)\b/i

/** Courtesy in front of a name. */
const INVITATION = /\b(?:welcome to(?: the)?|greetings from|hello from|this is(?: the)?|powered by|running)\b/gi
/** A proper name of a few words. */
const PROPER = /^[A-Z][\w.+'&/-]*(?: [\w.+'&()-]+){0,4}$/

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
