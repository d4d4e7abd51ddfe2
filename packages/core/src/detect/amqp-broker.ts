/** Which broker is it? AMQP 0-9-1 and 1.0 both carry a map of properties with the product's name in it. */
import { cpe } from './cpe.ts'
import type { Json, Service } from './protocol.ts'

type Known = readonly [name: RegExp, product: string, vendor: string, cpe: readonly [string, string]]

const BROKERS: readonly Known[] = [
  [/rabbitmq/i, 'RabbitMQ', 'VMware', ['vmware', 'rabbitmq']],
  [/lavinmq/i, 'LavinMQ', 'CloudAMQP', ['84codes', 'lavinmq']],
  [/artemis/i, 'Apache ActiveMQ Artemis', 'Apache', ['apache', 'activemq_artemis']],
  [/activemq/i, 'Apache ActiveMQ', 'Apache', ['apache', 'activemq']],
  [/skupper/i, 'Skupper Router', 'Skupper', ['skupper', 'skupper-router']],
  [/qpid-dispatch/i, 'Apache Qpid Dispatch', 'Apache', ['apache', 'qpid_dispatch']],
  [/qpid-?cpp/i, 'Apache Qpid C++ broker', 'Apache', ['apache', 'qpid-cpp']],
  [/qpid/i, 'Apache Qpid', 'Apache', ['apache', 'qpid']],
  [/solace/i, 'Solace PubSub+', 'Solace', ['solace', 'pubsub+']],
]

/** Properties as text, from either protocol version. */
export function amqpSoftware(properties: ReadonlyMap<string, string>): Partial<Service> {
  const name = properties.get('product') ?? null
  const version = /\d[\w.+~-]*/.exec(properties.get('version') ?? '')?.[0] ?? null
  const known = BROKERS.find(([pattern]) => name !== null && pattern.test(name))
  if (!known) return { product: name, version }
  const [, product, vendor, id] = known
  return { product, vendor, version, cpe: [cpe('a', ...id, version)] }
}

const FACTS = ['platform', 'cluster_name', 'copyright'] as const

export function amqpFacts(properties: ReadonlyMap<string, string>): Record<string, Json> {
  return Object.fromEntries(FACTS.flatMap((name) => (properties.has(name) ? [[name, properties.get(name)!]] : [])))
}
