/** A file that cannot be written to its end: told of, and no loss to the other places results go to. */
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { LAUNCHER, runPortolan } from '#test/support/run-portolan.ts'

test.runIf(existsSync('/dev/full')).each(['ndjson', 'xml'])('the disk is full (%s)', async (format) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'portolan-full-'))
  try {
    const other = path.join(folder, 'found.csv')
    const args = ['127.0.0.1', '-p', '1-300', '--all', '--no-services', '--engine', 'connect', '-q']
    const outputs = ['--format', 'ndjson', '-o', `${format}:/dev/full`, '-o', other]
    const { code, stdout, stderr } = await runPortolan(['scan', ...args, ...outputs])
    expect([code, stderr]).toEqual([1, 'portolan: /dev/full is not complete: the disk is full\n'])
    expect(stdout.trimEnd().split('\n')).toHaveLength(300)
    expect(readFileSync(other, 'utf8').trimEnd().split('\n')).toHaveLength(301)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test
  .runIf(existsSync('/dev/full'))
  .each([
    'scan 127.0.0.1 -p 1 --engine connect -q',
    'scan 127.0.0.1 -p 1 --engine connect -q --format ndjson --all',
    'explain 22',
  ])('standard output is a full disk: %s', (args) => {
  const full = openSync('/dev/full', 'w')
  try {
    const { status, stderr } = spawnSync(LAUNCHER, args.split(' '), {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([1, 'portolan: standard output is not complete: the disk is full\n'])
  } finally {
    closeSync(full)
  }
})
