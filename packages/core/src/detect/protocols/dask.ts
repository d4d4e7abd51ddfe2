/**
 * Dask's distributed scheduler and workers (distributed source, comm/tcp.py and comm/core.py): whoever accepts a
 * connection says in MessagePack what it can do.
 *
 *   message   => U64LE length of the rest, U64LE number of frames, U64LE length of each, frames
 *   handshake => map of "compression", "python" (an array of three small integers), "pickle-protocol", ...
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

const HANDSHAKE_CAP = 4096n
/** MessagePack: a text of six bytes, then an array of three. */
const PYTHON = '\xa6python\x93'

export const dask: Protocol = { name: 'dask', transport: 'tcp', ports: [8786], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const [length, frames, first] = [reader.u64le(), reader.u64le(), reader.u64le()]
    if (frames !== 1n || length !== first + 16n || length > HANDSHAKE_CAP) return null
    const handshake = reader.take(Number(first))
    // A map of up to fifteen pairs.
    if (((handshake[0] ?? 0) & 0xf0) !== 0x80) return null
    const text = latin1(handshake)
    if (!text.includes('\xabcompression') || !text.includes('\xafpickle-protocol')) return null
    const at = text.indexOf(PYTHON)
    const python = at < 0 ? null : [...handshake.subarray(at + PYTHON.length, at + PYTHON.length + 3)].join('.')
    return service('dask', {
      product: 'Dask Distributed',
      vendor: 'Dask',
      info: python && `Python ${python}`,
      facts: { python },
    })
  })
}
