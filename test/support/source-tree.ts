/** The repository's own source as facts: who imports whom, how long things are, which constructs appear. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

export const ROOT = path.resolve(import.meta.dirname, '../..')

export interface ImportFact {
  readonly specifier: string
  /** Repository path of the imported file when it is ours, else null. */
  readonly target: string | null
  readonly typeOnly: boolean
}

export interface FunctionFact {
  readonly line: number
  readonly lines: number
  readonly parameters: number
}

export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly imports: readonly ImportFact[]
  readonly functions: readonly FunctionFact[]
  /** Forbidden constructs found, as `line: what`. */
  readonly offences: readonly string[]
}

const PACKAGES: Readonly<Record<string, string>> = {
  '#core/': 'packages/core/src/',
  '#test/': 'test/',
  '@portolan/core/': 'packages/core/src/',
  '@portolan/queue/': 'packages/queue/src/',
  '@portolan/embedded/': 'packages/embedded/src/',
  '@portolan/cli/': 'packages/cli/src/',
  '@portolan/client/': 'packages/client/src/',
  '@portolan/trace/': 'packages/trace/src/',
  '@portolan/db/': 'prisma/',
  '@portolan/dashboard/': 'services/dashboard/src/',
  '@portolan/api/': 'services/api/src/',
  '@portolan/worker/': 'services/worker/src/',
}

function resolveOurs(from: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return path.join(path.dirname(from), specifier)
  const prefix = Object.keys(PACKAGES).find((p) => specifier.startsWith(p))
  return prefix === undefined ? null : PACKAGES[prefix] + specifier.slice(prefix.length)
}

export function sourcePaths(...folders: readonly string[]): string[] {
  const skip = /node_modules|prisma\/generated|\.d\.ts$/
  return folders
    .flatMap((folder) =>
      readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((f) => path.join(folder, f)),
    )
    .filter((f) => /\.tsx?$/.test(f) && !skip.test(f))
    .sort()
}

/** Parses one file. `as const` is no assertion; any other `as` needs a `// because` beside or above it. */
export function readSource(file: string): SourceFile {
  const text = readFileSync(path.join(ROOT, file), 'utf8')
  const { program, module, comments } = parseSync(file, text)
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length
  const functions: FunctionFact[] = []
  const offences: string[] = []
  const offend = (node: { start: number }, what: string) => offences.push(`${file}:${lineOf(node.start)}: ${what}`)
  const because = new Set(
    comments.filter((c) => /^\s*because\b/.test(c.value)).flatMap((c) => [lineOf(c.start), lineOf(c.end) + 1]),
  )
  const measure = (node: { start: number; end: number; params: readonly unknown[] }) => {
    const line = lineOf(node.start)
    functions.push({ line, lines: lineOf(node.end) - line + 1, parameters: node.params.length })
  }
  new Visitor({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
    TSAnyKeyword: (node) => offend(node, 'any'),
    TSEnumDeclaration: (node) => offend(node, 'enum'),
    ExportDefaultDeclaration: (node) => offend(node, 'export default'),
    ExportAllDeclaration: (node) => offend(node, 'export *'),
    TSAsExpression: (node) => {
      const isConst = text.slice(node.typeAnnotation.start, node.typeAnnotation.end) === 'const'
      if (!isConst && !because.has(lineOf(node.start)) && !because.has(lineOf(node.end)))
        offend(node, 'as without "// because"')
    },
    MemberExpression: (node) => {
      if (text.slice(node.start, node.end) === 'process.env') offend(node, 'process.env')
    },
  }).visit(program)
  const imports = [
    ...module.staticImports.map((i) => ({ specifier: i.moduleRequest.value, typeOnly: isTypeOnly(text, i) })),
    ...module.staticExports.flatMap((e) =>
      e.entries.flatMap((x) => (x.moduleRequest ? [{ specifier: x.moduleRequest.value, typeOnly: x.isType }] : [])),
    ),
    ...module.dynamicImports.map((i) => ({
      specifier: text.slice(i.moduleRequest.start + 1, i.moduleRequest.end - 1),
      typeOnly: true, // a lazy import runs after both modules are loaded: it closes no cycle
    })),
  ].map((i) => ({ ...i, target: resolveOurs(file, i.specifier) }))
  return { path: file, text, lines: text.split('\n').length - 1, imports, functions, offences }
}

function isTypeOnly(text: string, statement: { start: number; entries: readonly { isType: boolean }[] }): boolean {
  if (text.startsWith('import type', statement.start)) return true
  return statement.entries.length > 0 && statement.entries.every((entry) => entry.isType)
}

/** Cycles of a directed graph as strongly connected components of two or more nodes (Tarjan). */
export function cycles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (node: string): void => {
    index.set(node, index.size)
    low.set(node, index.get(node) ?? 0)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next)
      if (stack.includes(next)) low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0))
    }
    if (low.get(node) !== index.get(node)) return
    const component = stack.splice(stack.indexOf(node))
    if (component.length > 1) found.push(component)
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return found
}
