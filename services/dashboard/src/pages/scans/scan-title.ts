import type { Schemas } from '../../api/client.ts'
import { visible } from '../../ui/safe-text.tsx'

/** The label, or the first targets. */
export function titleOf({ label, targets }: Pick<Schemas['Scan'], 'label' | 'targets'>): string {
  if (label) return visible(label)
  const more = targets.length > 2 ? ` and ${targets.length - 2} more` : ''
  return visible(targets.slice(0, 2).join(', ')) + more
}
