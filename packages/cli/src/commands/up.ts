import type { CommandSpec } from '../command-spec.ts'
import { flagOption } from '../read-options.ts'

export const UP: CommandSpec = {
  name: 'up',
  summary: 'run the whole service on this machine: API, worker, PostgreSQL',
  options: [{ flags: '--new-key', description: 'make another API key and print it' }],
  async run(_, options) {
    const { up } = await import('../up.ts')
    // Whatever a library left running must not keep a stopped service alive.
    process.exit(await up({ newKey: flagOption(options, 'newKey') }))
  },
}
