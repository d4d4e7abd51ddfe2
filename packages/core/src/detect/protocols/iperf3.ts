/**
 * iperf3 (iperf_api.h): a client opens with a cookie of 36 characters and NUL; the server goes to the state 9,
 * PARAM_EXCHANGE, or answers that it is busy: -1, ACCESS_DENIED. Nothing is measured: we are gone before the parameters.
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const COOKIE = `${'portolan'.repeat(4)}abcd\0`
const [PARAM_EXCHANGE, ACCESS_DENIED] = [9, 0xff]

export const iperf3: Protocol = {
  name: 'iperf3',
  transport: 'tcp',
  ports: [5201],
  opens: 'client',
  recognise,
  identify,
}

/** One byte proves nothing alone. */
function recognise(bytes: Uint8Array): Service | null {
  return bytes.length === 1 && bytes[0] === PARAM_EXCHANGE ? described(0.4) : null
}

async function identify(session: Session): Promise<Service | null> {
  // Not before the cookie is whole: whoever answers half of it is somebody else.
  await session.write(Buffer.from(COOKIE))
  const answer = await session.read()
  if (answer.length !== 1) return null
  if (answer[0] === PARAM_EXCHANGE) return described(0.8)
  return answer[0] === ACCESS_DENIED ? described(0.3) : null
}

const described = (confidence: number) => service('iperf3', { product: 'iperf3', vendor: 'ESnet', confidence })
