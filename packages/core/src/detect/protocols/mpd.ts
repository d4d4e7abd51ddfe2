/**
 * Music Player Daemon (MPD protocol reference, "Protocol overview"): greeting => "OK MPD " version LF. The version is the
 * protocol's; the daemon's own cannot be had from the connection.
 */
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'

export const mpd: Protocol = { name: 'mpd', transport: 'tcp', ports: [6600], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const found = /^OK MPD (\d{1,3}(?:\.\d{1,3}){1,3})$/.exec(firstLine(bytes))
  if (found === null) return null
  return service('mpd', {
    product: 'Music Player Daemon',
    vendor: 'Music Player Daemon',
    info: `protocol ${found[1]}`,
    cpe: ['cpe:2.3:a:musicpd:music_player_daemon:*:*:*:*:*:*:*:*'],
  })
}
