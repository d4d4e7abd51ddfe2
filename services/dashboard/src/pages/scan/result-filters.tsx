import { useQueryFields } from '../../app/router.ts'
import { Choose } from '../../ui/field.tsx'

export const FILTERS = ['host', 'port', 'state', 'service', 'product'] as const

const HINT: Readonly<Record<string, string>> = {
  host: '10.0.0.0/8',
  port: '22,80-90',
  service: 'ssh',
  product: 'nginx',
}

export function ResultFilters() {
  const [fields, setFields] = useQueryFields()
  return (
    <div className="row">
      {(['host', 'port', 'service', 'product'] as const).map((name) => (
        <input
          key={name}
          className="input inline-select filter"
          type="search"
          aria-label={`Filter by ${name}`}
          placeholder={`${name}: ${HINT[name]}`}
          defaultValue={fields.get(name) ?? ''}
          onBlur={(event) => setFields({ [name]: event.target.value.trim() })}
          onKeyDown={(event) => event.key === 'Enter' && setFields({ [name]: event.currentTarget.value.trim() })}
        />
      ))}
      <Choose
        label="Filter by state"
        value={fields.get('state') ?? ''}
        choices={[
          ['', 'any state'],
          ['open', 'open'],
          ['closed', 'closed'],
          ['filtered', 'filtered'],
          ['open|filtered', 'open|filtered'],
        ]}
        onChange={(event) => setFields({ state: event.target.value })}
      />
    </div>
  )
}
