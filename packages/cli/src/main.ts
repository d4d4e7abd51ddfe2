import { parseArgs } from 'node:util'
import { up } from './up.ts'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { 'new-key': { type: 'boolean' } } })
if (positionals[0] !== 'up') {
  process.stderr.write('usage: portolan up [--new-key]\n')
  process.exit(2)
}
process.exit(await up({ newKey: values['new-key'] ?? false }))
