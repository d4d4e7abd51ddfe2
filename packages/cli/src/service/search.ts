import type { Schemas } from '@portolan/client/client.ts'
import { take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { EXIT } from '../exit.ts'
import { choiceOption, flagOption, textOption } from '../read-options.ts'
import { type Column, minute } from './output.ts'
import { itemsOf } from './pages.ts'
import { placeText, serviceText } from './places.ts'
import { callOf } from './service-call.ts'

type Endpoint = Schemas['Endpoint']

const SHAPE: readonly Column<Endpoint>[] = [
  { title: 'ENDPOINT', cell: placeText },
  { title: 'STATE', cell: ({ state }) => state, style: ({ state }) => (state === 'open' ? 'good' : 'dim') },
  { title: 'VANTAGE', least: 10, cell: ({ vantage }) => vantage },
  { title: 'LAST SEEN', cell: ({ lastSeen }) => minute(lastSeen) },
  { title: 'CHANGED', cell: ({ lastChanged }) => minute(lastChanged) },
  { title: 'SERVICE', least: 12, cell: serviceText },
]

/** With `--exit-code`: 1 when nothing was found, as grep does. */
export async function searchCommand(words: readonly string[], options: Options): Promise<number> {
  const { client, output } = await callOf(words, options)
  const at = textOption(options, 'at')
  const sort = choiceOption(options, 'sort', ['ip', 'port', 'changed'] as const)
  const asked = { q: words.join(' '), ...(at !== undefined && { at }), ...(sort !== undefined && { sort }) }
  const found = await itemsOf(options, (paging) =>
    take(client.GET('/v1/endpoints', { params: { query: { ...asked, ...paging } } })),
  )
  output.list(found, SHAPE, 'nothing was found')
  return found.length === 0 && flagOption(options, 'exitCode') ? EXIT.failed : EXIT.done
}
