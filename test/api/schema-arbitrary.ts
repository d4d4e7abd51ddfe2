/** Values that fit a JSON schema, and values that nearly do. */
import fc from 'fast-check'

export type Schema = { readonly [key: string]: unknown }

const SPECS = [
  '127.0.0.1',
  '127.0.0.0/24',
  '127.0.0.1-127.0.0.9',
  '127.0.0-3.1,5-9',
  '::1',
  'two.test',
  '10.0.0.1',
  'nowhere.test',
]
const BLOCKS = ['10.0.0.0/8', '127.7.0.1', '2001:db8::/32', '198.51.100.0/24', '0.0.0.0/0']
const PORTS = ['22', '80,443', '1-1024', 'top:10', 'T:22,U:53', 'ssh', '-', '0', '22-', '65536']

/** Fields whose meaning the schema cannot say: random text would never get past their parsers. */
const BY_NAME: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  targets: fc.array(fc.constantFrom(...SPECS), { minLength: 1, maxLength: 4 }),
  exclude: fc.array(fc.constantFrom(...SPECS), { maxLength: 2 }),
  ports: fc.constantFrom(...PORTS),
  port: fc.oneof(fc.constantFrom(...PORTS), fc.integer({ min: -1, max: 70_000 }).map(String)),
  cidr: fc.constantFrom(...BLOCKS),
  networks: fc.array(fc.constantFrom(...BLOCKS), { minLength: 1, maxLength: 3 }),
  host: fc.constantFrom(...BLOCKS, '127.0.0.1', 'twice.test', 'a b'),
  targetLimits: fc.array(fc.constantFrom(...BLOCKS), { maxLength: 3 }),
}

/** `known` are the schemas that `$ref` may name. */
export function fitting(schema: Schema, known: Schema, name = ''): fc.Arbitrary<unknown> {
  // Ports nobody listens on: what the API is to ask must not depend on what else runs here.
  if (name === 'port' && schema.type === 'integer') return fc.integer({ min: 1, max: 6 })
  const named = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined
  if (named) return named
  const reference = typeof schema.$ref === 'string' ? known[schema.$ref.split('/').at(-1) ?? ''] : undefined
  if (reference) return fitting(reference as Schema, known, name)
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum)
  if ('const' in schema) return fc.constant(schema.const)
  const options = schema.anyOf ?? schema.oneOf
  if (Array.isArray(options)) return fc.oneof(...options.map((option: Schema) => fitting(option, known, name)))
  switch (schema.type) {
    case 'object':
      return objectOf(schema, known)
    case 'array':
      return fc.array(fitting((schema.items ?? {}) as Schema, known), {
        minLength: Number(schema.minItems ?? 0),
        maxLength: Math.min(Number(schema.maxItems ?? 4), 4),
      })
    case 'integer':
      return fc.integer({ min: Number(schema.minimum ?? -1e6), max: Math.min(Number(schema.maximum ?? 1e6), 1e6) })
    case 'number':
      return fc.double({ min: Number(schema.minimum ?? -1e9), max: Number(schema.maximum ?? 1e9), noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'string':
      return textOf(schema)
    default:
      return fc.jsonValue()
  }
}

function objectOf(schema: Schema, known: Schema): fc.Arbitrary<unknown> {
  const properties = (schema.properties ?? {}) as Record<string, Schema>
  const model = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, fitting(value, known, key)]))
  return fc.record(model, { requiredKeys: (schema.required ?? []) as string[] })
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  const { minLength = 0, maxLength = 40 } = schema
  if (Array.isArray(schema.examples)) return fc.constantFrom(...schema.examples.map(String))
  if (schema.format === 'date-time')
    return fc
      .date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString())
  if (typeof schema.pattern === 'string') return fc.stringMatching(new RegExp(schema.pattern))
  return fc.string({ minLength: Number(minLength), maxLength: Math.min(Number(maxLength), 60), unit: 'grapheme' })
}

/** What no client should send: every type where another is expected, odd text, odd keys, or a fitting value dented. */
export function unfitting(fits: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\u0000', '\ud800', '__proto__', "'; DROP TABLE scans; --", '../../etc/passwd', '%00'),
    fc.constantFrom(0, -1, 2 ** 31, 2 ** 53, 1e308, null, true, [], {}),
  )
  const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', ''))
  const dent = fc.tuple(fits, odd, key, fc.nat()).map(([value, strange, extra, at]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return strange
    const keys = Object.keys(value)
    const victim = keys[at % (keys.length + 1)] ?? extra
    return Object.fromEntries([...Object.entries(value), [victim, strange]])
  })
  return fc.oneof(odd, dent, dent)
}
