/** Who knows these bytes? Every module is asked; hostile bytes that break one are that module's defect, not the scan's. */
import type { Protocol, Service } from './protocol.ts'

export interface Recognition {
  readonly protocol: Protocol
  readonly service: Service
}

/** More bytes than this tell a recogniser nothing new. */
const ENOUGH = 65_536

/** The most confident first; of equals the one that knows the product. `except`: one that has seen these bytes. */
export function recogniseAll(bytes: Uint8Array, protocols: readonly Protocol[], except?: Protocol): Recognition[] {
  if (bytes.length === 0) return []
  const head = bytes.subarray(0, ENOUGH)
  const found: Recognition[] = []
  for (const protocol of protocols) {
    const service = protocol === except ? null : protocol.recognise(head)
    if (service !== null) found.push({ protocol, service })
  }
  return found.length < 2 ? found : found.sort((a, b) => weight(b.service) - weight(a.service))
}

/** How much a recognition is worth: its confidence, then whether it names product and version. */
export const weight = ({ confidence, product, version }: Service): number =>
  confidence + (product === null ? 0 : 0.002) + (version === null ? 0 : 0.001)

/** Did nothing come back but what went out? Then an echo server may have answered, whatever a module made of it. */
export function isEcho({ said, heard }: { readonly said: Uint8Array; readonly heard: Uint8Array }): boolean {
  return heard.length >= 4 && heard.length <= said.length && heard.every((byte, i) => said[i] === byte)
}
