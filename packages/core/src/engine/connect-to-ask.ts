import { createSocket } from 'node:dgram'
import { parseAddress } from '#core/target/address.ts'
import { SOCK_CLOEXEC, SOCK_DGRAM } from './bound-socket.ts'
import { errnoName } from './errno.ts'
import { hasLibc, openLibc } from './libc.ts'
import { AF_INET, AF_INET6, putSockaddr, SOCKADDR_IN6, toTarget } from './sockaddr.ts'

/** Any port will do: nothing goes there. */
const PORT = 9

/**
 * What keeps this machine from sending to the address, as the name of the error; null: there is a way. A UDP socket that is
 * connected asks the kernel, and sends nothing.
 */
export async function whatBars(ip: string): Promise<string | null> {
  return hasLibc ? askKernel(ip) : askSocket(ip)
}

/** By a call of our own: node:dgram takes ten milliseconds to load, and a scan of one port ninety. */
function askKernel(ip: string): string | null {
  const parsed = parseAddress(ip)
  if (!parsed.ok) return 'EINVAL'
  const libc = openLibc()
  const fd = libc.socket(parsed.value.family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (fd < 0) return errnoName(-fd)
  const address = new Uint8Array(SOCKADDR_IN6)
  const length = putSockaddr(new DataView(address.buffer), 0, toTarget(parsed.value, PORT))
  const result = libc.connect(fd, address, length)
  libc.close(fd)
  return result < 0 ? errnoName(-result) : null
}

async function askSocket(ip: string): Promise<string | null> {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4')
  try {
    return await new Promise((resolve) => {
      const answer = (error?: NodeJS.ErrnoException) => resolve(error ? (error.code ?? error.message) : null)
      socket.on('error', answer)
      socket.connect(PORT, ip, answer as () => void) // because the types leave out that it gets the error
    })
  } finally {
    socket.close()
  }
}
