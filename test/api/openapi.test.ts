/** The contract as somebody reads it who has nothing else: words, examples that are true, and how each call can fail. */
import { openApiDocument } from '@portolan/api/docs/document.ts'
import { FILLER } from '@portolan/api/http/example.ts'
import { PROBLEMS } from '@portolan/api/http/problem.ts'
import { operations } from '@portolan/api/operations.ts'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import type { Schema } from './schema-arbitrary.ts'

interface Media {
  readonly schema: Schema
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly $ref: string }>>
}

interface Described {
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly parameters?: readonly { readonly name: string; readonly description?: string; readonly schema: Schema }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>
}

const document = openApiDocument()
const { paths, components } = document as {
  paths: Record<string, Record<string, Described>>
  components: { schemas: Record<string, Schema>; examples: Record<string, { value: { type: string; status: number } }> }
}
const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema({ $id: 'contract', components })

function flawsOf(schema: Schema, value: unknown) {
  const text = JSON.stringify(schema).replaceAll('"#/components', '"contract#/components')
  const valid = ajv.compile(JSON.parse(text))
  return valid(value) ? [] : valid.errors
}

describe.each(operations)('$id', ({ method, path, body, streams, access, answers }) => {
  const described = paths[path]?.[method]
  const mediaOf = (status: string) => Object.entries(described?.responses[status]?.content ?? {})

  test('says what it is for', () => {
    expect(described?.summary.length).toBeGreaterThan(4)
    expect(described?.summary.length).toBeLessThan(60)
    expect(described?.description).toMatch(/\.(\n|$)/)
    expect(described?.tags).toHaveLength(1)
  })

  test('shows a body it takes', () => {
    const shown = Object.entries(described?.requestBody?.content ?? {}).filter(
      ([, { example }]) => example !== undefined,
    )
    expect(shown.length > 0).toBe(body !== undefined || streams !== undefined)
    for (const [, { example }] of shown) if (body) expect(body.safeParse(example).error).toBeUndefined()
  })

  test('shows an answer as it may be', () => {
    for (const status of Object.keys(answers)) {
      const media = mediaOf(status)
      if (media.length === 0) expect(answers[Number(status)]?.schema).toBeUndefined()
      else
        expect(
          media.some(([, { example }]) => example !== undefined),
          status,
        ).toBe(true)
      for (const [type, { schema, example }] of media) {
        if (type === 'application/json') expect(flawsOf(schema, example), JSON.stringify(example)).toEqual([])
        expect(JSON.stringify(example ?? '')).not.toContain(`"${FILLER}"`)
      }
    }
  })

  test('names every way it can fail, with an example', () => {
    const failures = Object.entries(described?.responses ?? {}).filter(([status]) => Number(status) >= 400)
    const named = failures.flatMap(([status]) =>
      mediaOf(status).flatMap(([, { examples = {} }]) => Object.keys(examples).map((name) => [name, Number(status)])),
    )
    expect(named).toContainEqual(['internal', 500])
    if (access !== 'public') expect(named).toContainEqual(['unauthorized', 401])
    if (path.includes('{') && access !== 'public') expect(named.map(([name]) => name)).toContain('validation')
    for (const [name, status] of named)
      expect(components.examples[String(name)]?.value).toMatchObject({ type: `/problems/${name}`, status })
  })
})

test('the examples of problems are problems', () => {
  const list = { type: 'array', items: { $ref: '#/components/schemas/Problem' } }
  expect(
    flawsOf(
      list,
      Object.values(components.examples).map(({ value }) => value),
    ),
  ).toEqual([])
})

test('every kind of problem is an answer of some operation', () => {
  const told = JSON.stringify(paths)
  // Told by the router, to a method that no operation has.
  const unnamed = Object.keys(PROBLEMS).filter((name) => !told.includes(`"#/components/examples/${name}"`))
  expect(unnamed).toEqual(['method-not-allowed'])
})
