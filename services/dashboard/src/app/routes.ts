/** Every page by its path; a page's code is loaded when it is first opened. */
import { type ComponentType, lazy } from 'react'

export type PageComponent = ComponentType<Readonly<Record<string, string>>>

// because a page asks for the parameters its own path has, and the pattern beside it says which these are
const page = (load: () => Promise<unknown>) => lazy(async () => ({ default: (await load()) as PageComponent }))

export const ROUTES: readonly (readonly [pattern: string, component: PageComponent])[] = [
  ['/', page(async () => (await import('../pages/overview/overview.tsx')).Overview)],
  ['/scans', page(async () => (await import('../pages/scans/scans.tsx')).Scans)],
  ['/scans/new', page(async () => (await import('../pages/new-scan/new-scan.tsx')).NewScan)],
  ['/scans/:id', page(async () => (await import('../pages/scan/scan.tsx')).ScanPage)],
]

export const NAVIGATION: readonly (readonly [
  group: string,
  links: readonly (readonly [path: string, name: string])[],
])[] = [
  ['Watch', [['/', 'Overview']]],
  [
    'Scan',
    [
      ['/scans', 'Scans'],
      ['/scans/new', 'New scan'],
    ],
  ],
]
