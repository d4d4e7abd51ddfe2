/** Every route there is: what is mounted, and what the OpenAPI document is made of. */
import { auditOperations } from './audit/routes.ts'
import { checkOperations } from './check/routes.ts'
import { doNotScanOperations } from './do-not-scan/routes.ts'
import type { Operation } from './http/operation.ts'
import { importOperations } from './imports/routes.ts'
import { keyOperations } from './keys/routes.ts'
import { limitOperations } from './limits/routes.ts'
import { portOperations } from './ports/routes.ts'
import { scanOperations } from './scans/routes.ts'
import { scopeOperations } from './scopes/routes.ts'
import { serviceOperations } from './service/routes.ts'
import { sessionOperations } from './sessions/routes.ts'
import { tagOperations } from './tags/routes.ts'
import { watchOperations } from './watch-operations.ts'
import { workerOperations } from './workers/routes.ts'

export const operations: readonly Operation[] = [
  ...scanOperations,
  ...watchOperations,
  ...checkOperations,
  ...importOperations,
  ...scopeOperations,
  ...doNotScanOperations,
  ...tagOperations,
  ...keyOperations,
  ...sessionOperations,
  ...auditOperations,
  ...workerOperations,
  ...limitOperations,
  ...portOperations,
  ...serviceOperations,
]
