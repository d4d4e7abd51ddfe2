/** SSDP unicast search (UPnP Device Architecture 2.0 section 1.3.2); older devices insist on MX. */
import { latin1 } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const search = (host: string, target: string) =>
  new Writer()
    .latin1(`M-SEARCH * HTTP/1.1\r\nHOST: ${host}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ${target}\r\n\r\n`)
    .finish()

const isHttp = (reply: Uint8Array) => latin1(reply.subarray(0, 7)) === 'HTTP/1.'

export const ssdp: UdpQuestion = {
  name: 'ssdp',
  ports: [1900],
  datagram: () => search('239.255.255.250:1900', 'ssdp:all'),
  answers: isHttp,
}

/** Yeelight lamps speak SSDP on a port of their own (Yeelight WiFi Light Inter-Operation Specification, section 3). */
export const yeelight: UdpQuestion = {
  name: 'yeelight',
  ports: [1982],
  datagram: () => search('239.255.255.250:1982', 'wifi_bulb'),
  answers: isHttp,
}
