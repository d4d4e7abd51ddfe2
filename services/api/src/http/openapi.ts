/** The OpenAPI 3.1 document, made from the very operations that are mounted. */
import { z } from 'zod'
import { exampleOf } from './example.ts'
import type { AnswerSpec, Operation } from './operation.ts'
import { PROBLEM_NAMES, PROBLEMS, Problem, type ProblemName, problemBody } from './problem.ts'

type Json = Record<string, unknown>

export const ProblemSchema = z
  .strictObject({
    type: z.string().meta({ description: 'Stable; a relative URL that explains this kind of problem.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened this time.' }),
    advice: z.string().meta({ description: 'What to do about it.' }),
    requestId: z.string(),
    errors: z
      .array(
        z.strictObject({
          in: z.enum(['body', 'query', 'path', 'header']),
          pointer: z.string().meta({ description: 'JSON pointer (RFC 6901) to the field, as a URI fragment.' }),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' })

/** What any request can run into, beside what the operation declares. */
function commonProblems({ method, access, body, query, params, streams, idempotent }: Operation): ProblemName[] {
  const secured: ProblemName[] = access === 'public' ? [] : ['unauthorized', 'forbidden', 'rate-limited']
  const browsed: ProblemName[] = access === 'public' || method === 'get' ? [] : ['cross-site']
  const taken: ProblemName[] = body || streams ? ['body-too-large', 'unsupported-media-type', 'request-timeout'] : []
  const parsed: ProblemName[] = body ? ['malformed-json'] : []
  const shaped: ProblemName[] = access !== 'public' || query || params || body ? ['bad-request', 'validation'] : []
  const keyed: ProblemName[] = idempotent ? ['idempotency-in-flight', 'idempotency-mismatch'] : []
  return [...secured, ...browsed, ...taken, ...parsed, ...shaped, ...keyed, 'internal', 'unavailable']
}

export function createDocument(operations: readonly Operation[], version: string): Json {
  const schemas: Json = {}
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    const path = paths[operation.path] ?? {}
    path[operation.method] = describe(operation, schemas)
    paths[operation.path] = path
  }
  schemaOf(ProblemSchema, 'output', schemas)
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    openapi: '3.1.1',
    info: {
      title: 'Portolan',
      version,
      description:
        'Distributed port scanning and exposure monitoring. Every failure is `application/problem+json` with a stable `type`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { session: [] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key, `ptl_<id>_<secret>`.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'portolan_session',
          description:
            'Made by `POST /v1/session`, for pages of the service itself; over TLS with the prefix `__Host-`.',
        },
      },
      schemas: sorted,
      examples: Object.fromEntries(PROBLEM_NAMES.map((name) => [name, { value: exampleProblem(name) }])),
    },
  }
}

const exampleProblem = (name: ProblemName) =>
  problemBody(new Problem(name, PROBLEMS[name].title), '4c1b8f4e-5a52-4f0c-9a77-2f6a3c1d9e10')

function describe(operation: Operation, schemas: Json): Json {
  const { id, tag, summary, description, access, params, query, conditional, idempotent, headers = {} } = operation
  const parameters = [
    ...parametersOf(params, 'path', schemas),
    ...parametersOf(query, 'query', schemas),
    ...(idempotent
      ? [header('Idempotency-Key', 'Repeating the request with the same key gives the first answer.')]
      : []),
    ...(conditional ? [header('If-Match', 'The ETag you read; another one now means 412 and no change.')] : []),
    ...Object.entries(headers).map(([name, text]) => header(name, text)),
  ]
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: access === 'public' ? description : `${description}\n\nNeeds a key with the scope \`${access}\`.`,
    ...(access === 'public' && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...requestBody(operation, schemas),
    responses: responsesOf(operation, schemas),
  }
}

const header = (name: string, description: string): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
})

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query', schemas: Json): Json[] {
  if (!(schema instanceof z.ZodObject)) return []
  const inner = inlineSchema(schema, schemas)
  return Object.entries(inner.properties).map(([name, { description, ...property }]) => ({
    name,
    in: place,
    required: place === 'path' || inner.required.includes(name),
    ...(typeof description === 'string' && { description }),
    schema: property,
    ...(property.type === 'array' && { style: 'form', explode: false }),
  }))
}

function inlineSchema(schema: z.ZodObject, schemas: Json) {
  const properties: Record<string, Json> = {}
  const required: string[] = []
  for (const [name, field] of Object.entries(schema.shape)) {
    // because every field of a zod object is a zod type; its declared type is the wider core type
    const type = field as z.ZodType
    properties[name] = schemaOf(type, 'input', schemas)
    if (!type.safeParse(undefined).success) required.push(name)
  }
  return { properties, required }
}

function requestBody({ body, bodyExample, streams, bodyExamples = {} }: Operation, schemas: Json): Json {
  if (streams)
    return {
      requestBody: {
        required: true,
        content: Object.fromEntries(streams.map((media) => [media, textOf(bodyExamples[media])])),
      },
    }
  if (!body) return {}
  const content = {
    schema: schemaOf(body, 'input', schemas),
    ...(bodyExample !== undefined && { example: bodyExample }),
  }
  const required = !body.safeParse(undefined).success
  return { requestBody: { required, content: { 'application/json': content } } }
}

function responsesOf(operation: Operation, schemas: Json): Json {
  const responses: Json = {}
  for (const [status, answer] of Object.entries(operation.answers)) responses[status] = answerOf(answer, schemas)
  const kinds = [...new Set([...commonProblems(operation), ...(operation.problems ?? [])])]
  const byStatus = Map.groupBy(kinds, (kind) => PROBLEMS[kind].status)
  for (const [status, names] of [...byStatus].sort(([a], [b]) => a - b)) {
    const answer = operation.answers[status]
    const told = names.map((name) => `\`/problems/${name}\`: ${PROBLEMS[name].title}.`)
    // A status may be an answer, too: /readyz tells by 503 what is missing.
    const { content = {} } = answer ? answerOf(answer, schemas) : {}
    responses[status] = {
      description: [...(answer ? [answer.description] : []), ...told].join(' '),
      content: { ...content, 'application/problem+json': problemsOf(names) },
    }
  }
  return responses
}

const problemsOf = (names: readonly ProblemName[]): Json => ({
  schema: { $ref: '#/components/schemas/Problem' },
  examples: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/examples/${name}` }])),
})

function answerOf(answer: AnswerSpec, schemas: Json) {
  const { description, schema, example, media = [], events = {}, headers = {} } = answer
  const json = schema && { 'application/json': jsonAnswer(schemaOf(schema, 'output', schemas), schemas, example) }
  const other = Object.fromEntries(media.map((type) => [type, textOf(schema ? undefined : example)]))
  // OpenAPI 3.1 has no words for events; generated clients take their types from the components this leads to.
  const streamed = Object.entries(events).map(([name, data]) => [name, schemaOf(data, 'output', schemas)])
  const told = Object.entries(headers).map(([name, text]) => [name, { description: text, schema: { type: 'string' } }])
  return {
    description,
    ...(told.length > 0 && { headers: Object.fromEntries(told) }),
    ...((json || media.length > 0) && { content: { ...json, ...other } }),
    ...(streamed.length > 0 && { 'x-events': Object.fromEntries(streamed) }),
  }
}

const jsonAnswer = (schema: Json, schemas: Json, example = exampleOf(schema, schemas)): Json => ({ schema, example })

const textOf = (example: unknown): Json => ({
  schema: { type: 'string' },
  ...(example !== undefined && { example }),
})

/** A JSON schema; whatever has an id (`.meta({ id })`) goes into the components and is referred to. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  for (const [name, definition] of Object.entries($defs)) schemas[name] = relocate(definition)
  const relocated = relocate(own)
  const { id, ...rest } = relocated
  if (typeof id !== 'string') return relocated
  schemas[id] = rest
  return { $ref: `#/components/schemas/${id}` }
}

/** `#/$defs/X` to `#/components/schemas/X`, at any depth; ids become the names of the components. */
function relocate(value: object): Json {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'))
}
