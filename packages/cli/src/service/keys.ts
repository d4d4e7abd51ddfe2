import { type Schemas, take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { listOption } from '../read-options.ts'
import { idOf } from './named.ts'
import { type Column, minute } from './output.ts'
import { EVERY, itemsOf } from './pages.ts'
import { type Action, act, argumentsOf, type ServiceCall } from './service-call.ts'

type Key = Schemas['Key']

const SHAPE: readonly Column<Key>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'NAME', least: 12, cell: ({ name }) => name },
  { title: 'SCOPES', least: 8, cell: ({ scopes }) => scopes.join(',') },
  { title: 'LAST USED', cell: ({ lastUsedAt }) => minute(lastUsedAt) || 'never' },
  {
    title: 'STATE',
    cell: ({ revokedAt, expiresAt }) =>
      revokedAt ? `revoked ${minute(revokedAt)}` : expiresAt ? `until ${minute(expiresAt)}` : 'valid',
    style: ({ revokedAt }) => (revokedAt ? 'dim' : undefined),
  },
]
const SCOPES = ['read', 'scan', 'manage', 'admin'] as const

const list: Action = async ({ client, options, output }) => {
  const keys = await itemsOf(options, (query) => take(client.GET('/v1/keys', { params: { query } })))
  output.list(keys, SHAPE, 'there are no keys')
  return EXIT.done
}

const create: Action = async (call) => {
  const { name } = argumentsOf(call, 'name')
  const asked = listOption(call.options, 'scope')
  const scopes = SCOPES.filter((scope) => asked.includes(scope))
  const odd = asked.find((scope) => !SCOPES.some((known) => known === scope))
  if (odd !== undefined || scopes.length === 0) throw new UsageError(`give --scope one of ${SCOPES.join(', ')}`)
  const body = { name, scopes, targetLimits: [...listOption(call.options, 'only')] }
  return shown(call, await take(call.client.POST('/v1/keys', { body })))
}

/** By its name, which revoked ones may have had before it, or by its id. */
async function pathOf(call: ServiceCall) {
  const { key } = argumentsOf(call, 'key')
  const all = () => itemsOf(EVERY, (query) => take(call.client.GET('/v1/keys', { params: { query } })))
  return { id: await idOf(key, 'key', async () => (await all()).filter(({ revokedAt }) => revokedAt === null)) }
}

const rotate: Action = async (call) => {
  const path = await pathOf(call)
  return shown(call, await take(call.client.POST('/v1/keys/{id}/rotate', { params: { path } })))
}

/** The one time a key can be seen: alone on standard output, so that a script can take it. */
function shown({ output }: ServiceCall, key: { readonly id: string; readonly token: string }): number {
  output.said(key.token, key)
  return EXIT.done
}

const revoke: Action = async (call) => {
  const path = await pathOf(call)
  const key = await take(call.client.POST('/v1/keys/{id}/revoke', { params: { path } }))
  call.output.one(key, SHAPE)
  return EXIT.done
}

export const keysCommand = (args: readonly string[], options: Options) =>
  act({ list, create, rotate, revoke }, args, options)
