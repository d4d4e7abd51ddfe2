import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const dockerfile = readFileSync('Dockerfile', 'utf8')

test('the images are built with the manifest of every workspace, or npm ci refuses the lock file', () => {
  const { workspaces }: { workspaces: string[] } = JSON.parse(readFileSync('package.json', 'utf8'))
  const copied = [...dockerfile.matchAll(/^COPY (\S+)\/package\.json \1\/$/gm)].map((match) => match[1])
  expect(copied).toEqual(workspaces)
})

test('nothing in an image runs as root', () => {
  const targets = dockerfile.split(/^FROM /m).filter((stage) => /^CMD /m.test(stage))
  expect(targets).toHaveLength(2)
  for (const stage of targets) expect(stage).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
})
