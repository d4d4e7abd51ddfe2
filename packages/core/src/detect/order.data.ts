/**
 * The order in which protocols are tried where the port says nothing: by how often they are met on odd ports, cheap
 * and telling questions first. Modules not named here follow in the order of their names.
 */
export const TCP_ORDER: readonly string[] = ['http']

export const UDP_ORDER: readonly string[] = []

/** Only listened to: what a printer gets on these, it prints. */
export const LISTEN_ONLY: readonly (readonly [first: number, last: number])[] = [[9100, 9107]]

/** Ports on which TLS from the first byte is the rule; elsewhere it is tried after a short look for a greeting. */
export const TLS_PORTS: readonly number[] = [
  261, 443, 465, 563, 614, 636, 684, 853, 989, 990, 992, 993, 994, 995, 2083, 2087, 2096, 2376, 3269, 4433, 4443, 5061,
  5223, 5349, 5671, 5986, 6443, 6514, 6697, 8443, 8834, 8883, 9443, 10250, 16993, 27443,
]

/** What a TLS client offers that does not know what it will find (RFC 7301 and the IANA ALPN registry). */
export const ALPN_OFFER: readonly string[] = [
  'http/1.1',
  'h2',
  'imap',
  'pop3',
  'managesieve',
  'ftp',
  'xmpp-client',
  'xmpp-server',
  'mqtt',
  'postgresql',
  'dot',
  'irc',
  'nntp',
  'stun.turn',
]
