/** `portolan up` as a process of its own. */
import { up } from '@portolan/cli/src/up.ts'

process.exit(await up({ newKey: process.argv.includes('--new-key') }))
