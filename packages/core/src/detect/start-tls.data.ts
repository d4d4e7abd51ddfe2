/**
 * How text protocols are asked to go on inside TLS, by the name of the service. What is said before, when the protocol
 * wants an introduction; the request; the answer that means yes.
 */
export interface TextUpgrade {
  /** The server speaks first; `until` matches when it has finished. */
  readonly greeting: RegExp | null
  /** `NAME` is replaced by what we call ourselves; for XMPP by what we call the server. */
  readonly hello?: { readonly say: string; readonly until: RegExp }
  readonly ask: string
  /** An answer, whichever it is. */
  readonly answer: RegExp
  readonly yes: RegExp
}

/** A reply with a three-digit code, its last line (RFC 5321 section 4.2.1). */
const REPLY = /^\d{3}(?: .*)?\r?\n/m
const LINE = /\n/

const SMTP = { greeting: REPLY, ask: 'STARTTLS\r\n', answer: REPLY, yes: /^220/m }
const XMPP = {
  greeting: null,
  ask: `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`,
  answer: /<(?:proceed|failure)|<\/stream/,
  yes: /<proceed/,
}
const stream = (namespace: string) =>
  `<?xml version='1.0'?><stream:stream xmlns='${namespace}' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='NAME'>`
const FEATURES = /<\/stream:features>|<stream:features\/>|<\/stream:stream>/

export const TEXT_UPGRADES: Readonly<Record<string, TextUpgrade>> = {
  // RFC 3207
  smtp: { ...SMTP, hello: { say: 'EHLO NAME\r\n', until: REPLY } },
  // RFC 2033 with RFC 3207
  lmtp: { ...SMTP, hello: { say: 'LHLO NAME\r\n', until: REPLY } },
  // RFC 9051 section 6.2.1
  imap: { greeting: LINE, ask: 'a STARTTLS\r\n', answer: /^a [^\n]*\n/m, yes: /^a OK/m },
  // RFC 2595 section 4
  pop3: { greeting: LINE, ask: 'STLS\r\n', answer: LINE, yes: /^\+OK/ },
  // RFC 4217 section 4
  ftp: { greeting: REPLY, ask: 'AUTH TLS\r\n', answer: REPLY, yes: /^[23]34/m },
  // RFC 4642
  nntp: { greeting: REPLY, ask: 'STARTTLS\r\n', answer: REPLY, yes: /^382/m },
  // RFC 5804 section 2.2: the greeting is the capabilities, ended by OK
  sieve: {
    greeting: /^(?:OK|NO|BYE)\b[^\n]*\n/m,
    ask: 'STARTTLS\r\n',
    answer: /^(?:OK|NO|BYE)\b[^\n]*\n/m,
    yes: /^OK/m,
  },
  // IRCv3 "tls" extension: 670 goes ahead, 691 fails; others know no such command
  irc: {
    greeting: null,
    ask: 'STARTTLS\r\n',
    answer: /^(?::\S+ )?(?:670|691|421|451|ERROR)\b[^\n]*\n/m,
    yes: /^(?::\S+ )?670\b/m,
  },
  // RFC 6120 section 5.4
  'xmpp-client': { ...XMPP, hello: { say: stream('jabber:client'), until: FEATURES } },
  'xmpp-server': { ...XMPP, hello: { say: stream('jabber:server'), until: FEATURES } },
  // RFC 9271 section 4.2.12
  nut: { greeting: null, ask: 'STARTTLS\n', answer: LINE, yes: /^OK STARTTLS/ },
  // Munin documentation, "Network protocol": STARTTLS
  munin: { greeting: LINE, ask: 'STARTTLS\n', answer: LINE, yes: /^TLS (?:OK|MAYBE)/ },
}
