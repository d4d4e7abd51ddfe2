import { maySendRaw } from '#core/engine/select-engine.ts'
import { createSynEngine } from '#core/engine/syn-engine.ts'
import { engineConformance } from '#test/conformance/engine.ts'

for (const inline of [false, true]) {
  engineConformance({
    name: `syn (${inline ? 'in the caller’s thread' : 'in a thread of its own'})`,
    transport: 'tcp',
    make: ({ patience }) => createSynEngine({ inline, patience }),
    open: 'syn-ack',
    closed: 'reset',
    // Raw packets need CAP_NET_RAW even here.
    loopback: maySendRaw(),
    exact: true,
  })
}
