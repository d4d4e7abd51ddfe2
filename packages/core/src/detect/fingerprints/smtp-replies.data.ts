/**
 * What SMTP servers say after the greeting: to EHLO, HELP, VRFY, NOOP, QUIT and to words they do not know. Greetings are
 * written by operators, these by the program's authors. The text is the reply with its code, its lines joined by spaces.
 */
import type { Fingerprint } from '../fingerprint.ts'

const sendmail = { product: 'Sendmail', vendor: 'Sendmail', cpe: 'sendmail:sendmail' } as const
const exim = { product: 'Exim smtpd', vendor: 'Exim', cpe: 'exim:exim' } as const
const postfix = { product: 'Postfix smtpd', vendor: 'Postfix', cpe: 'postfix:postfix' } as const
const qmail = { product: 'qmail smtpd', vendor: 'D. J. Bernstein', cpe: 'qmail_project:qmail' } as const
const exchange = { product: 'Microsoft Exchange smtpd', vendor: 'Microsoft', os: 'Windows' } as const
const opensmtpd = { product: 'OpenSMTPD', vendor: 'OpenBSD', cpe: 'openbsd:opensmtpd' } as const

export const SMTP_REPLIES: readonly Fingerprint[] = [
  {
    match: /\bThis is sendmail version (?:AIX[\d.]+\/)?(?<version>\d\S*)/i,
    ...sendmail,
    examples: {
      '214-2.0.0 This is sendmail version 8.17.1.9 Topics: HELO EHLO': '8.17.1.9',
      '214 This is Sendmail version AIX5.1/8.11.0': '8.11.0',
    },
  },
  {
    match: /\bThis is sendmail\b/i,
    ...sendmail,
    examples: { '214-2.0.0 This is sendmail Topics: HELO EHLO': null },
  },
  {
    match: /For local information send email to Postmaster at your site|For more info use "HELP <topic>"/,
    ...sendmail,
    examples: { '214 2.0.0 For local information send email to Postmaster at your site. End of HELP info': null },
  },
  {
    match: /Cannot VRFY user; try RCPT to attempt delivery/,
    ...sendmail,
    examples: { '252 2.5.2 Cannot VRFY user; try RCPT to attempt delivery (or try finger)': null },
  },
  {
    match: /^250 .*pleased to meet you.* (?:ENHANCEDSTATUSCODES PIPELINING|EXPN VERB|.*\bDELIVERBY\b)/,
    ...sendmail,
    examples: {
      '250 mx.test Hello [192.0.2.1], pleased to meet you ENHANCEDSTATUSCODES PIPELINING EXPN VERB 8BITMIME SIZE': null,
      '250 mx.test Hello x, pleased to meet you EXPN VERB 8BITMIME SIZE DSN ONEX ETRN XUSR HELP': null,
    },
  },
  {
    match: /^221 2\.0\.0 \S+ closing connection$/,
    ...sendmail,
    examples: { '221 2.0.0 mx.test closing connection': null },
  },
  {
    match: /^221 \S+ closing connection$/,
    ...exim,
    examples: { '221 mx.test closing connection': null },
  },
  {
    match: /^214 Commands supported:/,
    ...exim,
    examples: { '214 Commands supported: AUTH STARTTLS HELO EHLO MAIL RCPT DATA NOOP QUIT RSET HELP': null },
  },
  {
    match: /^(?:500 unrecognized command|554 SMTP synchronization error|503 AUTH command used when not advertised)/,
    ...exim,
    examples: { '500 unrecognized command': null, '554 SMTP synchronization error': null },
  },
  {
    match: /^250 \S+ Hello \S+(?: \S+)? \[[\da-f.:]+\] SIZE \d+ .*\bHELP$/,
    ...exim,
    examples: { '250 mx.test Hello x.test [192.0.2.1] SIZE 52428800 8BITMIME PIPELINING STARTTLS HELP': null },
  },
  {
    match: /^50[02] 5\.5\.2 Error: command not recognized|^221 2\.0\.0 Bye$|^502 5\.5\.1 VRFY command is disabled/,
    ...postfix,
    examples: { '502 5.5.2 Error: command not recognized': null, '221 2.0.0 Bye': null },
  },
  {
    match: /^250 \S+ PIPELINING SIZE(?: \d+)?(?: VRFY)? ETRN\b.*\b8BITMIME\b/,
    ...postfix,
    examples: { '250 mx.test PIPELINING SIZE 10240000 VRFY ETRN STARTTLS ENHANCEDSTATUSCODES 8BITMIME DSN': null },
  },
  {
    match: /\bin (?:local|relay|virtual) (?:recipient|mailbox|alias) table$/,
    ...postfix,
    examples: { '550 5.1.1 <x@y.test>: Recipient address rejected: User unknown in local recipient table': null },
  },
  {
    match: /netqmail home page/i,
    product: 'netqmail',
    vendor: 'netqmail',
    cpe: 'netqmail:netqmail',
    examples: { '214 netqmail home page: http://qmail.org/netqmail': null },
  },
  {
    match: /qmail home page|pobox\.com\/~djb\/qmail|cr\.yp\.to\/qmail/i,
    ...qmail,
    examples: { '214 qmail home page: http://pobox.com/~djb/qmail.html': null },
  },
  {
    match:
      /^252 send some mail, i'll try my best|^502 unimplemented \(#5\.5\.1\)|^503 (?:MAIL|RCPT) first \(#5\.5\.1\)/i,
    ...qmail,
    examples: { "252 send some mail, i'll try my best": null, '502 unimplemented (#5.5.1)': null },
  },
  {
    match: /This server supports the following commands/i,
    ...exchange,
    examples: { '214 This server supports the following commands: HELO EHLO RCPT DATA RSET MAIL QUIT HELP': null },
  },
  {
    match: /\bX-EXPS\b|\bXEXCH50\b|\bX-ANONYMOUSTLS\b|\bX-LINK2STATE\b/,
    ...exchange,
    examples: { '250 mx.test Hello [192.0.2.1] TURN SIZE X-EXPS GSSAPI NTLM X-LINK2STATE XEXCH50 OK': null },
  },
  {
    match: /Cannot VRFY user, but will take message for|^500 5\.3\.3 Unrecognized command/,
    ...exchange,
    examples: {
      '252 2.1.5 Cannot VRFY user, but will take message for <x@y.test>': null,
      '500 5.3.3 Unrecognized command': null,
    },
  },
  {
    match: /This is OpenSMTPD|www\.opensmtpd\.org|please contact bugs@openbsd\.org/i,
    ...opensmtpd,
    examples: { '214 2.0.0 This is OpenSMTPD': null },
  },
  {
    match: /Supported commands: AUTH DATA EHLO HELO HELP/i,
    product: 'aiosmtpd',
    vendor: 'Python',
    examples: { '250 Supported commands: AUTH DATA EHLO HELO HELP MAIL NOOP QUIT RCPT RSET VRFY': null },
  },
  {
    match: /closing connection\. Have a jolly good day/,
    product: 'Haraka',
    vendor: 'Haraka',
    cpe: 'haraka_project:haraka',
    examples: { '221 mx.test closing connection. Have a jolly good day.': null },
  },
  {
    match: /\bSee ya in cyberspace/i,
    product: 'MDaemon',
    vendor: 'Alt-N',
    os: 'Windows',
    cpe: 'altn:mdaemon',
    examples: { '221 2.0.0 See ya in cyberspace': null },
  },
  {
    match: /\bXVERP=Courier\b|^502 ESMTP command error/,
    product: 'Courier',
    vendor: 'Courier',
    cpe: 'courier-mta:courier',
    examples: { '250 mx.test Ok. XVERP=Courier XEXDATA XSECURITY=NONE,STARTTLS PIPELINING 8BITMIME SIZE DSN': null },
  },
  {
    match: /part of the InterMail E-?mail system/i,
    product: 'Openwave InterMail',
    vendor: 'Openwave',
    cpe: 'openwave:email_mx',
    examples: { '214 This SMTP server is a part of the InterMail E-mail system.': null },
  },
  {
    match: /\bwww\.gordano\.com\b/,
    product: 'Gordano Messaging Suite',
    vendor: 'Gordano',
    cpe: 'gordano:gordano_messaging_suite',
    examples: { '214 See http://www.gordano.com': null },
  },
]
