/** Names and values as they come: of certificates, and of whatever else a protocol says about itself. */
import { SafeText } from './safe-text.tsx'

/** How deep a record is unfolded; what is below is written as JSON. */
const DEPTH = 2

function flat(value: unknown, name: string, depth: number): readonly (readonly [string, string])[] {
  if (value === null || value === undefined || value === '') return []
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return [[name, value.join(', ')]]
  if (typeof value === 'object' && depth < DEPTH && !Array.isArray(value))
    return Object.entries(value).flatMap(([key, inner]) => flat(inner, name ? `${name}.${key}` : key, depth + 1))
  return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]]
}

export function Facts({ of, title }: { readonly of: unknown; readonly title: string }) {
  const facts = flat(of, '', 0).filter(([, value]) => value !== '')
  if (facts.length === 0) return null
  return (
    <section className="stack" aria-label={title}>
      <h3>{title}</h3>
      <dl className="facts small">
        {facts.map(([name, value]) => (
          <div key={name} className="fact">
            <dt>
              <SafeText>{name}</SafeText>
            </dt>
            <dd>
              <SafeText>{value}</SafeText>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
