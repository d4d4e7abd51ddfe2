/** What changes, as it is found: the feed of the service, followed until Ctrl-C or until nobody reads it. */
import { type ApiClient, type Schemas, take } from '@portolan/client/client.ts'
import { clean } from '@portolan/core/detect/text.ts'
import type { Options } from '../command-spec.ts'
import { EXIT } from '../exit.ts'
import { flagOption, numberOption, textOption } from '../read-options.ts'
import { waitForMore } from '../reader.ts'
import type { Style, Terminal } from '../terminal.ts'
import { minute } from './output.ts'
import { placeText, serviceText } from './places.ts'
import { callOf } from './service-call.ts'

type Change = Schemas['Change']
type Side = NonNullable<Change['before']>

const LOOKS: Readonly<Record<Change['kind'], readonly [string, Style]>> = {
  opened: ['+', 'good'],
  closed: ['-', 'bad'],
  'service-changed': ['~', 'warn'],
  'version-changed': ['~', 'warn'],
  'certificate-changed': ['~', 'warn'],
}

export async function watchCommand(args: readonly string[], options: Options): Promise<number> {
  const { client, output } = await callOf(args, options)
  const seconds = numberOption(options, 'interval', { least: 1, most: 86_400 }) ?? 5
  const since = new Date(Date.now() - (numberOption(options, 'last', { least: 0, most: 8_760 }) ?? 0) * 3_600_000)
  const all = flagOption(options, 'unconfirmed')
  const query = {
    since: since.toISOString(),
    ...(textOption(options, 'vantage') !== undefined && { vantage: textOption(options, 'vantage') ?? '' }),
    ...(args[0] !== undefined && { net: args[0] }),
  }
  const json = options.format === 'ndjson' || options.format === 'json'
  const print = (change: Change) => {
    if (!all && change.verdict === 'unconfirmed') return
    process.stdout.write(json ? `${JSON.stringify(change)}\n` : `${asText(change, output.terminal)}\n`)
  }
  const once = flagOption(options, 'once')
  const told = new Set<string>()
  do {
    for await (const change of changesSince(client, query)) {
      if (told.has(change.id)) continue
      told.add(change.id)
      print(change)
    }
  } while (!once && (await waitForMore(seconds * 1000)))
  return EXIT.done
}

type Query = { readonly since: string; readonly vantage?: string; readonly net?: string }

async function* changesSince(client: ApiClient, query: Query): AsyncGenerator<Change> {
  let cursor: string | null = null
  do {
    const asked = { ...query, order: 'oldest' as const, limit: 1000, ...(cursor !== null && { cursor }) }
    const page: Schemas['ChangePage'] = await take(client.GET('/v1/changes', { params: { query: asked } }))
    yield* page.items
    cursor = page.next
  } while (cursor !== null)
}

function asText({ kind, verdict, at, endpoint, before, after }: Change, { paint }: Terminal): string {
  const [sign, style] = LOOKS[kind]
  const named = (side: Side | null) => (side === null ? '' : clean(serviceText(side), 200))
  const what =
    kind === 'opened'
      ? named(after)
      : kind === 'closed'
        ? named(before)
        : kind === 'certificate-changed'
          ? `valid until ${minute(before?.certificate?.notAfter)} -> ${minute(after?.certificate?.notAfter)}`
          : `${named(before)} -> ${named(after)}`
  const doubt = verdict === 'confirmed' ? '' : ` (${verdict})`
  return `${minute(at)} ${paint(style, `${sign} ${placeText(endpoint)}`)} from ${endpoint.vantage} ${kind}${what === '' ? '' : `: ${what}`}${doubt}`
}
