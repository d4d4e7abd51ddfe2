/** What a new installation needs before anybody can use it: a key, and permission to scan itself. */
import { networkInterfaces } from 'node:os'
import { type Db, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { hashSecret, makeApiKey, parseApiKey } from './http/api-key.ts'
import { canonicalCidr } from './http/network.ts'

export interface BootstrapOptions {
  /** A key chosen by whoever sets up the installation; unset: one is made. */
  readonly token?: string | undefined
  /** Addresses of this machine, loopback left out. */
  readonly addresses?: readonly string[]
}

export interface Bootstrapped {
  /** The first admin key, when this call made it. It cannot be shown again. */
  readonly token: string | null
}

/** Any number: the lock that lets one process at a time do this. */
const LOCK = 72_707_371

/**
 * Does nothing once the default project has a key, so every start may call it, several at a time. Scopes are made
 * only together with the first key: whoever removes one later does not find it back.
 */
export async function ensureBootstrap(
  { prisma }: Db,
  { token, addresses = machineAddresses() }: BootstrapOptions = {},
): Promise<Bootstrapped> {
  return prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT pg_advisory_xact_lock(${LOCK})::text`
    if (await tx.apiKey.findFirst({ where: { projectId: DEFAULT_PROJECT }, select: { id: true } }))
      return { token: null }
    const key = token === undefined ? makeApiKey() : givenKey(token)
    await tx.apiKey.create({
      data: {
        projectId: DEFAULT_PROJECT,
        publicId: key.publicId,
        secretHash: key.secretHash,
        name: 'first key',
        scopes: ['admin'],
      },
    })
    const blocks = ['127.0.0.0/8', '::1/128', ...addresses.map(canonicalCidr)]
    await tx.scope.createMany({
      data: [...new Set(blocks)].map((cidr) => ({
        projectId: DEFAULT_PROJECT,
        cidr,
        namesSpecial: true,
        owner: 'whoever runs this installation',
        reason: 'a new installation may scan itself',
        createdBy: 'installation',
      })),
      skipDuplicates: true,
    })
    await tx.auditEntry.create({
      data: { projectId: DEFAULT_PROJECT, actor: 'installation', action: 'bootstrap', targetType: 'project' },
    })
    return { token: key.token }
  })
}

function givenKey(token: string) {
  const parsed = parseApiKey(token)
  if (parsed === null) throw new Error('the bootstrap key must be ptl_<16 hex digits>_<43 base64url characters>')
  return { token, publicId: parsed.publicId, secretHash: hashSecret(parsed.secret) }
}

/** Of every interface, loopback and link-local left out. */
function machineAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return all.filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address)).map(({ address }) => address)
}
