/** docs/operations.md lists every setting there is, and none that is not, with its default. */
import { readFileSync } from 'node:fs'
import { ApiEnv } from '@portolan/api/env.ts'
import { UpEnv } from '@portolan/cli/src/up/env.ts'
import { WorkerEnv } from '@portolan/worker/env.ts'
import { expect, test } from 'vitest'
import { z } from 'zod'

const DOC = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
/** Not a setting: npm says it. Names of machines differ. */
const NOT_LISTED = new Set(['npm_lifecycle_event'])
const DEFAULTS: Readonly<Record<string, string>> = { PORTOLAN_WORKER_NAME: 'the name of the host' }

test.each([
  ['API', ApiEnv],
  ['Worker', WorkerEnv],
  ['`portolan up` (`npm start`)', UpEnv],
] as const)('%s', (title, schema) => {
  const section = DOC.split(/\n##+ /).find((part) => part.startsWith(`${title}\n`)) ?? ''
  const listed = section.split('\n').filter((line) => line.startsWith('| `'))
  expect(listed).toEqual(rowsOf(schema))
})

function rowsOf({ shape }: z.ZodObject): readonly string[] {
  return Object.entries(shape)
    .filter(([name]) => !NOT_LISTED.has(name))
    .map(([name, field]) => {
      const { default: preset, description = '' } = z.toJSONSchema(field, { io: 'input', unrepresentable: 'any' })
      const text = DEFAULTS[name] ?? (preset === undefined || preset === '' ? '' : `\`${preset}\``)
      return `| \`${name}\` | ${text} | ${description} |`.replace('|  |', '| |')
    })
}
