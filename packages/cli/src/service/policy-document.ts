/** A policy in a file, checked as the service would check it. */
import { PolicyDocument } from '@portolan/api/policies/schema.ts'
import type { Policy } from '@portolan/core/exposure/policy.ts'
import { compilePolicy } from '@portolan/core/exposure/policy-document.ts'
import { PORT_BOOK } from '@portolan/core/registry/ports.ts'
import { parse } from 'yaml'
import { z } from 'zod'
import { UsageError } from '../exit.ts'
import { textOf } from './policy-file.ts'

/** JSON Schema (draft 2020-12) of the file, for editors and for checks without Portolan. */
export const policySchema = () => z.toJSONSchema(PolicyDocument, { io: 'input' })

/** Throws UsageError that names the place. */
export async function readPolicy(file: string): Promise<Policy> {
  const wrong = (where: string, what: string) => new UsageError(`${file}: ${where}${where && ': '}${what}`)
  let text: unknown
  try {
    text = parse(await textOf(file), { logLevel: 'error' })
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw wrong('', `is not YAML: ${error instanceof Error ? error.message.split('\n')[0] : error}`)
  }
  const document = PolicyDocument.safeParse(text)
  if (!document.success) {
    const [first] = document.error.issues
    throw wrong(first?.path.join('.') ?? '', first?.message ?? '')
  }
  const compiled = compilePolicy(file, document.data, PORT_BOOK)
  if (compiled.ok) return compiled.policy
  const [first] = compiled.errors
  throw wrong(first?.pointer.slice(1).replaceAll('/', '.') ?? '', first?.detail ?? '')
}
