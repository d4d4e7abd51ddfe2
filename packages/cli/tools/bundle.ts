/**
 * Packs the command line into a few files, dist/: most of the time before the first packet of `portolan scan` goes into
 * reading some hundred small ones. `npm ci` runs it. The service's own programs stay as they are: nobody waits for those.
 */
import { rmSync } from 'node:fs'
import path from 'node:path'
import { type PluginContext, rolldown } from 'rolldown'

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

const start = new Set<string>()

function follow(context: PluginContext, id: string): void {
  const module = context.getModuleInfo(id)
  if (module === null || start.has(id)) return
  start.add(id)
  for (const imported of module.importedIds) follow(context, imported)
}

const dir = path.join(HERE, 'dist')
rmSync(dir, { recursive: true, force: true })
const bundle = await rolldown({
  input: path.join(HERE, 'src/main.ts'),
  platform: 'node',
  external: (id) => !PACKED.some((start) => id.startsWith(start)),
  logLevel: 'silent',
  plugins: [
    {
      name: 'start',
      buildEnd() {
        for (const id of START) follow(this, id)
      },
    },
  ],
})
await bundle.write({
  dir,
  format: 'esm',
  chunkFileNames: '[name].js',
  codeSplitting: {
    groups: [
      { name: 'start', test: (id) => start.has(id) },
      { name: 'detect', test: /core\/src\/detect\// },
    ],
  },
})
await bundle.close()
