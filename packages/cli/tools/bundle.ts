/**
 * Packs the command line into a few files, dist/: most of the time before the first packet of `portolan scan` goes into
 * reading some hundred small ones. `npm ci` runs it. The service's own programs stay as they are: nobody waits for those.
 */
import path from 'node:path'
import { type PluginContext, rolldown } from 'rolldown'
import { version } from '#cli/version.ts'
import { exchange } from './exchange.ts'

const HERE = path.resolve(import.meta.dirname, '..')
const CORE = path.resolve(HERE, '../core/src')
/** Packed; everything else is found where npm put it. */
const PACKED = ['.', '/', '#core/', '@portolan/core/', '@portolan/client', 'commander']
/** What every scan loads, one after the other. These and all they import become one file. */
const START = [
  path.join(HERE, 'src/program.ts'),
  path.join(HERE, 'src/scan/scan-command.ts'),
  path.join(CORE, 'engine/syn-engine.ts'),
  path.join(CORE, 'engine/syn/run.ts'),
]

/**
 * Packed files are CommonJS: unlike the imports of a module, what is required can be fetched when it is first used, and a
 * scan uses little of what it could (node:assert alone, for what never fails, takes longer to load than the first packet).
 * Of koffi the compiled part is loaded, where npm put one: what is written in JavaScript around it looks at everything
 * node:util has, which makes Node load a tenth of itself.
 */
const HELP = `
const __resolve = (id) => require('node:url').pathToFileURL(require.resolve(id)).href
const __native = ['@koromix/koffi', process.platform, process.arch].join('-')
const __load = (id) => {
  if (id !== 'koffi') return require(id)
  try {
    return require(__native)
  } catch {
    return require(id)
  }
}
const __later = (id) => {
  let loaded
  const get = (_, key) => {
    loaded ??= __load(id)
    return key === 'default' && !loaded.__esModule ? loaded : loaded[key]
  }
  return new Proxy({}, { get })
}
const __assert = { default: (value, message) => value || require('node:assert')(value, message) }`
const EXTERNAL = /^let (\w+) = require\(("[^"./][^"]*")\);$/gm
const CHILD_PROCESS = /const (\w+) = require\(("node:child_process")\);$/gm
/** Asserted millions of times a second, and never to fail: no proxy to go through, no module to load. */
const ASSERT = /^let (\w+) = require\("node:assert(?:\/strict)?"\);$/gm
const ASSERTED = 'const $1 = __assert;'
const INTEROP = /^\w+ = require_rolldown_runtime\.__toESM\(\w+, 1\);$/gm
const LATER = 'const $1 = __later($2);'
/** Text of one byte a character is read twice as fast. */
const ascii = (text: string) =>
  text.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Read from a file beside the sources, and the packed ones lie elsewhere. */
const VERSION = path.join(HERE, 'src/version.ts')

const start = new Set<string>()

function follow(context: PluginContext, id: string): void {
  const module = context.getModuleInfo(id)
  if (module === null || start.has(id)) return
  start.add(id)
  for (const imported of module.importedIds) follow(context, imported)
}

const dist = path.join(HERE, 'dist')
const dir = path.join(dist, `new-${process.pid}`)
const started = new Date()
const bundle = await rolldown({
  input: path.join(HERE, 'src/main.ts'),
  platform: 'node',
  external: (id) => !PACKED.some((start) => id.startsWith(start)),
  logLevel: 'silent',
  transform: { define: { 'import.meta.resolve': '__resolve' } },
  plugins: [
    {
      name: 'start',
      load: (id) => (id === VERSION ? `export const version = () => '${version()}'` : null),
      buildEnd() {
        for (const id of START) follow(this, id)
      },
      renderChunk: (code) =>
        ascii(
          code.replace(INTEROP, '').replace(ASSERT, ASSERTED).replace(EXTERNAL, LATER).replace(CHILD_PROCESS, LATER),
        ),
    },
  ],
})
await bundle.write({
  dir,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  banner: HELP,
  comments: false,
  codeSplitting: {
    groups: [
      { name: 'start', test: (id) => start.has(id) },
      { name: 'detect', test: /core\/src\/detect\// },
    ],
  },
})
await bundle.close()
exchange(dist, dir, started)
