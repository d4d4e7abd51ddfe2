/** Every route there is: what is mounted, and what the OpenAPI document is made of. */
import { auditOperations } from './audit/routes.ts'
import { changeOperations } from './changes/routes.ts'
import { checkOperations } from './check/routes.ts'
import { doNotScanOperations } from './do-not-scan/routes.ts'
import { endpointOperations } from './endpoints/routes.ts'
import { hostOperations } from './hosts/routes.ts'
import type { Operation } from './http/operation.ts'
import { importOperations } from './imports/routes.ts'
import { keyOperations } from './keys/routes.ts'
import { portOperations } from './ports/routes.ts'
import { diffScans } from './scans/diff-routes.ts'
import { scanOperations } from './scans/routes.ts'
import { scopeOperations } from './scopes/routes.ts'
import { serviceOperations } from './service/routes.ts'
import { workerOperations } from './workers/routes.ts'

export const operations: readonly Operation[] = [
  ...scanOperations,
  diffScans,
  ...changeOperations,
  ...endpointOperations,
  ...hostOperations,
  ...checkOperations,
  ...importOperations,
  ...scopeOperations,
  ...doNotScanOperations,
  ...keyOperations,
  ...auditOperations,
  ...workerOperations,
  ...portOperations,
  ...serviceOperations,
]
