/** Chargen (RFC 864): any datagram is answered with characters. */
import type { UdpQuestion } from '../udp-question.ts'

export const chargen: UdpQuestion = { name: 'chargen', ports: [19], datagram: () => Uint8Array.of(10) }
