/** The file with defaults for options: would every command understand what it says? */
import type { CommandSpec } from '../command-spec.ts'
import { COMMANDS } from '../commands.ts'
import { applyConfigFile, readConfig } from '../config-file.ts'
import { readCliEnv } from '../env.ts'
import { UsageError } from '../exit.ts'
import { commandOf } from '../program.ts'
import { broken, type Finding, fine } from './finding.ts'

const NAME = 'config'

export function examineConfig(file = readCliEnv().configFile, commands: readonly CommandSpec[] = COMMANDS): Finding {
  try {
    const config = readConfig(file)
    const configured = commands.filter(({ unconfigured }) => !unconfigured)
    for (const spec of configured)
      applyConfigFile(
        commandOf(spec, () => {}),
        file,
      )
    const stranger = config.find(([name]) => !configured.some((spec) => spec.name === name))?.[0]
    if (stranger !== undefined)
      return broken(NAME, `${file}: no command that takes options is called ${stranger}`, 'portolan help lists them')
    if (config.length === 0) return fine(NAME, `no defaults in ${file}`)
    return fine(NAME, `${file} has defaults for ${config.map(([name]) => name).join(', ')}`)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return broken(NAME, error.message, `edit it, or portolan works without: mv ${file} ${file}.off`)
  }
}
