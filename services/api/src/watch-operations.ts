/** The routes about what is remembered of many scans. */
import { changeOperations } from './changes/routes.ts'
import { endpointOperations } from './endpoints/routes.ts'
import { findingOperations } from './findings/routes.ts'
import { hostOperations } from './hosts/routes.ts'
import type { Operation } from './http/operation.ts'
import { listenerOperations } from './listeners/routes.ts'
import { policyOperations } from './policies/routes.ts'
import { retentionOperations } from './retention/routes.ts'
import { diffScans } from './scans/diff-routes.ts'
import { scheduleOperations } from './schedules/routes.ts'
import { deliveryOperations } from './webhooks/delivery-routes.ts'
import { webhookOperations } from './webhooks/routes.ts'

export const watchOperations: readonly Operation[] = [
  diffScans,
  ...changeOperations,
  ...endpointOperations,
  ...hostOperations,
  ...listenerOperations,
  ...policyOperations,
  ...findingOperations,
  ...webhookOperations,
  ...deliveryOperations,
  ...scheduleOperations,
  ...retentionOperations,
]
