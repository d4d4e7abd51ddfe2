import type { OptionSpec, Options } from './command-spec.ts'
import { listOption } from './read-options.ts'

/** Where the user's own fingerprints are. */
export type KnowledgeFiles = { readonly probes: readonly string[]; readonly recog: readonly string[] }

export const knowledgeOptions = (group: string): readonly OptionSpec[] => [
  {
    flags: '--probes <file>',
    description: 'an nmap-service-probes file of yours to use beside what is built in',
    repeatable: true,
    group,
    env: 'PORTOLAN_PROBES',
  },
  {
    flags: '--recog <folder>',
    description: 'a folder of Recog XML files of yours to use beside what is built in',
    repeatable: true,
    group,
    env: 'PORTOLAN_RECOG',
  },
]

/** Null when there are none. */
export function knowledgeFiles(options: Options): KnowledgeFiles | null {
  const files = { probes: listOption(options, 'probes'), recog: listOption(options, 'recog') }
  return files.probes.length + files.recog.length > 0 ? files : null
}
