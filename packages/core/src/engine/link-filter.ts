/**
 * Classic BPF programs that keep what is not for us in the kernel: on a busy link a scanner would otherwise be handed
 * everybody's packets. They see a packet from its IP header on. Only the shape is judged here; the cookie decides.
 */
import { PORT_BLOCK } from './cookie.ts'

export const ETH_P_IP = 0x0800
export const ETH_P_ARP = 0x0806
export const ETH_P_IPV6 = 0x86dd

/** Bytes of a packet handed over: the longest that matters quotes a SYN after two IPv6 headers. */
export const SNAP_LENGTH = 128

// Opcodes: Linux uapi/linux/bpf_common.h
const LOAD_BYTE = 0x30
const LOAD_HALF = 0x28
const LOAD_BYTE_X = 0x50
const LOAD_HALF_X = 0x48
/** X becomes the length of the IPv4 header at the given offset. */
const LOAD_X_HEADER = 0xb1
const AND = 0x54
const JUMP_EQUAL = 0x15
const JUMP_SET = 0x45
const RETURN = 0x06
/** Where the kernel shows the link-layer protocol (SKF_AD_OFF + SKF_AD_PROTOCOL). */
const PROTOCOL = 0xffff_f000

/** A label to jump to, or `next`. */
type Target = string
type Step =
  | readonly [code: number, k: number]
  | readonly [code: number, k: number, yes: Target, no: Target]
  | { readonly label: string }

const ports = (portBase: number): readonly Step[] => [
  [AND, 0x1_0000 - PORT_BLOCK],
  [JUMP_EQUAL, portBase, 'next', 'drop'],
]

// SYN+ACK or RST+ACK among SYN, RST and ACK
const flags: readonly Step[] = [
  [AND, 0x16],
  [JUMP_EQUAL, 0x12, 'keep', 'next'],
  [JUMP_EQUAL, 0x14, 'keep', 'drop'],
]

/**
 * TCP answers to our ports and ICMP errors that quote a TCP segment from them, of either family; ARP and neighbour
 * advertisements besides.
 */
export function answerFilter(portBase: number): Uint8Array {
  return assemble([
    [LOAD_HALF, PROTOCOL],
    [JUMP_EQUAL, ETH_P_IP, 'next', 'other'],
    [LOAD_BYTE, 9],
    [JUMP_EQUAL, 6, 'tcp4', 'next'],
    [JUMP_EQUAL, 1, 'next', 'drop'],
    [LOAD_X_HEADER, 0],
    [LOAD_BYTE_X, 8 + 9],
    [JUMP_EQUAL, 6, 'next', 'drop'],
    [LOAD_HALF_X, 8 + 20],
    ...ports(portBase),
    [RETURN, SNAP_LENGTH],
    { label: 'tcp4' },
    [LOAD_HALF, 6],
    // More fragments, or not the first
    [JUMP_SET, 0x3fff, 'drop', 'next'],
    [LOAD_X_HEADER, 0],
    [LOAD_HALF_X, 2],
    ...ports(portBase),
    [LOAD_BYTE_X, 13],
    ...flags,
    { label: 'other' },
    [JUMP_EQUAL, ETH_P_ARP, 'keep', 'next'],
    [JUMP_EQUAL, ETH_P_IPV6, 'next', 'drop'],
    [LOAD_BYTE, 6],
    [JUMP_EQUAL, 6, 'tcp6', 'next'],
    [JUMP_EQUAL, 58, 'next', 'drop'],
    [LOAD_BYTE, 40],
    [JUMP_EQUAL, 136, 'keep', 'next'],
    [LOAD_BYTE, 48 + 6],
    [JUMP_EQUAL, 6, 'next', 'drop'],
    [LOAD_HALF, 48 + 40],
    ...ports(portBase),
    [RETURN, SNAP_LENGTH],
    { label: 'tcp6' },
    [LOAD_HALF, 40 + 2],
    ...ports(portBase),
    [LOAD_BYTE, 40 + 13],
    ...flags,
    { label: 'keep' },
    [RETURN, SNAP_LENGTH],
    { label: 'drop' },
    [RETURN, 0],
  ])
}

/** struct sock_filter { u16 code; u8 yes; u8 no; u32 k }, jumps counted from the next instruction. */
function assemble(steps: readonly Step[]): Uint8Array {
  const labels = new Map<string, number>()
  const code: Exclude<Step, { label: string }>[] = []
  for (const step of steps)
    if ('label' in step) labels.set(step.label, code.length)
    else code.push(step)
  const bytes = new Uint8Array(code.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [i, [operation, k, yes = 'next', no = 'next']] of code.entries()) {
    const jump = (to: Target) => (to === 'next' ? 0 : (labels.get(to) ?? 0) - i - 1)
    view.setUint16(i * 8, operation, true)
    view.setUint8(i * 8 + 2, jump(yes))
    view.setUint8(i * 8 + 3, jump(no))
    view.setUint32(i * 8 + 4, k, true)
  }
  return bytes
}
