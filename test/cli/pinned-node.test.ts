/** `portolan` started by whatever Node runs on the one this release is pinned to. */
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '#test/support/source-tree.ts'

test('tests run on Node 24', () => {
  expect(process.versions.node).toMatch(/^24\./)
})

test('the command starts, whichever Node starts it', () => {
  const bin = path.join(ROOT, 'packages/cli/bin/portolan.js')
  // The system's node, not the one npm scripts put first on the path: Node 20 cannot run a .ts file by itself.
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'))
  const env = { ...process.env, PATH: folders.join(':') }
  expect(execFileSync('node', [bin, '--version'], { env, encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/)
})
