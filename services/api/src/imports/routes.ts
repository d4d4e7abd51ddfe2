import { requireMedia } from '../http/body.ts'
import { readPage } from '../http/cursor.ts'
import { created, type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { importResults } from './import-results.ts'
import { findImport, findImportOf, listImports } from './queries.ts'
import { receiveFile } from './receive-file.ts'
import { Import, type ImportFormat, ImportPage, ImportPath, ImportQuery, ListImports } from './schema.ts'

const TAG = 'Imports'

/** What each media type usually holds; `format` overrides it. */
const USUAL: Readonly<Record<string, ImportFormat>> = {
  'application/xml': 'nmap-xml',
  'text/xml': 'nmap-xml',
  'application/json': 'masscan',
  'text/plain': 'masscan',
  'application/x-ndjson': 'ndjson',
}

const EXAMPLES = {
  'application/json':
    '[{"ip":"192.0.2.10","timestamp":"1793698200","ports":[{"port":22,"proto":"tcp","status":"open"}]}]',
  'text/plain': 'open tcp 22 192.0.2.10 1793698200\n',
  'application/x-ndjson': '{"ip":"192.0.2.10","port":22,"transport":"tcp","state":"open","reason":"syn-ack"}\n',
}

const create = operation({
  id: 'importResults',
  method: 'post',
  path: '/v1/imports',
  tag: TAG,
  access: 'manage',
  summary: 'Import the results of another scanner',
  description:
    'nmap XML, masscan JSON or list, or our own NDJSON becomes a past scan, at the time the file tells. The same file is imported once: sending it again gives the first import.',
  query: ImportQuery,
  streams: Object.keys(USUAL),
  bodyExamples: EXAMPLES,
  answers: {
    200: { description: 'This file had been imported before.', schema: Import },
    201: { description: 'Imported; the report says what was skipped.', schema: Import, headers: { Location: 'It.' } },
  },
  async handle(call) {
    const { parts, caller, query, request, response } = call
    const media = request.headers['content-type']
    requireMedia(request, media, Object.keys(USUAL))
    const format = query.format ?? USUAL[media?.split(';')[0]?.trim().toLowerCase() ?? ''] ?? 'nmap-xml'
    await using file = await receiveFile(request, response, parts.limits.importBytes)
    const made = await importResults(call, { path: file.path, sha256: file.sha256, format, query })
    const found = await findImportOf(parts.db.prisma, caller.projectId, new Uint8Array(file.sha256))
    if (found === null) throw new Problem('conflict', 'the import was removed in the meantime')
    return made ? created(`/v1/imports/${found.id}`, found) : ok(found)
  },
})

const list = operation({
  id: 'listImports',
  method: 'get',
  path: '/v1/imports',
  tag: TAG,
  access: 'read',
  summary: 'List imports',
  description: 'Newest first.',
  query: ListImports,
  answers: { 200: { description: 'A page of imports.', schema: ImportPage } },
  async handle({ parts, caller, query: { limit, cursor } }) {
    const paging = { purpose: `imports ${caller.projectId}`, limit, cursor }
    const page = await readPage(parts.cursors, paging, (before, limit) =>
      listImports(parts.db.prisma, caller.projectId, { before, limit }),
    )
    return ok(page)
  },
})

const get = operation({
  id: 'getImport',
  method: 'get',
  path: '/v1/imports/{id}',
  tag: TAG,
  access: 'read',
  summary: 'Read an import',
  description: 'With the report of what was skipped.',
  params: ImportPath,
  answers: { 200: { description: 'The import.', schema: Import } },
  problems: ['not-found'],
  async handle({ parts, caller, params: { id } }) {
    const found = await findImport(parts.db.prisma, caller.projectId, id)
    if (found === null) throw new Problem('not-found', `there is no import ${id}`)
    return ok(found)
  },
})

export const importOperations: readonly Operation[] = [create, list, get]
