import { type Schemas, take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { EXIT } from '../exit.ts'
import { type Column, minute } from './output.ts'
import { callOf } from './service-call.ts'

const SHAPE: readonly Column<Schemas['Worker']>[] = [
  { title: 'NAME', least: 12, cell: ({ name }) => name },
  { title: 'VANTAGE', least: 10, cell: ({ vantage }) => vantage },
  {
    title: 'STATE',
    cell: ({ alive }) => (alive ? 'alive' : 'silent'),
    style: ({ alive }) => (alive ? 'good' : 'bad'),
  },
  { title: 'HEARD OF', cell: ({ heartbeatAt }) => minute(heartbeatAt) },
  { title: 'VERSION', cell: ({ version }) => version },
  { title: 'ADDRESSES', least: 15, cell: ({ addresses }) => addresses.join(' ') },
]

export async function workersCommand(args: readonly string[], options: Options): Promise<number> {
  const { client, output } = await callOf(args, options)
  const { items } = await take(client.GET('/v1/workers'))
  output.list(items, SHAPE, 'there is no worker')
  return EXIT.done
}
