import { createUdpEngine } from '#core/engine/udp-engine.ts'
import { engineConformance } from '#test/conformance/engine.ts'

if (process.platform === 'linux') {
  engineConformance({
    name: 'udp',
    transport: 'udp',
    make: ({ patience }) => createUdpEngine({ healthLimits: { link: patience, pressure: patience } }),
    open: 'udp-response',
    closed: 'port-unreach',
    loopback: true,
    exact: true,
  })
}
