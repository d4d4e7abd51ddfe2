import { type Change, type ChangeKind, type Diff, diffScans, type NotComparable } from '@portolan/core/exposure/diff.ts'
import type { EndpointKey, SightedService, Sighting } from '@portolan/core/exposure/sighting.ts'
import { compareIps } from '@portolan/core/format/endpoint-record.ts'
import { isEmpty } from '@portolan/core/target/address-set.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { choiceOption, flagOption, listOption, textOption } from '../read-options.ts'
import { portsOf, targetsOf } from '../scan/scan-options.ts'
import { openTerminal, type Style, type Terminal } from '../terminal.ts'
import { loadResults, type Results, type Scope, viewOf } from './load-results.ts'
import { openResultFile } from './open-result-file.ts'

export async function diffCommand([a = '', b = '']: readonly string[], options: Options): Promise<number> {
  if (a === '-' && b === '-') throw new UsageError('only one of the two can come from standard input')
  const scope = scopeOf(options)
  const format = choiceOption(options, 'format', ['text', 'json', 'ndjson'])
  const [before, after] = await Promise.all([loadResults(openResultFile(a)), loadResults(openResultFile(b))])
  const diff = sorted(diffScans(viewOf(before, scope), viewOf(after, scope)))
  if (!flagOption(options, 'quiet')) for (const note of notes([a, before], [b, after], scope)) complain(note)
  if (format === 'json') process.stdout.write(`${JSON.stringify(asJson(diff), null, 2)}\n`)
  else if (format === 'ndjson') process.stdout.write(Object.values(asJson(diff)).flat().map(line).join(''))
  else process.stdout.write(asText(diff, openTerminal({ plain: flagOption(options, 'plain') })))
  return diff.changes.length > 0 && flagOption(options, 'exitCode') ? EXIT.failed : EXIT.done
}

const complain = (text: string) => void process.stderr.write(`portolan: ${text}\n`)
const line = (row: object) => `${JSON.stringify(row)}\n`

function scopeOf(options: Options): Scope {
  const { literal, names } = targetsOf(listOption(options, 'targets'), '--targets')
  // Names may lead elsewhere today than when the files were written.
  if (names.length > 0) throw new UsageError(`--targets takes addresses, not names: ${names[0]?.name}`)
  return {
    targets: isEmpty(literal) ? null : literal,
    ports: textOption(options, 'ports') === undefined ? null : portsOf(options),
    assumeSame: !flagOption(options, 'strict'),
  }
}

type Named = readonly [string, Results]

/** What the answer rests on, where that is not the files alone. */
function notes(before: Named, after: Named, { targets, ports, assumeSame }: Scope): readonly string[] {
  const said = [before, after].flatMap(([file, { complete, skipped }]) => [
    ...(complete ? [] : [`${file} ends early: what it does not list is not compared`]),
    ...(skipped > 0 ? [`${skipped} entries of ${file} cannot be read and are left out`] : []),
  ])
  const silent = [before, after].filter(([, results]) => results.ports === null && results.complete)
  if (silent.length === 0 || !assumeSame || (targets !== null && ports !== null)) return said
  const files = silent.map(([file]) => file).join(' and ')
  const verb = silent.length === 1 ? 'does' : 'do'
  return [
    ...said,
    `${files} ${verb} not say what was scanned, so both are taken to have asked the same; ` +
      'say it with --targets and --ports, or assume nothing with --strict',
  ]
}

function sorted({ changes, notComparable }: Diff): Diff {
  const order = (a: { readonly endpoint: EndpointKey }, b: { readonly endpoint: EndpointKey }) =>
    compareIps(a.endpoint.ip, b.endpoint.ip) ||
    a.endpoint.transport.localeCompare(b.endpoint.transport) ||
    a.endpoint.port - b.endpoint.port
  return { changes: [...changes].sort(order), notComparable: [...notComparable].sort(order) }
}

function asJson({ changes, notComparable }: Diff) {
  const place = ({ ip, port, transport }: EndpointKey) => ({ ip, port, transport })
  return {
    changes: changes.map(({ kind, endpoint, before, after }) => {
      const services = { before: before?.service ?? null, after: after?.service ?? null }
      return { kind, ...place(endpoint), ...services }
    }),
    notComparable: notComparable.map(({ endpoint, seenIn }) => ({
      kind: 'not-comparable',
      ...place(endpoint),
      seenIn,
    })),
  }
}

const LOOKS: Readonly<Record<ChangeKind, readonly [string, Style]>> = {
  opened: ['+', 'good'],
  closed: ['-', 'bad'],
  'service-changed': ['~', 'warn'],
  'version-changed': ['~', 'warn'],
  'certificate-changed': ['~', 'warn'],
}

function asText({ changes, notComparable }: Diff, { paint }: Terminal): string {
  const lines = changes.map((change) => {
    const [sign, style] = LOOKS[change.kind]
    return `${paint(style, `${sign} ${placeText(change.endpoint)}`)} ${changeText(change)}\n`
  })
  const doubts = notComparable.map((one) => `${paint('dim', `? ${doubtText(one)}`)}\n`)
  const count = (kinds: readonly ChangeKind[]) => changes.filter(({ kind }) => kinds.includes(kind)).length
  const changed = count(['service-changed', 'version-changed', 'certificate-changed'])
  const sum = `${count(['opened'])} opened, ${count(['closed'])} closed, ${changed} changed`
  return `${lines.join('')}${doubts.join('')}${sum}, ${notComparable.length} not comparable\n`
}

const placeText = ({ ip, port, transport }: EndpointKey) => `${ip} ${port}/${transport}`

function doubtText({ endpoint, seenIn }: NotComparable): string {
  const [first, second] = seenIn === 'before' ? ['before', 'after'] : ['after', 'before']
  return `${placeText(endpoint)} was open ${first}, and the scan ${second} did not look there`
}

function changeText({ kind, before, after }: Change): string {
  if (kind === 'opened') return `opened${serviceText(after, '')}`
  if (kind === 'closed') return `closed${serviceText(before, 'was ')}`
  if (kind !== 'certificate-changed') return `${kind}: ${nameOf(before?.service)} -> ${nameOf(after?.service)}`
  const until = (seen: Sighting | null) => seen?.service?.certificate?.notAfter.slice(0, 10) ?? '?'
  return `${kind}: valid until ${until(before)} -> ${until(after)}`
}

const serviceText = (seen: Sighting | null, prefix: string) =>
  seen?.service ? `, ${prefix}${nameOf(seen.service)}` : ''

function nameOf(service: SightedService | null | undefined): string {
  if (!service) return '?'
  const { name, product, version } = service
  return product === null ? name : [product, version].filter(Boolean).join(' ')
}
