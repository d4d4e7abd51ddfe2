/**
 * The C library through koffi (foreign function calls, no compiler): the system calls every raw, epoll and UDP engine
 * stands on. Linux only; elsewhere `openLibc` throws LocalTrouble and the caller takes the portable engine.
 *
 * Rules that keep this memory-safe:
 * - a Uint8Array passed as an argument is seen by the kernel during that call only; whatever the kernel reaches
 *   through a pointer inside it (iovec, msghdr) must lie in an Arena;
 * - nothing reads `errno`: the calls whose error matters return it (kernel-calls.ts);
 * - no named koffi types: a name may be declared once per thread, and tests load modules again.
 */
import koffi, { type LibraryHandle } from 'koffi'
import { LocalTrouble } from './engine.ts'
import { bindKernelCalls } from './kernel-calls.ts'

/** An address in this process, as `mmap` returns it. */
export type Pointer = bigint

/** Bytes handed to a call: a buffer of ours, Arena memory, or nothing. */
export type Memory = Uint8Array | Pointer | null

/** These return a result, or -errno. */
interface KernelCalls {
  socket(domain: number, type: number, protocol: number): number
  bind(fd: number, address: Memory, length: number): number
  connect(fd: number, address: Memory, length: number): number
  setsockopt(fd: number, level: number, name: number, value: Memory, length: number): number
  /** The same in a thread of the pool, for options that the kernel takes its time over. */
  setsockoptLater(...option: Parameters<KernelCalls['setsockopt']>): Promise<number>
  sendto(fd: number, bytes: Memory, length: number, flags: number, address: Memory, addressLength: number): number
  recvfrom(fd: number, bytes: Memory, length: number, flags: number, address: Memory, addressLength: Memory): number
  sendmmsg(fd: number, vector: Memory, count: number, flags: number): number
  /** The same in a thread of the pool. `done` is called from the event loop. */
  sendmmsgLater(fd: number, vector: Pointer, count: number, done: (sent: number) => void): void
  recvmmsg(fd: number, vector: Memory, count: number, flags: number, timeout: Memory): number
  epoll_create1(flags: number): number
  epoll_ctl(epoll: number, operation: number, fd: number, event: Memory): number
  getrandom(bytes: Memory, length: number, flags: number): number
  /** Makes `count` calls, at least one, laid out as `CALL` says (kernel-calls.ts). */
  runCalls(list: Pointer, count: number): void
}

/** These return what the C library returns: whether they failed, not why. */
export interface Libc extends KernelCalls {
  close(fd: number): number
  /** The same in a thread of the pool. */
  closeLater(fd: number): void
  /** Ends the process, and nothing before it. */
  exitNow(code: number): void
  getsockopt(fd: number, level: number, name: number, value: Memory, length: Memory): number
  getsockname(fd: number, address: Memory, length: Memory): number
  getpeername(fd: number, address: Memory, length: Memory): number
  ioctl(fd: number, request: number, argument: Memory): number
  epoll_wait(epoll: number, events: Memory, capacity: number, timeout: number): number
  poll(fds: Memory, count: number, timeout: number): number
  ppoll(fds: Memory, count: number, timeout: Memory, signals: null): number
  mmap(at: Memory, length: number, protection: number, flags: number, fd: number, offset: number): Pointer
  munmap(at: Pointer, length: number): number
  getrlimit(resource: number, limit: Memory): number
  if_nametoindex(name: string): number
  /** A call the library has no name for; the last two arguments are numbers. */
  syscall(number: number, id: number, memory: Memory, third: number, fourth: number): number
}

/** Are there system calls to bind here: 64-bit Linux? */
export const hasLibc = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')

let opened: Libc | undefined

/** Binds the system calls on first use, once per thread. Throws LocalTrouble (`NO_LIBC`) where there is no 64-bit Linux. */
export function openLibc(): Libc {
  if (opened) return opened
  if (!hasLibc)
    throw new LocalTrouble('NO_LIBC', `no system calls for ${process.platform}/${process.arch}: 64-bit Linux only`)
  // The libc Node itself is linked with, glibc or musl, is already loaded: no file name to guess.
  const library = koffi.load(null)
  opened = { ...kernelCalls(library), ...libraryCalls(library) }
  return opened
}

function kernelCalls(library: LibraryHandle): KernelCalls {
  const { call, runCalls } = bindKernelCalls(library)
  const sendmmsg = call('sendmmsg')
  const setsockopt = call('setsockopt')
  return {
    socket: call('socket'),
    bind: call('bind'),
    connect: call('connect'),
    setsockopt,
    setsockoptLater: (...option) =>
      new Promise((resolve, reject) => {
        setsockopt.async(...option, (error: unknown, result: number) => (error ? reject(error) : resolve(result)))
      }),
    sendto: call('sendto'),
    recvfrom: call('recvfrom'),
    sendmmsg,
    sendmmsgLater: (fd, vector, count, done) =>
      sendmmsg.async(fd, vector, count, 0, (error: unknown, sent: number) => done(error ? -1 : sent)),
    recvmmsg: call('recvmmsg'),
    epoll_create1: call('epoll_create1'),
    epoll_ctl: call('epoll_ctl'),
    getrandom: call('getrandom'),
    runCalls,
  }
}

function libraryCalls(library: LibraryHandle): Omit<Libc, keyof KernelCalls> {
  const func = (definition: string) => library.func(definition)
  const close = func('int close(int)')
  return {
    close,
    closeLater: (fd) => close.async(fd, () => {}),
    exitNow: func('void _exit(int)'),
    getsockopt: func('int getsockopt(int, int, int, void *, void *)'),
    getsockname: func('int getsockname(int, void *, void *)'),
    getpeername: func('int getpeername(int, void *, void *)'),
    ioctl: func('int ioctl(int, unsigned long, void *)'),
    epoll_wait: func('int epoll_wait(int, void *, int, int)'),
    poll: func('int poll(void *, unsigned long, int)'),
    ppoll: func('int ppoll(void *, unsigned long, void *, void *)'),
    mmap: func('void *mmap(void *, size_t, int, int, int, int64_t)'),
    munmap: func('int munmap(void *, size_t)'),
    getrlimit: func('int getrlimit(int, void *)'),
    if_nametoindex: func('unsigned int if_nametoindex(const char *)'),
    syscall: func('long syscall(long, long, void *, long, long)'),
  }
}

/** Watches `fd` on this thread's event loop and runs `callback` while it is readable, from `start` to `stop`. */
export function watchReadable(fd: number, callback: () => void): { start(): void; stop(): void; close(): void } {
  const handle = koffi.node.poll(fd, { readable: true }, callback)
  handle.stop()
  return {
    start: () => handle.start({ readable: true }, callback),
    stop: () => handle.stop(),
    close: () => handle.close(),
  }
}

/** Raw bytes at an address, valid until it is unmapped. Only Arena calls this. */
export function viewOf(at: Pointer, length: number): ArrayBuffer {
  return koffi.view(at, length)
}
