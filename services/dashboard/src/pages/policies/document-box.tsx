import type { Schemas } from '../../api/client.ts'
import { TextArea } from '../../ui/field.tsx'

type Document = Schemas['PolicyDocument']
type Read = { readonly ok: true; readonly document: Document } | { readonly ok: false; readonly problem: string }

/** Whether it is JSON and looks like a policy; the service checks the rest, field by field. */
export function readDocument(text: string): Read {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('rules' in value) || !Array.isArray(value.rules))
      return { ok: false, problem: 'A policy is an object with "otherwise" and a list of "rules"' }
    // because the service validates every field and says which one is wrong
    return { ok: true, document: value as unknown as Document }
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : 'This is not JSON' }
  }
}

type DocumentBoxProps = {
  readonly text: string
  readonly read: Read
  readonly readOnly: boolean
  /** What the service said about it when it was to be saved. */
  readonly faults: string | null
  readonly onChange: (text: string) => void
}

export function DocumentBox({ text, read, readOnly, faults, onChange }: DocumentBoxProps) {
  return (
    <TextArea
      label="Rules"
      className="mono"
      rows={22}
      value={text}
      readOnly={readOnly}
      wrong={read.ok ? faults : read.problem}
      hint='A rule: {"id": "web", "effect": "allow", "targets": ["10.0.0.0/24"], "ports": "80,443"}'
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
