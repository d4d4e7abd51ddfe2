/**
 * Minecraft Bedrock Edition (Bedrock protocol documentation, "Unconnected Pong"):
 *
 *   answer => 28 U64 time, U64 server id, magic, U16 length, "MCPE;" name ";" protocol ";" version ";" players ";" maximum ...
 */
import { RAKNET_MAGIC, raknet } from '#core/probe/udp/raknet.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, decode } from '../text.ts'

export const minecraftBedrock: Protocol = {
  name: 'minecraft-bedrock',
  transport: 'udp',
  ports: raknet.ports,
  opens: 'client',
  recognise,
  identify,
}

const TEXT_CAP = 1024

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u8() !== 28) return null
    reader.skip(16)
    const magic = reader.take(16)
    if (!RAKNET_MAGIC.every((b, i) => magic[i] === b)) return null
    const [edition, name, , version, players, maximum] = decode(reader.take(reader.u16(), TEXT_CAP)).split(';')
    const bedrock = edition === 'MCPE' || edition === 'MCEE'
    if (!bedrock) return service('raknet')
    return service('minecraft-bedrock', {
      product: 'Minecraft Bedrock Edition',
      vendor: 'Mojang',
      version: clean(version ?? '') || null,
      info: clean(`${name}, ${players} of ${maximum} players`),
    })
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, raknet)
  return reply && recognise(reply)
}
