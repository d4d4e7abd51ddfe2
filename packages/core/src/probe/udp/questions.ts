import type { UdpQuestion } from '../udp-question.ts'

export const UDP_QUESTIONS: readonly UdpQuestion[] = []

export function questionsByPort(): ReadonlyMap<number, readonly UdpQuestion[]> {
  const byPort = new Map<number, UdpQuestion[]>()
  for (const question of UDP_QUESTIONS)
    for (const port of question.ports) byPort.set(port, [...(byPort.get(port) ?? []), question])
  return byPort
}
