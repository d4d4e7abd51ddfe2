/** Matched against: what a news server says behind the code of its greeting (RFC 3977 section 5.1). */
import type { Fingerprint } from '../fingerprint.ts'

const windows = { os: 'Windows' } as const

export const NNTP_SERVERS: readonly Fingerprint[] = [
  {
    match: /\b(?:INN|InterNetNews(?: server| NNRP server)?) (?<version>\d[\w.-]*)/,
    product: 'INN',
    vendor: 'ISC',
    cpe: 'isc:inn',
    examples: {
      'InterNetNews NNRP server INN 2.4.1 ready (posting ok).': '2.4.1',
      'InterNetNews server INN 1.7.2 08-Dec-1997 ready': '1.7.2',
    },
  },
  {
    match:
      /\bInterNetNews\b|\bINN\b|^You are not in my access file|^You have no permission to talk\b|^load at \d+\.\d+, try later/i,
    product: 'INN',
    vendor: 'ISC',
    cpe: 'isc:inn',
    examples: {
      'InterNetNews NNRP server ready': null,
      'load at 15.94, try later': null,
      'You are not in my access file.  Goodbye.': null,
      'You have no permission to talk.  Goodbye.': null,
    },
  },
  {
    match: /\bleafnode\b(?: NNTP daemon)?,?(?: version)?(?: (?<version>\d[\w.]*))?/i,
    product: 'Leafnode',
    vendor: 'Leafnode',
    cpe: 'leafnode:leafnode',
    examples: {
      'Leafnode NNTP Daemon, version 1.11.8 running at localhost (my fqdn: news.example.com)': '1.11.8',
      'Leafnode NNTP daemon, version 2.0.0.alpha20140727b at host': '2.0.0.alpha20140727b',
    },
  },
  {
    match: /\bDNEWS\b(?: Version (?<version>\d[\w.]*))?/i,
    product: 'DNews',
    vendor: 'NetWin',
    cpe: 'netwin:dnews',
    examples: { 'DNEWS Version 5.7d1, S1, posting OK': '5.7d1' },
  },
  {
    match: /\bDiablo\b(?: server)?(?: (?<version>\d[\w.-]*))?/i,
    product: 'Diablo',
    examples: {
      'Diablo server 5-20130101 ready': '5-20130101',
      'NNTP Service Ready - newsmaster@example.com (DIABLO 1.25)': '1.25',
    },
  },
  {
    match: /\bMicrosoft\S* Exchange\b.*?(?:\bVersion:? (?<version>\d[\d.]*)|$)/i,
    product: 'Microsoft Exchange',
    vendor: 'Microsoft',
    cpe: 'microsoft:exchange_server',
    ...windows,
    examples: { 'Microsoft Exchange Internet News Service Version 5.5.2653.23 (posting allowed)': '5.5.2653.23' },
  },
  {
    match: /\bNNTP Service \d\S* Version: (?<version>\d[\d.]*)|\bNNRP Service \d/i,
    product: 'Microsoft NNTP Service',
    vendor: 'Microsoft',
    ...windows,
    examples: { 'NNTP Service 5.00.0984 Version: 5.0.2195.6702 Posting Allowed': '5.0.2195.6702' },
  },
  {
    match: /\b(?:Lotus|IBM|HCL) (?:Notes|Domino)\b(?:.*?\((?:Release )?(?<version>\d[\w.]*))?/i,
    product: 'Lotus Domino',
    vendor: 'IBM',
    cpe: 'ibm:lotus_domino',
    examples: { 'Lotus Domino NNTP Server for Windows/32 (Release 5.0.8, June 18, 2001) - OK to post': '5.0.8' },
  },
  {
    match: /\bTyphoon\b(?: v?(?<version>\d[\w.]*))?/i,
    product: 'Typhoon',
    vendor: 'Highwinds',
    examples: { '(Typhoon v1.2.3)': '1.2.3' },
  },
  {
    match: /\bCyclone\b(?: v?(?<version>\d[\w.]*))?/i,
    product: 'Cyclone',
    vendor: 'Highwinds',
    examples: { '(Cyclone v1.5.0c)': '1.5.0c' },
  },
  {
    match: /\bNewsCache (?<version>\d[\w.]*)|\bNewsCache\b/i,
    product: 'NewsCache',
    examples: { 'NewsCache 1.2rc6, accepting NNRP commands': '1.2rc6' },
  },
  {
    match: /\bNNTP ?Cache\b(?: server)?(?: V?(?<version>\d[\w.]*))?/i,
    product: 'NNTPCache',
    examples: { 'NNTP Cache server V2.4.0b5 [see www.nntpcache.org]': '2.4.0b5' },
  },
  {
    match: /\bPapercut (?<version>\d[\w.]*)|\bPapercut\b/i,
    product: 'Papercut',
    examples: { 'Papercut 0.9.13 server ready (posting allowed)': '0.9.13' },
  },
  {
    match: /\bCollabra\b(?:\/(?<version>\d[\d.]*))?/i,
    product: 'Netscape Collabra',
    vendor: 'Netscape',
    cpe: 'netscape:collabra_server',
    examples: { 'Netscape-Collabra/3.52 17222 NNRP ready (posting ok).': '3.52' },
  },
  {
    match: /\bHamster\b.*?(?:\b(?<version>\d+\.\d[\d.]*)|$)/i,
    product: 'Hamster',
    ...windows,
    examples: { 'Hamster-Classic NNTP-Server 2.1.0.11 ready': '2.1.0.11' },
  },
  {
    match: /\bnoffle\b(?: (?:version )?(?<version>\d[\w.]*))?/i,
    product: 'NOFFLE',
    examples: { 'noffle 1.1.5 ready': '1.1.5' },
  },
  {
    match: /\b(?:sn-nntpd|sn|SN version|sn version) (?<version>\d[\w.]*)|\bsn-nntpd\b/,
    product: 'sn',
    examples: { 'Welcome! This is sn 0.3.8': '0.3.8' },
  },
  {
    match: /^nntp\/\/rss v?(?<version>\d[\w.-]*)/,
    product: 'nntp//rss',
    examples: { 'nntp//rss v0.3 news server ready': '0.3' },
  },
  {
    match: /\bready - post via email$/,
    product: 'public-inbox',
    examples: { 'public.example.com ready - post via email': null },
  },
  {
    match: /^(?:\S{1,64} )?NNTP(?:\[auth\])? server version (?<version>\d[\w.]*) \(\d{1,2} \w{3,9} (?:19|20)\d\d\)/,
    product: 'NNTP reference implementation',
    examples: {
      'host.example.com NNTP[auth] server version 1.5.11t (8 July 1993) ready at Sun Jun 1 1997 (posting ok).':
        '1.5.11t',
    },
  },
  {
    match: /\bArGoSoft News Server\b.{0,40}?\((?<version>\d[\d.]*)\)/,
    product: 'ArGoSoft News Server',
    vendor: 'ArGoSoft',
    ...windows,
    examples: { 'ArGoSoft News Server for WinNT/2000/XP v 1.0 (1.0.2.1)': '1.0.2.1' },
  },
]
