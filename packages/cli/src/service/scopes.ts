import { type Schemas, take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { textOption } from '../read-options.ts'
import { idOf } from './named.ts'
import { type Column, minute } from './output.ts'
import { EVERY, itemsOf } from './pages.ts'
import { type Action, act, argumentsOf } from './service-call.ts'

type Scope = Schemas['Scope']

const SHAPE: readonly Column<Scope>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'TARGETS', least: 16, cell: ({ cidr }) => cidr },
  { title: 'OWNER', least: 8, cell: ({ owner }) => owner },
  { title: 'UNTIL', cell: ({ expiresAt }) => minute(expiresAt) || 'for good' },
  { title: 'REASON', least: 16, cell: ({ reason }) => reason },
]

const list: Action = async ({ client, options, output }) => {
  const scopes = await itemsOf(options, (query) => take(client.GET('/v1/scopes', { params: { query } })))
  output.list(scopes, SHAPE, 'nothing may be scanned')
  return EXIT.done
}

const add: Action = async (call) => {
  const { cidr } = argumentsOf(call, 'cidr')
  const [owner, reason] = [textOption(call.options, 'owner'), textOption(call.options, 'reason')]
  if (owner === undefined || reason === undefined)
    throw new UsageError('say who answers for these addresses and why they may be scanned: --owner and --reason')
  const until = textOption(call.options, 'until')
  const expiresAt = until === undefined ? null : momentOf(until)
  call.output.one(await take(call.client.POST('/v1/scopes', { body: { cidr, owner, reason, expiresAt } })), SHAPE)
  return EXIT.done
}

function momentOf(text: string): string {
  const at = new Date(text)
  if (Number.isNaN(at.getTime()))
    throw new UsageError(`--until takes a date such as 2027-01-31, not ${JSON.stringify(text)}`)
  return at.toISOString()
}

const remove: Action = async (call) => {
  const { scope } = argumentsOf(call, 'scope')
  const all = () => itemsOf(EVERY, (query) => take(call.client.GET('/v1/scopes', { params: { query } })))
  const id = await idOf(scope, 'scope', async () => (await all()).map(({ id, cidr }) => ({ id, name: cidr })))
  await call.client.DELETE('/v1/scopes/{id}', { params: { path: { id } } })
  call.output.said(`${scope} is withdrawn`, { id })
  return EXIT.done
}

export const scopesCommand = (args: readonly string[], options: Options) => act({ list, add, remove }, args, options)
