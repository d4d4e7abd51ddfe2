// What only depends on the sources (help, version, completion scripts) is kept in the user's cache folder, so that a Node
// too old to run Portolan can say it without starting another one: that would take longer than everything else.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isatty } from 'node:tty'

const ASKS = /^(?:[a-z]+ )?(?:--help|-h|--version|-V)$|^completion [a-z]+$/

/**
 * Answers such a question; false when it is none. `tell` is the command line that knows the answer, `folder` where it is
 * kept until a file of the command's own sources changes.
 */
export function sayKept({ args, tell, folder, sources, env }) {
  const asked = args.join(' ')
  if (!ASKS.test(asked)) return false
  const width = isatty(1) ? process.stdout.columns : (env.COLUMNS ?? '')
  const stamp = [width, ...stampsOf(sources)].join('\n')
  const file = path.join(folder, `${asked.replaceAll(' ', '_')}.json`)
  const text = kept(file, stamp) ?? learn({ file, stamp, tell, env: { ...env, COLUMNS: `${width}` } })
  if (text === null) return false
  process.stdout.on('error', () => process.exit(0))
  process.stdout.write(text)
  return true
}

function stampsOf(folders) {
  return folders.flatMap((folder) =>
    readdirSync(folder).map((name) => {
      const { size, mtimeMs } = statSync(path.join(folder, name))
      return `${name} ${size} ${mtimeMs}`
    }),
  )
}

function kept(file, stamp) {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8'))
    return found.stamp === stamp && typeof found.text === 'string' ? found.text : null
  } catch {
    return null
  }
}

function learn({ file, stamp, tell: [program, ...args], env }) {
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
  if (status !== 0 || stderr !== '') return null
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    const fresh = `${file}.${process.pid}`
    writeFileSync(fresh, JSON.stringify({ stamp, text: stdout }))
    renameSync(fresh, file)
  } catch {
    // A home that cannot be written to: it is told, and not kept.
  }
  return stdout
}
