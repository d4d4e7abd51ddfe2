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
 *
 * `runCalls` makes a whole list of calls, since a foreign call takes longer than the kernel takes for many of them. Each is
 * 32 bytes, takes three arguments, and has its result written where it belongs:
 *
 *   number u32 | first argument (a descriptor) i32 | second (an address) u64 | third u32 | result i32 | unused 8
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

/** Bytes of a call in the list that `runCalls` takes, and where its parts are. */
export const CALL = { size: 32, number: 0, fd: 4, pointer: 8, third: 16, result: 20 } as const

/** Numbers of calls for such a list. */
export const [CONNECT, RECVMSG] = process.arch === 'x64' ? [42, 47] : [203, 212]

const SLOT = 16
const PROT_READ_WRITE = 3
const PROT_READ_EXEC = 5
const MAP_PRIVATE_ANONYMOUS = 0x22

type KernelCall = ReturnType<LibraryHandle['func']>

export interface BoundCalls {
  call(name: keyof typeof CALLS): KernelCall
  /** (list, count): makes one call after the other; there is at least one. */
  readonly runCalls: KernelCall
}

/** Binds calls by their names. Each thread has a page of its own, until it ends. */
export function bindKernelCalls(library: LibraryHandle): BoundCalls {
  const mmap = library.func('void *mmap(void *, size_t, int, int, int, int64_t)')
  const mprotect = library.func('int mprotect(void *, size_t, int)')
  const names = Object.keys(CALLS)
  const loop = names.length * SLOT
  const length = loop + LOOP_SIZE
  const page: bigint = mmap(null, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0)
  const code = page === 0xffff_ffff_ffff_ffffn ? null : new DataView(koffi.view(page, length))
  if (code) for (const [i, [x64, arm64]] of Object.values(CALLS).entries()) writeCode(code, i * SLOT, { x64, arm64 })
  if (code) writeLoop(code, loop)
  // The compiler of JavaScript needs the same right, so Node seldom comes this far without it.
  if (!code || mprotect(page, length, PROT_READ_EXEC) !== 0)
    throw new LocalTrouble('NO_CODE', 'this system lets no program make code, which raw and fast scanning needs')
  const call: BoundCalls['call'] = (name) =>
    koffi.decode(page + BigInt(names.indexOf(name) * SLOT), koffi.proto(`int (${CALLS[name][2]})`))
  const munmap = library.func('int munmap(void *, size_t)')
  // Of the first thread it stays: others may still be at work in it. (node:worker_threads would tell, and takes 3 ms to load.)
  if (call('gettid')() !== process.pid) process.once('exit', () => munmap(page, length))
  return { call, runCalls: koffi.decode(page + BigInt(loop), koffi.proto('void (void *, unsigned int)')) }
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

/** System calls keep every register but the one of their result, and on x86-64 rcx and r11 as well. */
const X64_LOOP = [
  [0x49, 0x89, 0xf9], // mov r9, rdi
  [0x41, 0x89, 0xf0], // mov r8d, esi
  [0x41, 0x8b, 0x01], // next: mov eax, [r9]
  [0x49, 0x63, 0x79, 0x04], // movsxd rdi, [r9 + 4]
  [0x49, 0x8b, 0x71, 0x08], // mov rsi, [r9 + 8]
  [0x41, 0x8b, 0x51, 0x10], // mov edx, [r9 + 16]
  [0x0f, 0x05], // syscall
  [0x41, 0x89, 0x41, 0x14], // mov [r9 + 20], eax
  [0x49, 0x83, 0xc1, 0x20], // add r9, 32
  [0x41, 0xff, 0xc8], // dec r8d
  [0x75, 0xe2], // jnz next
  [0xc3], // ret
].flat()
const ARM64_LOOP = [
  0xaa00_03e9, // mov x9, x0
  0x2a01_03ea, // mov w10, w1
  0x2940_0128, // next: ldp w8, w0, [x9]
  0xf940_0521, // ldr x1, [x9, 8]
  0xb940_1122, // ldr w2, [x9, 16]
  0xd400_0001, // svc 0
  0xb900_1520, // str w0, [x9, 20]
  0x9100_8129, // add x9, x9, 32
  0x7100_054a, // subs w10, w10, 1
  0x54ff_ff21, // b.ne next
  0xd65f_03c0, // ret
]
const LOOP_SIZE = 48

function writeLoop(code: DataView, at: number): void {
  if (process.arch === 'x64') for (const [i, byte] of X64_LOOP.entries()) code.setUint8(at + i, byte)
  else for (const [i, word] of ARM64_LOOP.entries()) code.setUint32(at + 4 * i, word, true)
}
