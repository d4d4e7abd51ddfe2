import { createSocket } from 'node:dgram'

const NO_WAY = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/** Does this machine know a way to the address? A UDP socket that is connected asks the kernel, and sends nothing. */
export async function hasRoute(ip: string): Promise<boolean> {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4')
  try {
    return await new Promise((resolve) => {
      const answer = (error?: NodeJS.ErrnoException) => resolve(!NO_WAY.has(error?.code ?? ''))
      socket.on('error', answer)
      // Any port will do: nothing goes there.
      socket.connect(9, ip, answer as () => void) // because the types leave out that it gets the error
    })
  } finally {
    socket.close()
  }
}
