/**
 * Protocols whose answers a second module may recognise too, because the bytes do not tell them apart. Each with its
 * reason; the owner of the fixture must be the more confident of the two.
 */
export const OVERLAPS: readonly { readonly module: string; readonly fixtures: string; readonly reason: string }[] = [
  { module: 'http', fixtures: 'socks5', reason: 'Tor answers browsers in HTTP, and says it is no proxy' },
  { module: 'http', fixtures: 'tor-control', reason: 'Tor answers browsers in HTTP, and says it is no proxy' },
  {
    module: 'http',
    fixtures: 'clickhouse',
    reason: 'ClickHouse answers browsers in HTTP, and says it is no web server',
  },
  { module: 'http', fixtures: 'winrm', reason: 'WS-Management is spoken in HTTP' },
  { module: 'http', fixtures: 'websocket', reason: 'the answer to an upgrade is an HTTP response' },
  { module: 'ftp', fixtures: 'dict', reason: '`220 host text` is how FTP greets when it does not say FTP' },
  { module: 'smtp', fixtures: 'dict', reason: '`220 host text` is how SMTP greets when it does not say SMTP' },
  { module: 'sphinx', fixtures: 'quassel', reason: 'both begin with the number one, in four bytes' },
  { module: 'quassel', fixtures: 'sphinx', reason: 'both begin with the number one, in four bytes' },
]
