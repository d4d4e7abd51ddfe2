/** Makes prisma/generated from schema.prisma unless it is up to date. Runs before start, test and type check. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { withoutEngine } from '../env.ts'

const folder = path.resolve(import.meta.dirname, '..')
const schema = path.join(folder, 'schema.prisma')
const stamp = path.join(folder, 'generated/.stamp')
// Prisma pins its packages to each other, and package.json pins Prisma.
const inputs = [schema, path.join(folder, 'package.json')]
const wanted = inputs.reduce((hash, file) => hash.update(readFileSync(file)), createHash('sha256')).digest('hex')

if (read(stamp) !== wanted) {
  const cli = fileURLToPath(import.meta.resolve('prisma/build/index.js'))
  const options = { cwd: folder, env: withoutEngine, encoding: 'utf8' } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'generate', '--schema', schema], options)
  if (status !== 0) {
    process.stderr.write(stdout + stderr)
    process.exit(1)
  }
  writeFileSync(stamp, wanted)
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
