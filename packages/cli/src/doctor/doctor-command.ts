import type { Options } from '../command-spec.ts'
import { EXIT } from '../exit.ts'
import { flagOption, textOption } from '../read-options.ts'
import { openTerminal, type Terminal } from '../terminal.ts'
import { wrapped } from '../wrapped.ts'
import { readServicePlaces } from './env.ts'
import { examineConfig } from './examine-config.ts'
import { examineMachine } from './examine-machine.ts'
import { examineServices } from './examine-services.ts'
import type { Finding } from './finding.ts'

const LOOKS = { fine: ['good', 'ok  '], poor: ['warn', 'weak'], broken: ['bad', 'FAIL'] } as const

/** 1 when something is broken; what is merely weak is said and passes. */
export async function doctorCommand(options: Options): Promise<number> {
  const examined = await Promise.all([examineMachine(), examineServices(readServicePlaces())])
  const found = [...examined.flat(), examineConfig()]
  const terminal = openTerminal({ plain: flagOption(options, 'plain') })
  if (textOption(options, 'format') === 'json') process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
  else process.stdout.write(found.map((finding) => asText(finding, terminal)).join(''))
  return found.some(({ health }) => health === 'broken') ? EXIT.failed : EXIT.done
}

function asText({ name, health, said, fix }: Finding, { paint, width }: Terminal): string {
  const [style, word] = LOOKS[health]
  const indent = 18
  const text = wrapped(`${name.padEnd(12)} ${said}`, width - 5, indent)
  const cure = fix === null ? '' : `${' '.repeat(indent)}${wrapped(`Fix: ${fix}`, width - indent, indent)}\n`
  return `${paint(style, word)} ${text}\n${cure}`
}
