import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
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

test('the image of the API holds the dashboard, which its stage can build from what it copies', () => {
  const stage = (name: string) => dockerfile.split(/^FROM /m).find((text) => text.includes(` AS ${name}\n`)) ?? ''
  expect(stage('app')).toMatch(/^COPY --from=dashboard \/app\/(services\/dashboard\/dist) \1$/m)
  expect(stage('dashboard')).toContain('npm run -s build -w services/dashboard')
  const image = mkdtempSync(path.join(tmpdir(), 'portolan-image-'))
  try {
    for (const [, from = '', to = ''] of stage('dashboard').matchAll(/^COPY (\S+) (\S+)$/gm))
      cpSync(from, path.join(image, to === './' ? from : to), {
        recursive: true,
        filter: (name) => !/node_modules|\bdist\b/.test(name),
      })
    cpSync('services/dashboard/package.json', path.join(image, 'services/dashboard/package.json'))
    symlinkSync(path.resolve('node_modules'), path.join(image, 'node_modules'))
    const vite = path.resolve('node_modules/vite/bin/vite.js')
    const at = path.join(image, 'services/dashboard')
    const built = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: at, encoding: 'utf8' })
    expect(built.stderr).toBe('')
    expect(existsSync(path.join(at, 'dist/index.html'))).toBe(true)
  } finally {
    rmSync(image, { recursive: true })
  }
}, 120_000)
