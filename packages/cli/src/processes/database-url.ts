import type { Options } from '../command-spec.ts'
import { UsageError } from '../exit.ts'
import { textOption } from '../read-options.ts'

/** Throws UsageError when nobody has said where the database is. */
export function databaseUrl(options: Options): string {
  const url = textOption(options, 'database')
  if (url) return url
  throw new UsageError(
    'say where the database is, with --database postgres://USER@HOST/NAME or DATABASE_URL; portolan up brings its own',
  )
}
