import { clean } from '@portolan/core/detect/text.ts'
import type { Options } from '../command-spec.ts'
import { placesOption } from '../read-options.ts'
import type { Terminal } from '../terminal.ts'
import { wrapped } from '../wrapped.ts'
import type { Asked, FromVantage } from './check-from.ts'

/** Open here and not there means that something in between decides; the other way round, too. */
export function comparison(here: boolean, there: readonly FromVantage[]): string {
  const open = there.filter(({ state }) => state === 'open').map(({ vantage }) => vantage)
  const shut = there.filter(({ state }) => state !== 'open').map(({ vantage }) => vantage)
  if (here && shut.length > 0)
    return `Open from here and not from ${shut.join(', ')}: the host answers, so the router, firewall or provider between ${shut.join(', ')} and it keeps it away.`
  if (!here && open.length > 0)
    return `Not open from here, and open from ${open.join(', ')}: the service runs; what is between here and it keeps you away.`
  if (open.length > 0 && shut.length > 0)
    return `Open from ${open.join(', ')} and not from ${shut.join(', ')}: what is in between decides.`
  return here
    ? 'Open from everywhere that was asked.'
    : 'Open from nowhere that was asked: look at the host itself first.'
}

/** What each vantage says, and what that means beside what is seen from here. */
export function sideBySide(here: boolean, there: readonly FromVantage[], { paint, width }: Terminal): string {
  const lines = there.map(
    ({ vantage, ip, state, reason }) =>
      `from ${clean(vantage)}: ${clean(ip)} is ${paint(state === 'open' ? 'good' : 'warn', state)} (${clean(reason)})\n`,
  )
  return `\n${lines.join('')}${wrapped(comparison(here, there), width, 0)}\n`
}

type Question = Omit<Asked, 'vantages' | 'server'> & { readonly options: Options }

/** What the vantages of `--from` see; null when there is none. */
export async function askElsewhere({ options, ...asked }: Question): Promise<readonly FromVantage[] | null> {
  const vantages = placesOption(options)
  if (vantages.length === 0) return null
  const { checkFrom } = await import('./check-from.ts')
  return checkFrom({ ...asked, vantages, server: options.server })
}
