import { type Schemas, take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { choiceOption, listOption, textOption } from '../read-options.ts'
import { type Column, minute } from './output.ts'
import { EVERY, itemsOf } from './pages.ts'
import { tellEvaluation, textOf } from './policy-file.ts'
import { type Action, act, argumentsOf, type ServiceCall } from './service-call.ts'

type Policy = Schemas['Policy']

const SHAPE: readonly Column<Policy>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'NAME', least: 12, cell: ({ name }) => name },
  { title: 'STATE', cell: ({ enabled }) => (enabled ? 'on' : 'off') },
  { title: 'RULES', cell: ({ document }) => document.rules.length },
  { title: 'CHANGED', cell: ({ updatedAt }) => minute(updatedAt) },
]

const list: Action = async ({ client, options, output }) => {
  const policies = await itemsOf(options, (query) => take(client.GET('/v1/policies', { params: { query } })))
  output.list(policies, SHAPE, 'there are no policies: portolan policy draft default > policy.yaml')
  return EXIT.done
}

async function documentIn({ client }: ServiceCall, file: string): Promise<Policy['document']> {
  const text = await textOf(file)
  return (await take(client.POST('/v1/policies/draft', { body: { from: 'yaml', text, targets: [] } }))).document
}

const test: Action = async (call) => {
  const { file } = argumentsOf(call, 'file')
  const at = textOption(call.options, 'at')
  const body = { document: await documentIn(call, file), ...(at !== undefined && { at: momentOf(at) }) }
  return tellEvaluation(await take(call.client.POST('/v1/policies/evaluate', { body })), call.output)
}

function momentOf(text: string): string {
  const at = new Date(text)
  if (Number.isNaN(at.getTime()))
    throw new UsageError(`--at takes a moment such as 2026-11-01, not ${JSON.stringify(text)}`)
  return at.toISOString()
}

const SOURCES = ['default', 'baseline', 'ufw', 'iptables', 'nft'] as const
const stringify = async (document: unknown) => (await import('yaml')).stringify(document)

const draft: Action = async (call) => {
  const [source = 'default', file = '-'] = call.args
  const from = choiceOption({ source }, 'source', SOURCES) ?? 'default'
  const text = from === 'default' || from === 'baseline' ? '' : await textOf(file)
  const body = { from, text, targets: [...listOption(call.options, 'target')] }
  const { document, skipped } = await take(call.client.POST('/v1/policies/draft', { body }))
  for (const line of skipped) process.stderr.write(`portolan: left out: ${JSON.stringify(line)}\n`)
  process.stdout.write(await stringify(document))
  return EXIT.done
}

/** Made, or replaced when there is one of this name. */
const apply: Action = async (call) => {
  const { name, file } = argumentsOf(call, 'name', 'file')
  const { client } = call
  const document = await documentIn(call, file)
  const known = await find(call, name)
  const policy = known
    ? await take(client.PATCH('/v1/policies/{id}', { params: { path: { id: known.id } }, body: { document } }))
    : await take(client.POST('/v1/policies', { body: { name, document, enabled: true } }))
  call.output.one(policy, SHAPE)
  return EXIT.done
}

async function find({ client }: ServiceCall, name: string): Promise<Policy | undefined> {
  const all = await itemsOf(EVERY, (query) => take(client.GET('/v1/policies', { params: { query } })))
  return all.find((policy) => policy.name === name || policy.id === name)
}

const show: Action = async (call) => {
  const { name } = argumentsOf(call, 'name')
  const policy = await find(call, name)
  if (policy === undefined) throw new UsageError(`there is no policy ${JSON.stringify(name)}`)
  process.stdout.write(await stringify(policy.document))
  return EXIT.done
}

const remove: Action = async (call) => {
  const { name } = argumentsOf(call, 'name')
  const policy = await find(call, name)
  if (policy === undefined) throw new UsageError(`there is no policy ${JSON.stringify(name)}`)
  await call.client.DELETE('/v1/policies/{id}', { params: { path: { id: policy.id } } })
  call.output.said(`${policy.name} is deleted, with its findings`, { id: policy.id })
  return EXIT.done
}

/** The only action that needs no service. */
async function schema(): Promise<number> {
  const { policySchema } = await import('./policy-document.ts')
  process.stdout.write(`${JSON.stringify(policySchema(), null, 2)}\n`)
  return EXIT.done
}

/** `test` ends with 3 when something open is not allowed, or something required is not open. */
export async function policyCommand(args: readonly string[], options: Options): Promise<number> {
  if (args[0] === 'schema') return schema()
  const results = textOption(options, 'results')
  if (results === undefined) return act({ list, show, draft, test, apply, remove, schema }, args, options)
  const { testResults } = await import('./test-results.ts')
  return testResults(args, options, results)
}
