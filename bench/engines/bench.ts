/**
 * Side by side with nmap, masscan and zmap: builds each row's network, runs the tools in alternation, prints a table and
 * one JSON line per tool. Root, iproute2, GNU time, gcc and the peers are needed; nothing leaves the machine.
 *
 *   npm run bench:engines -- [ROW...] [--runs N] [--seed N] [--quick] [--rates N,N...]
 *
 * All rows, three runs each, take about a quarter of an hour; peers that take minutes run once. `--quick` leaves those
 * out. The row `rate` has no peer: it measures whether a rate that is asked for is kept.
 */
import { parseArgs } from 'node:util'
import { takePrecedence } from '../take-precedence.ts'
import { measureRates } from './rate.ts'
import { ROWS, type Row } from './rows.ts'
import { measure, type Run, type Site } from './site.ts'
import type { Tool } from './tools.ts'

interface Figures extends Omit<Run, 'output'> {
  readonly found: number
  readonly falseOpen: number
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function runOnce(site: Site, tool: Tool, row: Row, truth: ReadonlySet<string>): Figures {
  const { output, ...run } = measure(site, tool.command(site, row.job), row.limit ?? 120)
  const open = tool.read(output, row.job)
  let found = 0
  for (const endpoint of open) if (truth.has(endpoint)) found++
  return { ...run, found, falseOpen: truth.size > 0 ? open.size - found : 0 }
}

async function measureRow(row: Row, { runs, seed, quick }: Options): Promise<void> {
  const slow = quick ? [] : (row.slow ?? [])
  const results = new Map<Tool, Figures[]>([...row.tools, ...slow].map((tool) => [tool, []]))
  const site = await row.open(seed)
  try {
    const truth = site.truth()
    for (let round = 0; round < (row.runs ?? runs); round++)
      for (const tool of round === 0 ? results.keys() : row.tools)
        results.get(tool)?.push(runOnce(site, tool, row, truth))
    report(row, results, truth.size)
  } finally {
    site.down()
  }
}

function report(row: Row, results: ReadonlyMap<Tool, readonly Figures[]>, open: number): void {
  console.log(`\n${row.name}: ${row.what}`)
  console.log('  time s (min)     ratio  packets  recall %  false   CPU s  MiB  tool')
  const times = (figures: readonly Figures[]) => figures.map(({ seconds }) => seconds)
  const [first] = results.values()
  const own = median(times(first ?? []))
  for (const [tool, figures] of results) {
    const time = median(times(figures))
    const mid = (key: 'packets' | 'cpu' | 'memory') => median(figures.map((f) => f[key]))
    const summary = {
      row: row.name,
      tool: tool.name,
      seconds: time,
      fastest: Math.min(...times(figures)),
      ratio: own / time,
      packets: mid('packets'),
      recall: open > 0 ? Math.min(...figures.map(({ found }) => found / open)) : null,
      falseOpen: Math.max(...figures.map(({ falseOpen }) => falseOpen)),
      cpu: mid('cpu'),
      memory: mid('memory'),
      ended: figures.every(({ ended }) => ended),
      runs: figures.length,
    }
    console.log(tableLine(summary))
    console.log(JSON.stringify(summary))
  }
}

function tableLine(
  s: { readonly tool: string; readonly ended: boolean; readonly recall: number | null } & Record<
    'seconds' | 'fastest' | 'ratio' | 'packets' | 'falseOpen' | 'cpu' | 'memory',
    number
  >,
): string {
  const time = `${s.seconds.toFixed(2)} (${s.fastest.toFixed(2)})`.padStart(15)
  const recall = s.recall === null ? '-' : (s.recall * 100).toFixed(2)
  const cells = [
    s.ratio.toFixed(2).padStart(7),
    `${s.packets}`.padStart(8),
    recall.padStart(9),
    `${s.falseOpen}`.padStart(6),
    s.cpu.toFixed(2).padStart(7),
    s.memory.toFixed(0).padStart(4),
  ]
  return `${time} ${cells.join(' ')}  ${s.tool}${s.ended ? '' : ' (stopped)'}`
}

type Options = { readonly runs: number; readonly seed: number; readonly quick: boolean }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    rates: { type: 'string', default: '10,100,1000,10000,100000' },
  },
})
const names = [...ROWS.map(({ name }) => name), 'rate']
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0) throw new Error(`no row ${unknown.join(', ')}; rows: ${names.join(' ')}`)
if (process.getuid?.() !== 0) throw new Error('needs root: it builds network namespaces and sends raw packets')
takePrecedence()
const wanted = positionals.length > 0 ? ROWS.filter(({ name }) => positionals.includes(name)) : ROWS
const options = { runs: Number(values.runs), seed: Number(values.seed), quick: values.quick }
for (const row of wanted) await measureRow(row, options)
if (positionals.length === 0 || positionals.includes('rate')) await measureRates(values.rates.split(',').map(Number))
