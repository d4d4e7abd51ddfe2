/**
 * System calls that return what the kernel returns: a result, or -errno. The C library moves the error into `errno`, which
 * takes a second foreign call to read, and by then it may be the error of a call that Node made for itself: a scan has
 * ended with ENOENT, which no connect gives. So a few bytes of machine code stand in for the library's functions:
 *
 *   x86-64   mov r10, rcx · mov eax, NUMBER · syscall · ret
 *   arm64    mov x8, NUMBER · svc 0 · ret
 *
 * Functions and system calls take their arguments from the same registers, but for the fourth on x86-64. The code is
 * written first and made executable then: no memory is ever both.
 */
import koffi, { type LibraryHandle } from 'koffi'
import { LocalTrouble } from './engine.ts'

/** Numbers on x86-64 and arm64 (asm/unistd_64.h, asm-generic/unistd.h), and what the call takes. */
const CALLS = {
  socket: [41, 198, 'int, int, int'],
  bind: [49, 200, 'int, void *, uint32_t'],
  connect: [42, 203, 'int, void *, uint32_t'],
  setsockopt: [54, 208, 'int, int, int, void *, uint32_t'],
  sendto: [44, 206, 'int, void *, size_t, int, void *, uint32_t'],
  recvfrom: [45, 207, 'int, void *, size_t, int, void *, void *'],
  sendmmsg: [307, 269, 'int, void *, unsigned int, int'],
  recvmmsg: [299, 243, 'int, void *, unsigned int, int, void *'],
  epoll_create1: [291, 20, 'int'],
  epoll_ctl: [233, 21, 'int, int, int, void *'],
  getrandom: [318, 278, 'void *, size_t, unsigned int'],
  gettid: [186, 178, 'void'],
} as const

const SLOT = 16
const PROT_READ_WRITE = 3
const PROT_READ_EXEC = 5
const MAP_PRIVATE_ANONYMOUS = 0x22

/** Binds a call by its name. Each thread has a page of its own, until it ends. */
export function bindKernelCalls(
  library: LibraryHandle,
): (name: keyof typeof CALLS) => ReturnType<LibraryHandle['func']> {
  const mmap = library.func('void *mmap(void *, size_t, int, int, int, int64_t)')
  const mprotect = library.func('int mprotect(void *, size_t, int)')
  const names = Object.keys(CALLS)
  const length = names.length * SLOT
  const page: bigint = mmap(null, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0)
  const code = page === 0xffff_ffff_ffff_ffffn ? null : new DataView(koffi.view(page, length))
  if (code) for (const [i, [x64, arm64]] of Object.values(CALLS).entries()) writeCode(code, i * SLOT, { x64, arm64 })
  // The compiler of JavaScript needs the same right, so Node seldom comes this far without it.
  if (!code || mprotect(page, length, PROT_READ_EXEC) !== 0)
    throw new LocalTrouble('NO_CODE', 'this system lets no program make code, which raw and fast scanning needs')
  const bind: ReturnType<typeof bindKernelCalls> = (name) =>
    koffi.decode(page + BigInt(names.indexOf(name) * SLOT), koffi.proto(`int (${CALLS[name][2]})`))
  const munmap = library.func('int munmap(void *, size_t)')
  // Of the first thread it stays: others may still be at work in it. (node:worker_threads would tell, and takes 3 ms to load.)
  if (bind('gettid')() !== process.pid) process.once('exit', () => munmap(page, length))
  return bind
}

function writeCode(code: DataView, at: number, number: { readonly x64: number; readonly arm64: number }): void {
  if (process.arch === 'x64') {
    code.setUint32(at, 0xb8_ca_89_49, true)
    code.setUint32(at + 4, number.x64, true)
    code.setUint32(at + 8, 0xc3_05_0f, true)
  } else {
    code.setUint32(at, 0xd280_0008 | (number.arm64 << 5), true)
    code.setUint32(at + 4, 0xd400_0001, true)
    code.setUint32(at + 8, 0xd65f_03c0, true)
  }
}
