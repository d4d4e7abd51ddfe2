import { readFileSync } from 'node:fs'
import { createDocument } from '../http/openapi.ts'
import { operations } from '../operations.ts'

/** The contract as it is implemented. `services/api/openapi.json` is this, written down; a test compares them. */
export function openApiDocument(): Record<string, unknown> {
  return createDocument(operations, version())
}

export function version(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  return version
}
