/** What a server sent, as text with its control characters shown and as hex with offsets. Never as anything else. */
import { Fragment, useState } from 'react'
import { SafeText } from './safe-text.tsx'
import { Segments } from './segments.tsx'

const ACROSS = 16

/** `00000010  48 54 54 50 …  HTTP…` */
export function hexOf(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += ACROSS) {
    const part = [...bytes.subarray(at, at + ACROSS)]
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = part.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(ACROSS * 3 - 1)}  ${text}`)
  }
  return lines.join('\n')
}

const CHOICES = [
  ['text', 'Text'],
  ['hex', 'Hex'],
] as const

type EvidenceProps = {
  readonly text: string
  /** As they came; null: only the text was kept. */
  readonly bytes: Uint8Array | null
}

const utf8 = new TextDecoder()

export function Evidence({ text, bytes }: EvidenceProps) {
  const [view, setView] = useState('text')
  return (
    <div className="stack">
      <div className="row apart">
        <span className="label">What it sent</span>
        {bytes && <Segments label="Evidence as" choices={CHOICES} value={view} onChange={setView} />}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className={`evidence ${view}`} tabIndex={0}>
        {bytes && view === 'hex' ? hexOf(bytes) : <Text>{bytes ? utf8.decode(bytes) : text}</Text>}
      </pre>
    </div>
  )
}

/** Line by line, as it was meant to be read, with what ends each line still to be seen. */
function Text({ children }: { readonly children: string }) {
  return children.split(/(?<=\n)/).map((line, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one text do not move
    <Fragment key={i}>
      <SafeText>{line}</SafeText>
      {line.endsWith('\n') && '\n'}
    </Fragment>
  ))
}
