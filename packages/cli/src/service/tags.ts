import { type Schemas, take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { textOption } from '../read-options.ts'
import type { Column } from './output.ts'
import { itemsOf } from './pages.ts'
import { type Action, act, argumentsOf } from './service-call.ts'

type Tag = Schemas['Tag']

const SHAPE: readonly Column<Tag>[] = [
  { title: 'TAG', cell: ({ name }) => name },
  { title: 'TARGETS', least: 16, cell: ({ targets }) => targets.join(' ') },
  { title: 'DESCRIPTION', least: 16, cell: ({ description }) => description ?? '' },
]

const list: Action = async ({ client, options, output }) => {
  const tags = await itemsOf(options, (query) => take(client.GET('/v1/tags', { params: { query } })))
  output.list(tags, SHAPE, 'there are no tags: portolan tags set dmz 10.1.0.0/16')
  return EXIT.done
}

/** Made, or replaced. */
const set: Action = async ({ client, args, options, output }) => {
  const [tag, ...targets] = args
  if (tag === undefined || targets.length === 0)
    throw new UsageError('say which tag and which addresses carry it, as in: set dmz 10.1.0.0/16 192.0.2.7')
  const body = { targets, description: textOption(options, 'description') ?? null }
  output.one(await take(client.PUT('/v1/tags/{tag}', { params: { path: { tag } }, body })), SHAPE)
  return EXIT.done
}

const remove: Action = async (call) => {
  const { tag } = argumentsOf(call, 'tag')
  await call.client.DELETE('/v1/tags/{tag}', { params: { path: { tag } } })
  call.output.said(`${tag} is deleted`, { name: tag })
  return EXIT.done
}

export const tagsCommand = (args: readonly string[], options: Options) => act({ list, set, remove }, args, options)
