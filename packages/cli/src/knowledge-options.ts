import type { Knowledge, KnowledgeFiles } from '@portolan/core/knowledge/load-knowledge.ts'
import type { OptionSpec, Options } from './command-spec.ts'
import { UsageError } from './exit.ts'
import { listOption } from './read-options.ts'

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

/** Loaded only when it is wanted: commands without it start faster. */
export async function knowledgeFrom(files: KnowledgeFiles): Promise<Knowledge> {
  const { KnowledgeUnreadable, loadKnowledge } = await import('@portolan/core/knowledge/load-knowledge.ts')
  return loadKnowledge(files).catch((error: unknown) => {
    throw error instanceof KnowledgeUnreadable ? new UsageError(error.message) : error
  })
}
