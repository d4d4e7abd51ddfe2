/** How far a scan on the service is, and what it came to. */
import { clean } from '@portolan/core/detect/text.ts'
import { countPorts, type PortSet } from '@portolan/core/target/port-set.ts'
import type { RemoteEnd, RemotePort, RemoteProgress } from '../server/remote-scan.ts'
import type { Terminal } from '../terminal.ts'
import { wrapped } from '../wrapped.ts'
import { duration, grouped } from './numbers.ts'
import { closing } from './report.ts'
import type { Progress } from './run-scan.ts'
import { writeStats } from './totals.ts'

export function progressLine(terminal: Terminal) {
  const write = (text: string) => void (terminal.live && process.stderr.write(text))
  const draw = (text: string) => write(`\r\x1b[K${text.slice(0, terminal.errorWidth - 1)}`)
  let drawn = ''
  return {
    progress(progress: RemoteProgress): void {
      drawn = remoteText(progress)
      draw(drawn)
    },
    opened({ ip, port, transport }: RemotePort): void {
      draw('')
      write(`${terminal.paintError('good', 'open')}  ${clean(ip)}  ${port}/${transport}\n`)
      draw(drawn)
    },
    clear: () => draw(''),
  }
}

/** `running  23 %  12,345/s  0:04 left  17 open` */
export function remoteText({ status, percent, rate, open, etaSeconds }: RemoteProgress): string {
  // With every probe answered services are still asked, and nobody knows for how long.
  const left = etaSeconds === null || percent >= 100 ? '' : `  ${duration(etaSeconds * 1000)} left`
  return `${status}  ${percent.toFixed(0)} %  ${grouped(Math.round(rate))}/s${left}  ${open} open`
}

type End = {
  readonly id: string
  readonly hosts: number
  readonly ports: PortSet
  readonly end: RemoteEnd
  readonly quiet: boolean
  readonly statsFile: string | undefined
}

/** The numbers, and by which name the service remembers the scan. */
export async function tellEnd(of: End, { paintError, errorWidth }: Terminal): Promise<void> {
  const { id, hosts, ports, quiet, statsFile } = of
  const { summary } = of.end
  if (summary !== null) await writeStats(statsFile, progressOf(summary))
  if (quiet) return
  const size = { hosts: BigInt(hosts), perHost: countPorts(ports.tcp) + countPorts(ports.udp) }
  const lines = summary === null ? [] : closing(progressOf(summary), size)
  for (const text of [...lines, `Kept as the scan ${id}: portolan export ${id} prints it in any format.`])
    process.stderr.write(`${paintError('dim', wrapped(text, errorWidth, 0))}\n`)
}

function progressOf(summary: NonNullable<RemoteEnd['summary']>): Progress {
  const { open, closed, filtered, openFiltered, sent, received, seconds, probed, probes } = summary
  const { lossEstimate, recallEstimate } = summary
  const counts = { open, closed, filtered, openFiltered }
  const estimates = { loss: lossEstimate ?? 0, recall: recallEstimate ?? 1 }
  const totals = { counts, sent, received, milliseconds: seconds * 1000, ...estimates }
  const nowhere = { resolved: { tcp: 0, udp: 0 }, asking: 0, naming: 0, allPortsOpen: [] }
  return { ...nowhere, totals, done: probed, probes, open }
}
