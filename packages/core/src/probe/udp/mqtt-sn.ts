/** MQTT for sensor networks (MQTT-SN 1.2 section 5.4.2): SEARCHGW with radius 0, answered with GWINFO. */
import type { UdpQuestion } from '../udp-question.ts'

const [SEARCH_GATEWAY, GATEWAY_INFO] = [1, 2]

export const mqttSn: UdpQuestion = {
  name: 'mqtt-sn',
  ports: [1883, 1884],
  datagram: () => Uint8Array.of(3, SEARCH_GATEWAY, 0),
  answers: (reply) => reply.length >= 3 && reply[0] === reply.length && reply[1] === GATEWAY_INFO,
}
