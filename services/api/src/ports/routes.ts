import { describePort, type PortFacts } from '@portolan/core/registry/ports.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import { z } from 'zod'
import { type Operation, ok, operation } from '../http/operation.ts'
import { queryInteger } from '../http/text.ts'

const named = z.strictObject({ name: z.string(), description: z.string() })

const use = z.strictObject({
  registered: named.nullable().meta({ description: 'What IANA has registered.' }),
  usual: z
    .strictObject({
      name: z.string(),
      runs: z.string().meta({ description: 'What one really meets there.' }),
      exposure: z.enum(['fine', 'care', 'never']).meta({ description: 'May the internet reach it?' }),
      risk: z.string(),
      advice: z.string(),
      encrypted: z.string().nullable(),
    })
    .nullable(),
  rank: z.int().nullable().meta({ description: 'Place among the common ports; 1 is the most common.' }),
})

export const Port = z
  .strictObject({
    port: z.int(),
    class: z
      .enum(['system', 'user', 'dynamic'])
      .meta({ description: '0-1023, 1024-49151, 49152-65535 (RFC 6335); only the last are never assigned.' }),
    tcp: use,
    udp: use,
  })
  .meta({ id: 'Port' })
export type Port = z.output<typeof Port>

const get = operation({
  id: 'explainPort',
  method: 'get',
  path: '/v1/ports/{port}',
  tag: 'Ports',
  access: 'read',
  summary: 'Explain a port number',
  description:
    'What is registered for it, what usually runs there, and what that means. tcp/53 and udp/53 are two ports.',
  params: z.strictObject({ port: queryInteger({ min: 0, max: 65_535 }) }),
  answers: { 200: { description: 'The port.', schema: Port } },
  async handle({ params: { port } }) {
    const facts = describePort(port, 'tcp')
    return ok({ port, class: facts.class, tcp: useOf(port, 'tcp'), udp: useOf(port, 'udp') })
  },
})

function useOf(port: number, transport: Transport): Port['tcp'] {
  const { iana, advice, rank }: PortFacts = describePort(port, transport)
  return { registered: iana && { ...iana }, usual: advice && usualOf(advice), rank }
}

function usualOf({ name, runs, exposure, risk, advice, encrypted }: NonNullable<PortFacts['advice']>) {
  return { name, runs, exposure, risk, advice, encrypted: encrypted ?? null }
}

export const portOperations: readonly Operation[] = [get]
