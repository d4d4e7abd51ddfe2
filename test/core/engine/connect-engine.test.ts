import { createConnectEngine } from '#core/engine/connect-engine.ts'
import { engineConformance } from '#test/conformance/engine.ts'

for (const variant of ['epoll', 'node'] as const) {
  if (variant === 'epoll' && process.platform !== 'linux') continue
  engineConformance({
    name: `connect (${variant})`,
    transport: 'tcp',
    make: ({ patience }) => createConnectEngine({ variant, healthLimits: { link: patience, pressure: patience } }),
    open: 'conn-accept',
    closed: 'conn-refused',
    loopback: true,
    exact: variant === 'epoll',
  })
}
