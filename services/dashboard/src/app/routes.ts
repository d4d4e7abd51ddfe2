/** Every page by its path; a page's code is loaded when it is first opened. */
import type { ComponentType } from 'react'
import type { Right } from '../api/session.ts'

export type PageComponent = ComponentType<Readonly<Record<string, string>>>
export type LoadPage = () => Promise<PageComponent>

// because a page asks for the parameters its own path has, and the pattern beside it says which these are
const page = (load: () => Promise<unknown>) => load as LoadPage

export const ROUTES: readonly (readonly [pattern: string, load: LoadPage])[] = [
  ['/', page(async () => (await import('../pages/overview/overview.tsx')).Overview)],
  ['/search', page(async () => (await import('../pages/search/search.tsx')).Search)],
  ['/hosts', page(async () => (await import('../pages/hosts/hosts.tsx')).Hosts)],
  ['/hosts/:ip', page(async () => (await import('../pages/host/host.tsx')).HostPage)],
  ['/changes', page(async () => (await import('../pages/changes/changes.tsx')).Changes)],
  ['/findings', page(async () => (await import('../pages/findings/findings.tsx')).Findings)],
  ['/policies', page(async () => (await import('../pages/policies/policies.tsx')).Policies)],
  ['/policies/new', page(async () => (await import('../pages/policies/policy.tsx')).NewPolicy)],
  ['/policies/:id', page(async () => (await import('../pages/policies/policy.tsx')).PolicyPage)],
  ['/schedules', page(async () => (await import('../pages/schedules/schedules.tsx')).Schedules)],
  ['/schedules/:id', page(async () => (await import('../pages/schedules/schedule.tsx')).SchedulePage)],
  ['/webhooks', page(async () => (await import('../pages/webhooks/webhooks.tsx')).Webhooks)],
  ['/webhooks/:id', page(async () => (await import('../pages/webhooks/webhook.tsx')).WebhookPage)],
  ['/scopes', page(async () => (await import('../pages/scopes/scopes.tsx')).Scopes)],
  ['/keys', page(async () => (await import('../pages/keys/keys.tsx')).Keys)],
  ['/workers', page(async () => (await import('../pages/workers/workers.tsx')).Workers)],
  ['/audit', page(async () => (await import('../pages/audit/audit.tsx')).Audit)],
  ['/ports', page(async () => (await import('../pages/ports/ports.tsx')).Ports)],
  ['/ports/:port', page(async () => (await import('../pages/ports/ports.tsx')).Ports)],
  ['/check', page(async () => (await import('../pages/check/check.tsx')).CheckPage)],
  ['/scans', page(async () => (await import('../pages/scans/scans.tsx')).Scans)],
  ['/scans/new', page(async () => (await import('../pages/new-scan/new-scan.tsx')).NewScan)],
  ['/scans/:id', page(async () => (await import('../pages/scan/scan.tsx')).ScanPage)],
]

/** A page that needs a right is offered to whoever has it. */
export const NAVIGATION: readonly (readonly [
  group: string,
  links: readonly (readonly [path: string, name: string, needed?: Right])[],
])[] = [
  [
    'Watch',
    [
      ['/', 'Overview'],
      ['/search', 'Search'],
      ['/hosts', 'Hosts'],
      ['/changes', 'Changes'],
      ['/findings', 'Findings'],
    ],
  ],
  [
    'Scan',
    [
      ['/scans', 'Scans'],
      ['/schedules', 'Schedules'],
      ['/check', 'Check a port', 'scan'],
      ['/ports', 'Port reference'],
    ],
  ],
  [
    'Set up',
    [
      ['/policies', 'Policies'],
      ['/webhooks', 'Webhooks', 'manage'],
      ['/scopes', 'Scopes'],
      ['/workers', 'Workers'],
      ['/keys', 'Keys', 'admin'],
      ['/audit', 'Audit', 'admin'],
    ],
  ],
]
