import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DirectoryInUse, lockDirectory } from '@portolan/embedded/directory-lock.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'portolan-lock-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('one holder at a time, named in the refusal; free again after the release', () => {
  const release = lockDirectory(directory)
  expect(() => lockDirectory(directory)).toThrow(DirectoryInUse)
  expect(() => lockDirectory(directory)).toThrow(String(process.pid))
  release()
  lockDirectory(directory)()
  expect(readdirSync(directory)).toEqual([])
})

test('the lock of a process that is gone is taken over', () => {
  const gone = spawnSync('true').pid
  writeFileSync(path.join(directory, 'lock'), `${gone} some-boot 12345\n`)
  lockDirectory(directory)()
})

test('the lock of an earlier process with the number of a living one is taken over', () => {
  const release = lockDirectory(directory)
  const lock = path.join(directory, 'lock')
  const mine = readFileSync(lock, 'utf8')
  writeFileSync(lock, mine.replace(/\d+\n$/, '1\n'))
  lockDirectory(directory)
  expect(readFileSync(lock, 'utf8')).toBe(mine)
  release()
})

test('a damaged lock does not keep everybody out for ever', () => {
  writeFileSync(path.join(directory, 'lock'), '')
  lockDirectory(directory)()
})
