/** The rules of the house as a test: who may know whom, how long things may get, and what may not appear. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { cycles, ROOT, readSource, type SourceFile, sourcePaths } from './support/source-tree.ts'

/** A tool wants it where it is and as it is. */
const isToolConfig = (file: string) => file.endsWith('/vite.config.ts')
const source = sourcePaths('packages', 'services', 'prisma')
  .filter((file) => !isToolConfig(file))
  .map(readSource)
const rest = sourcePaths('test', 'bench', 'demo', 'scripts').map(readSource)
const isData = (file: string) => file.endsWith('.data.ts')

/** Longest matching area wins; a file may import its own area and those listed. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/core/src/wire/': [],
  'packages/core/src/target/': [],
  'packages/core/src/registry/': ['packages/core/src/target/'],
  'packages/core/src/probe/': ['packages/core/src/wire/'],
  'packages/core/src/detect/': ['wire', 'target', 'probe', 'registry'].map((f) => `packages/core/src/${f}/`),
  'packages/core/src/engine/': ['wire', 'target', 'probe'].map((f) => `packages/core/src/${f}/`),
  'packages/core/src/exposure/': ['wire', 'target', 'registry', 'detect', 'engine'].map(
    (f) => `packages/core/src/${f}/`,
  ),
  'packages/core/src/format/': ['wire', 'target', 'registry', 'detect', 'engine'].map((f) => `packages/core/src/${f}/`),
  'packages/core/src/knowledge/': ['wire', 'target', 'detect', 'format'].map((f) => `packages/core/src/${f}/`),
  'packages/core/src/': ['packages/core/src/'],
  'packages/queue/src/': ['packages/core/src/'],
  'packages/embedded/src/': [],
  'packages/client/src/': [],
  'packages/trace/src/': [],
  'prisma/': ['packages/core/src/'],
  'prisma/tools/': ['prisma/', 'packages/embedded/src/'],
  'services/api/src/': ['packages/core/src/', 'packages/queue/src/', 'packages/trace/src/', 'prisma/'],
  // What a query means is not the service's secret: the page may read it with the very parser.
  'services/dashboard/src/': ['packages/client/src/', 'packages/core/src/exposure/query/'],
  'services/worker/src/': ['packages/core/src/', 'packages/queue/src/', 'packages/trace/src/', 'prisma/'],
  'packages/cli/src/': ['packages/', 'services/', 'prisma/'],
  'packages/cli/tools/': [],
}

const areaOf = (file: string) =>
  Object.keys(MAY_IMPORT)
    .filter((area) => file.startsWith(area))
    .sort((a, b) => b.length - a.length)[0]

test('imports follow the order of knowledge', () => {
  const wrong = source.flatMap((file) => {
    const area = areaOf(file.path)
    if (area === undefined) return [`${file.path}: in no known area`]
    const allowed = [area, ...(MAY_IMPORT[area] ?? [])]
    return file.imports
      .filter((i) => i.target !== null && !allowed.some((a) => i.target?.startsWith(a)))
      .map((i) => `${file.path} -> ${i.specifier}`)
  })
  expect(wrong).toEqual([])
})

test('no relative import leaves its package, and every imported file exists', () => {
  const packageOf = (file: string) => file.match(/^(packages\/\w+|services\/\w+|prisma)\//)?.[1]
  const wrong = source.flatMap((file) =>
    file.imports
      .filter((i) => i.target !== null)
      .filter(
        (i) =>
          (i.specifier.startsWith('.') && packageOf(i.target ?? '') !== packageOf(file.path)) ||
          !existsSync(path.join(ROOT, i.target ?? '')),
      )
      .map((i) => `${file.path} -> ${i.specifier}`),
  )
  expect(wrong).toEqual([])
})

test('modules form no run-time cycle', () => {
  const graph = new Map(
    source.map((f) => [f.path, new Set(f.imports.flatMap((i) => (i.typeOnly || i.target === null ? [] : [i.target])))]),
  )
  expect(cycles(graph)).toEqual([])
})

test('folders form no cycle, type imports included', () => {
  const graph = new Map<string, Set<string>>()
  for (const file of source) {
    const from = path.dirname(file.path)
    const to = graph.get(from) ?? new Set()
    for (const i of file.imports) if (i.target && path.dirname(i.target) !== from) to.add(path.dirname(i.target))
    graph.set(from, to)
  }
  // A folder and the subfolder that holds its parts (detect and detect/protocols) are one thing seen from outside.
  const across = cycles(graph).filter((c) => new Set(c.map((folder) => areaOf(`${folder}/`))).size > 1)
  expect(across).toEqual([])
})

/** The only exemptions from the caps, each with its reason. */
const LONG: Readonly<Record<string, string>> = {}
/** Lists, whose whole point is to name everything, and the files that put all the parts of one thing together. */
const MANY_IMPORTS =
  /\/operations\.ts$|\/(create-)?parts\.ts$|commands\.ts$|protocols\.ts$|questions\.ts$|fingerprints\.ts$|\/main\.ts$|\/app\.ts$|\/syn\/scan\.ts$|\/app\/routes\.ts$/

/** Buttons, tables and badges are to a page what words are to a sentence. */
const isVocabulary = (file: string) => file.startsWith('services/dashboard/src/ui/')

test('nothing is too long', () => {
  const fileCap = (f: SourceFile) => (f.path.startsWith('test/') ? 400 : 300)
  const files = [...source, ...rest].filter((f) => !isData(f.path) && !(f.path in LONG) && f.lines > fileCap(f))
  const measured = [...source, ...rest.filter((f) => !f.path.startsWith('test/'))].filter((f) => !isData(f.path))
  const functions = measured.flatMap((f) =>
    f.functions
      .filter((fn) => fn.lines > 50 || fn.parameters > 4)
      .map((fn) => `${f.path}:${fn.line}: ${fn.lines} lines, ${fn.parameters} parameters`),
  )
  const imports = source.filter(
    (f) => !MANY_IMPORTS.test(f.path) && f.imports.filter((i) => i.target && !isVocabulary(i.target)).length > 12,
  )
  expect({ files: files.map((f) => `${f.path}: ${f.lines}`), functions, imports: imports.map((f) => f.path) }).toEqual({
    files: [],
    functions: [],
    imports: [],
  })
})

test('no any, enum, default or star export, unexplained assertion; environment only in env.ts', () => {
  const wrong = source.flatMap((f) =>
    f.offences.filter((o) => {
      if (o.endsWith('process.env')) return !/(^|\/)env\.ts$/.test(f.path)
      if (o.includes('"// because"')) return !f.path.startsWith('packages/core/src/wire/')
      return true
    }),
  )
  expect(wrong).toEqual([])
})

/** Who may hold which dangerous thing. */
const ONLY_IN: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^node:(net|tls|dgram)$/,
    /detect\/(session|tls)[\w-]*\.ts$|engine\/(connect|node-connect|ping)[\w-]*\.ts$|packages\/(embedded|cli)\/|services\//,
  ],
  [/^koffi$/, /packages\/core\/src\/engine\//],
  [/@prisma\/|generated\/client|^prisma/, /^prisma\//],
  [/^(bullmq|ioredis)$/, /^packages\/queue\/|^services\/worker\/|^services\/api\//],
]

test('sockets, native calls, Prisma and the queue stay where they belong', () => {
  const wrong = source.flatMap((f) =>
    f.imports
      .filter((i) => ONLY_IN.some(([what, where]) => what.test(i.specifier) && !where.test(f.path)))
      .filter((i) => !(i.specifier === 'node:net' && i.typeOnly))
      .map((i) => `${f.path} -> ${i.specifier}`),
  )
  expect(wrong).toEqual([])
})

test('every protocol module is listed once, sorted, and has fixtures', () => {
  const folder = 'packages/core/src/detect/protocols'
  const modules = readdirSync(path.join(ROOT, folder)).map((f) => f.replace(/\.ts$/, ''))
  const list = readFileSync(path.join(ROOT, 'packages/core/src/detect/protocols.ts'), 'utf8')
  const listed = [...list.matchAll(/from '\.\/protocols\/([\w-]+)\.ts'/g)].map((m) => m[1])
  expect(listed).toEqual([...modules].sort())
  expect(modules.filter((m) => !existsSync(path.join(ROOT, 'test/fixtures', m)))).toEqual([])
})

test('every decision names the test that enforces it', () => {
  const folder = path.join(ROOT, 'docs/decisions')
  const wrong = readdirSync(folder)
    .filter((f) => /^\d{4}-/.test(f))
    .filter((f) => {
      const enforced = readFileSync(path.join(folder, f), 'utf8').match(/Enforced by:?\*{0,2}:?\s*(.+)/)?.[1] ?? ''
      const paths = [...enforced.matchAll(/`([^`]+)`/g)].map((m) => m[1] ?? '')
      return paths.length === 0 || paths.some((p) => !existsSync(path.join(ROOT, p)))
    })
  expect(wrong).toEqual([])
})

test('no folder or file has a name that excludes nothing', () => {
  const paths = [...source, ...rest].map((f) => f.path)
  expect(paths.filter((p) => /(^|\/)(utils?|helpers|common|misc)(\/|\.ts)/.test(p))).toEqual([])
})
