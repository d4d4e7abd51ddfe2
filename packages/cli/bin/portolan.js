#!/bin/sh
':' /* A shell reads on, becomes the Node that npm installed beside Portolan, and never comes to the end of this comment.
here=$0; [ ! -L "$here" ] || here=$(readlink -f "$here")
case $here in /*) ;; *) here=$PWD/$here ;; esac
d=${here%/*}; cli=${d%/*}; main=$cli/dist/main.cjs
# Packed, it starts in half the time; where a source is newer, the sources count (-quit: the first one is enough).
newer() { find "$cli/src" "$cli/../core/src" "$cli/../client/src" -name "*.ts" ! -name "*.d.ts" -newer "$main" -print -quit 2>&1; }
[ -f "$main" ] && [ -z "$(newer)" ] || main=$cli/src/main.ts
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/portolan/compiled}; export NODE_COMPILE_CACHE
while [ -n "$d" ]; do
  # npm installs the one that fits. No options for V8: with any, Node compiles its own modules instead of loading them compiled.
  for t in linux-x64 linux-arm64 darwin-arm64; do
    [ ! -x "$d/node_modules/node-$t/bin/node" ] || exec "$d/node_modules/node-$t/bin/node" "$main" "$@"
  done
  d=${d%/*}
done
exec node "$here" "$@"

Whoever runs this file with a Node of their own (any from 20 on) comes out below: Node 24 goes on by itself, an older one
hands over to the one beside Portolan, with the same arguments, terminal, signals and exit code. */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import nodeModule, { createRequire } from 'node:module'
import { homedir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST = 24
const main = packedOrNot()

// Compiled code is kept in the user's own cache folder, which halves the start.
const { NODE_COMPILE_CACHE, XDG_CACHE_HOME } = process.env
const cache = path.join(XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'portolan')
const compiled = NODE_COMPILE_CACHE ?? path.join(cache, 'compiled')

if (Number.parseInt(process.versions.node, 10) < OLDEST) await handOver()
else {
  nodeModule.enableCompileCache(compiled)
  await import(main.href)
}

async function handOver() {
  const node = pinnedNode()
  if (node === null) {
    process.stderr.write(
      `portolan: this is Node ${process.versions.node}, Portolan needs ${OLDEST} or newer, and npm installed none ` +
        `for ${process.platform}-${process.arch}; install Node ${OLDEST}, or run npm ci without --omit=optional\n`,
    )
    process.exit(1)
  }
  const given = process.argv.slice(2)
  const args = [fileURLToPath(main), ...given]
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled }
  const { sayKept } = await import('./kept-words.js')
  const home = path.dirname(fileURLToPath(main))
  const sources = [home, path.join(home, 'commands')].filter((folder) => existsSync(folder))
  if (sayKept({ args: given, tell: [node, ...args], folder: path.join(cache, 'words'), sources, env })) return
  if (process.execve) process.execve(node, [node, ...args], env)
  // The channel tells the child when this process is gone, however it went.
  const child = spawn(node, args, { env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`portolan: ${node} does not start: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const name of signals) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}

/** As above. */
function packedOrNot() {
  const packed = new URL('../dist/main.cjs', import.meta.url)
  const sources = ['../src', '../../core/src', '../../client/src'].map((folder) => new URL(folder, import.meta.url))
  try {
    const { mtimeMs } = statSync(packed)
    const files = sources.flatMap((url) =>
      readdirSync(url, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
        .map((name) => `${fileURLToPath(url)}/${name}`),
    )
    if (files.every((file) => statSync(file).mtimeMs <= mtimeMs)) return packed
  } catch {
    // Never packed.
  }
  return new URL('../src/main.ts', import.meta.url)
}

/** The binary of the platform package, wherever npm put it. */
function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`)
    const node = path.join(path.dirname(manifest), 'bin', 'node')
    return existsSync(node) ? node : null
  } catch {
    return null
  }
}
