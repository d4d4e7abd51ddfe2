/** VLC's remote control (VLC documentation, "rc interface"): greeting => "VLC media player " version SP name LF "Command Line ...". */
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'
import { versionToken } from '../version.ts'

export const vlcRemote: Protocol = { name: 'vlc-remote', transport: 'tcp', ports: [4212], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const told = /^VLC media player (?:- )?v?(\d[\w.-]{0,20})(?: \w{1,20})?$/.exec(firstLine(bytes))?.[1]
  if (told === undefined) return null
  const version = versionToken(told)
  return service('vlc-remote', {
    product: 'VLC media player',
    vendor: 'VideoLAN',
    version,
    cpe: [cpe('a', 'videolan', 'vlc_media_player', version)],
  })
}
