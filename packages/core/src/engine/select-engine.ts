import { readFileSync } from 'node:fs'
import type { Transport } from '#core/target/probe-space.ts'
import type { Engine } from './engine.ts'
import type { SynEngineOptions } from './syn-engine.ts'

export type EngineWish = 'auto' | 'syn' | 'connect'

/**
 * The engine for a transport, loaded when it is asked for. `auto` takes raw packets where this process may send them:
 * they are quicker and leave no connection in the target's log. What was wished for by name is taken, and says itself
 * what it lacks when it runs.
 */
export async function selectEngine(
  transport: Transport,
  wish: EngineWish = 'auto',
  options: SynEngineOptions = {},
): Promise<Engine> {
  if (transport === 'udp') return (await import('./udp-engine.ts')).createUdpEngine()
  if (wish === 'syn' || (wish === 'auto' && maySendRaw()))
    return (await import('./syn-engine.ts')).createSynEngine(options)
  return (await import('./connect-engine.ts')).createConnectEngine()
}

/** Bit of CAP_NET_RAW in a capability mask, capabilities(7). */
const CAP_NET_RAW = 13n

/** May this process open packet sockets? Linux only. */
export function maySendRaw(): boolean {
  if (process.platform !== 'linux') return false
  try {
    const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    return mask !== undefined && ((BigInt(`0x${mask}`) >> CAP_NET_RAW) & 1n) === 1n
  } catch {
    return false
  }
}
