import { whatBars } from '@portolan/core/engine/connect-to-ask.ts'

const NO_WAY = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/** Does this machine know a way to the address? */
export async function hasRoute(ip: string): Promise<boolean> {
  return !NO_WAY.has((await whatBars(ip)) ?? '')
}
