import type { Schemas } from '../../api/client.ts'
import { count } from '../../ui/numbers.ts'
import { visible } from '../../ui/safe-text.tsx'
import { Waiting } from '../../ui/states.tsx'

type Facets = Schemas['Facets']

const SHOWN = 8
const NAMES = ['port', 'service', 'product', 'vantage'] as const

/** A value as a term of the language: quoted where it has to be. */
const termOf = (field: string, value: string) =>
  /^[\w./-]+$/.test(value) ? `${field}:${value}` : `${field}:"${value.replaceAll(/["\\]/g, '\\$&')}"`

type FacetListProps = { readonly facets: Facets | null; readonly onNarrow: (term: string) => void }

export function FacetList({ facets, onNarrow }: FacetListProps) {
  return (
    <aside className="stack facets" aria-label="Narrow down">
      {facets === null && <Waiting />}
      {NAMES.filter((name) => (facets?.[name].length ?? 0) > 0).map((name) => (
        <div key={name} className="facet">
          <h2>{name}</h2>
          <ul>
            {(facets?.[name] ?? []).slice(0, SHOWN).map(({ value, count: times }) => (
              <li key={value}>
                <button type="button" onClick={() => onNarrow(termOf(name, value))}>
                  <span>{visible(value)}</span>
                  <span className="quiet number">{count(times)}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </aside>
  )
}
