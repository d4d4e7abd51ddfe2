/**
 * Quake 3 engine and its descendants:
 *
 *   answer => -1 "infoResponse" LF *("\" key "\" value)
 */
import { quake3 as question } from '#core/probe/udp/quake3.ts'
import { latin1 } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const quake3: Protocol = {
  name: 'quake3',
  transport: 'udp',
  ports: question.ports,
  opens: 'client',
  recognise,
  identify,
}

/** OpenArena keeps the name of the game it descends from, and has a protocol number of its own. */
const OPENARENA = '71'
/** `gamename` as the engines write it. */
const GAMES: Readonly<Record<string, string>> = { Quake3Arena: 'Quake III Arena' }

/** Keys read; a server has some twenty. */
const PAIRS_CAP = 64

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 4096))
  if (!text.startsWith('\xff\xff\xff\xffinfoResponse\n\\')) return null
  const parts = text.slice(18).split('\\', PAIRS_CAP * 2)
  const value = (key: string) => parts.find((_, i) => i % 2 === 1 && parts[i - 1] === key)
  const game = clean(value('gamename') ?? value('game') ?? '') || null
  return service('quake3', {
    product: value('protocol') === OPENARENA ? 'OpenArena' : (GAMES[game ?? ''] ?? game),
    info: clean(`${value('hostname') ?? ''}, map ${value('mapname') ?? '?'}, ${value('clients') ?? '?'} clients`),
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}
