import { createDocument } from '../http/openapi.ts'
import { operations } from '../operations.ts'
import { version } from '../version.ts'

/** The contract as it is implemented. `services/api/openapi.json` is this, written down; a test compares them. */
export function openApiDocument(): Record<string, unknown> {
  return createDocument(operations, version())
}
