/**
 * Prisma's schema engine as WebAssembly: the engine its CLI downloads as a native binary, here from npm. Only for
 * writing migrations and for checking them; nothing of it runs in production.
 *
 * The way in is not a documented one, so versions are pinned and test/db/migrations.test.ts is what holds it together.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'
import { migrationNames } from '../migrate.ts'

const folder = path.resolve(import.meta.dirname, '..')
const schemaPath = path.join(folder, 'schema.prisma')
const NO_FILTER: bindings.SchemaFilter = { externalTables: [], externalEnums: [] }

/** The catalogue's own one-byte type, which adapter-pg cannot name. */
const CHAR_OID = 18
const TEXT_OID = 25

export interface MigrationEngine extends AsyncDisposable {
  /** The SQL that leads from the migrations to schema.prisma; null when both agree. */
  pending(): Promise<string | null>
  /** What the engine thinks of the ledger of the database: nothing to say when all is well. */
  diagnose(): Promise<readonly string[]>
}

/**
 * `pending` replays the migrations in the database at `url` and leaves it empty or full, as it likes: give it a
 * throw-away one. `diagnose` only reads. `edit` changes the schema on its way in: what would be pending if.
 */
export async function openEngine(url: string, edit = (schema: string) => schema): Promise<MigrationEngine> {
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  const adapter = bindMigrationAwareSqlAdapterFactory(new Adapter(pool))
  loaded ??= load()
  const SchemaEngine = await loaded
  const content = edit(await readFile(schemaPath, 'utf8'))
  const engine = await SchemaEngine.new({ datamodels: [[schemaPath, content]] }, () => {}, adapter)
  return {
    async pending() {
      const from: bindings.DiffTarget = { tag: 'migrations', ...(await migrationList()) }
      const to: bindings.DiffTarget = { tag: 'schemaDatamodel', files: [{ path: schemaPath, content }] }
      const result = await engine.diff({ from, to, script: true, exitCode: true, filters: NO_FILTER })
      return result.exitCode === 0 ? null : result.stdout
    },
    async diagnose() {
      const migrationsList = await migrationList()
      const input = { migrationsList, optInToShadowDatabase: false, filters: NO_FILTER }
      const { history, editedMigrationNames, failedMigrationNames } = await engine.diagnoseMigrationHistory(input)
      const troubles = history === null ? [] : [JSON.stringify(history)]
      return [...troubles, ...editedMigrationNames.map((n) => `edited: ${n}`), ...failedMigrationNames]
    },
    async [Symbol.asyncDispose]() {
      engine.free()
      await pool.end()
    },
  }
}

class Adapter extends PrismaPg {
  override async connect() {
    const adapter = await super.connect()
    const pool = adapter.underlyingDriver()
    // The adapter splits scripts at every semicolon, those in function bodies too; the server needs no help with that.
    adapter.executeScript = async (script) => void (await pool.query(script))
    const queryRaw = adapter.queryRaw
    adapter.queryRaw = async (sql) => {
      let charColumns: readonly boolean[] = []
      const query = async (config: pg.QueryArrayConfig) => {
        const answer = await pool.query(config)
        charColumns = answer.fields.map((f) => f.dataTypeID === CHAR_OID)
        return { ...answer, fields: answer.fields.map((f, i) => (charColumns[i] ? { ...f, dataTypeID: TEXT_OID } : f)) }
      }
      const result = await queryRaw.call(Object.create(adapter, { client: { value: { query } } }), sql)
      const columnTypes = result.columnTypes.map((type, i) => (charColumns[i] ? ColumnTypeEnum.Character : type))
      return { ...result, columnTypes }
    }
    return adapter
  }

  /** Its own makes and drops databases; ours is thrown away by whoever made it. */
  override connectToShadowDb() {
    return this.connect()
  }
}

/** TypeScript has its types among those of browsers only. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>
}

/** Once per process: the bindings hold the memory of the instance they were last given. */
let loaded: ReturnType<typeof load> | undefined

async function load(): Promise<typeof bindings.SchemaEngine> {
  // Without this registry a panic of the engine surfaces as a TypeError that says nothing.
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (text: string) => console.error(text) } })
  const home = path.dirname(fileURLToPath(import.meta.resolve('@prisma/schema-engine-wasm')))
  const bytes = await readFile(path.join(home, 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return bindings.SchemaEngine
}

async function migrationList(): Promise<bindings.MigrationList> {
  const baseDir = path.join(folder, 'migrations')
  const read = (...file: string[]) => readFile(path.join(baseDir, ...file), 'utf8')
  const directory = async (name: string): Promise<bindings.MigrationDirectory> => ({
    path: name,
    migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: await read(name, 'migration.sql') } },
  })
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: await read('migration_lock.toml') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all((await migrationNames(baseDir)).map(directory)),
  }
}
