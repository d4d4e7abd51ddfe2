// Starts the packed command with the code an earlier run has compiled. V8 compiles a function when it is first called, and
// what Node keeps between runs (NODE_COMPILE_CACHE) is what was compiled before anything ran: hardly any of it. So here it
// is kept at the end of a run: 12 ms of the 105 that a scan of one port takes.
'use strict'
const {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} = require('node:fs')
const path = require('node:path')
const { constants, Script } = require('node:vm')

/** Kept of each packing, and packings: the newest. */
const MOST = 48
const PACKINGS = 8

/** Runs main.cjs in `dir`, a folder named after what is in it. Files in it require each other as ./NAME.cjs. */
module.exports = function start(dir) {
  const folder = keptFolder(dir)
  const kind = folder && kindOf(process.argv.slice(2))
  const modules = new Map()
  const scripts = []
  let isNew = false

  function load(name) {
    const before = modules.get(name)
    if (before) return before.exports
    const module = { exports: {} }
    modules.set(name, module)
    const filename = path.join(dir, name)
    // Packed files are ASCII.
    const source = `(function (exports, require, module, __filename, __dirname) { ${readFileSync(filename, 'latin1')}\n})`
    const kept = folder && find(folder, name, kind)
    const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
    const script = new Script(source, { filename, cachedData: kept?.code, importModuleDynamically })
    scripts.push([name, script])
    isNew ||= !kept?.isSame || script.cachedDataRejected === true
    const requireOne = (id) => (id.startsWith('./') ? load(id.slice(2)) : require(id))
    requireOne.resolve = require.resolve
    script.runInThisContext().call(module.exports, module.exports, requireOne, module, filename, dir)
    return module.exports
  }
  // First of all: who ends the process quickly does so in a listener of this event.
  if (folder) process.once('exit', () => isNew && keep(folder, kind, scripts))
  load('main.cjs')
}

/** Where Node keeps its own; null when it keeps none. */
function keptFolder(dir) {
  const cache = process.env.NODE_COMPILE_CACHE
  return cache ? path.join(cache, 'run', `${path.basename(dir)}-${process.version}-${process.arch}`) : null
}

/** What command lines with the same words and options have in common, whatever the targets: COMMAND.HASH */
function kindOf(args) {
  const words = args.filter((word) => /^-{0,2}[a-z][a-z-]*$/i.test(word)).sort()
  let hash = 0
  for (const letter of words.join(' ')) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0
  return `${/^[a-z]+$/.test(args[0] ?? '') ? args[0] : 'none'}.${(hash >>> 0).toString(16)}`
}

/** The code of a command line of this kind, else of another one of the same command. */
function find(folder, name, kind) {
  try {
    return { code: readFileSync(path.join(folder, `${name}.${kind}`)), isSame: true }
  } catch {
    // Not yet.
  }
  try {
    const like = `${name}.${kind.split('.', 1)[0]}.`
    const other = readdirSync(folder).find((file) => file.startsWith(like))
    return other === undefined ? null : { code: readFileSync(path.join(folder, other)), isSame: false }
  } catch {
    return null
  }
}

function keep(folder, kind, scripts) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const [name, script] of scripts) {
      const file = path.join(folder, `${name}.${kind}`)
      const fresh = `${file}.${process.pid}`
      writeFileSync(fresh, script.createCachedData())
      renameSync(fresh, file)
    }
    dropOldest(folder, MOST)
    utimesSync(folder, new Date(), new Date())
    dropOldest(path.dirname(folder), PACKINGS)
  } catch {
    // A home that cannot be written to: compiled again next time.
  }
}

function dropOldest(folder, most) {
  const names = readdirSync(folder)
  if (names.length <= most) return
  const age = (name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const oldest = names.map((name) => [age(name), name]).sort(([a], [b]) => a - b)
  for (const [, name] of oldest.slice(0, names.length - most))
    rmSync(path.join(folder, name), { recursive: true, force: true })
}
