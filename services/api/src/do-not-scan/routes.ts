import { DEFAULT_PROJECT, type PrismaClient } from '@portolan/db/client.ts'
import { audit } from '../http/audit.ts'
import type { Caller } from '../http/caller.ts'
import { changeOne } from '../http/change-one.ts'
import { readPage } from '../http/cursor.ts'
import { canonicalCidr } from '../http/network.ts'
import { created, noContent, type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { listDoNotScan, viewOf } from './queries.ts'
import {
  CreateDoNotScan,
  DoNotScan,
  type DoNotScan as DoNotScanEntry,
  DoNotScanPage,
  DoNotScanPath,
  ListDoNotScan,
} from './schema.ts'

const TAG = 'Scopes'

const create = operation({
  id: 'createDoNotScan',
  method: 'post',
  path: '/v1/do-not-scan',
  tag: TAG,
  access: 'admin',
  summary: 'Forbid targets',
  description: 'Beats every scope of every project of this installation; kept by the admins of its default project.',
  body: CreateDoNotScan,
  bodyExample: { cidr: '10.20.30.40/32', reason: 'infusion pumps, never scan' },
  idempotent: true,
  answers: { 201: { description: 'The entry.', schema: DoNotScan, headers: { Location: 'The entry.' } } },
  problems: ['conflict'],
  async handle(call) {
    requireKeeper(call.caller)
    const cidr = canonicalCidr(call.body.cidr)
    const answer = await call.parts.db.prisma.$transaction(async (tx) => {
      if (await tx.doNotScan.findFirst({ where: { cidr } })) throw new Problem('conflict', `${cidr} is on the list`)
      const view = viewOf(await tx.doNotScan.create({ data: { cidr, reason: call.body.reason } }))
      const target = { targetType: 'do-not-scan', targetId: view.id }
      await audit(tx, call, { action: 'do-not-scan.create', ...target, after: view })
      return call.parts.idempotency.complete(tx, call.claim, created(`/v1/do-not-scan/${view.id}`, view))
    })
    call.parts.scopes.forget()
    return answer
  },
})

/** The list holds for every project, so one of them keeps it. */
function requireKeeper({ projectId }: Caller): void {
  if (projectId !== DEFAULT_PROJECT)
    throw new Problem('forbidden', 'the list is kept by the default project of this installation')
}

const list = operation({
  id: 'listDoNotScan',
  method: 'get',
  path: '/v1/do-not-scan',
  tag: TAG,
  access: 'read',
  summary: 'List forbidden targets',
  description: 'Oldest first.',
  query: ListDoNotScan,
  answers: { 200: { description: 'A page of entries.', schema: DoNotScanPage } },
  async handle({ parts, query: { limit, cursor } }) {
    const paging = { purpose: 'do-not-scan', limit, cursor }
    const page = await readPage(parts.cursors, paging, (after, limit) =>
      listDoNotScan(parts.db.prisma, { after, limit }),
    )
    return ok(page)
  },
})

const get = operation({
  id: 'getDoNotScan',
  method: 'get',
  path: '/v1/do-not-scan/{id}',
  tag: TAG,
  access: 'read',
  summary: 'Read a forbidden target',
  description: 'One entry of the list.',
  params: DoNotScanPath,
  answers: { 200: { description: 'The entry.', schema: DoNotScan } },
  problems: ['not-found'],
  async handle({ parts, params }) {
    return ok(await requireEntry(parts.db.prisma, params.id))
  },
})

async function requireEntry(db: Pick<PrismaClient, 'doNotScan'>, id: string): Promise<DoNotScanEntry> {
  const row = await db.doNotScan.findFirst({ where: { id } })
  if (row === null) throw new Problem('not-found', `there is no entry ${id}`)
  return viewOf(row)
}

const remove = operation({
  id: 'deleteDoNotScan',
  method: 'delete',
  path: '/v1/do-not-scan/{id}',
  tag: TAG,
  access: 'admin',
  summary: 'Take a target off the list',
  description: 'It may then be scanned where a scope allows it.',
  params: DoNotScanPath,
  conditional: true,
  answers: { 204: { description: 'Gone.' } },
  problems: ['not-found', 'precondition-failed'],
  async handle(call) {
    requireKeeper(call.caller)
    const { id } = call.params
    await changeOne(call, { table: 'do_not_scan', read: (_, tx) => requireEntry(tx, id) }, async (tx, before) => {
      await tx.doNotScan.delete({ where: { id } })
      await audit(tx, call, { action: 'do-not-scan.delete', targetType: 'do-not-scan', targetId: id, before })
    })
    call.parts.scopes.forget()
    return noContent
  },
})

export const doNotScanOperations: readonly Operation[] = [create, list, get, remove]
