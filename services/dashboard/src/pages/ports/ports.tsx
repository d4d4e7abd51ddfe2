import { type FormEvent, useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { go } from '../../app/router.ts'
import { Badge } from '../../ui/badge.tsx'
import { Input } from '../../ui/field.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'

type Side = Schemas['Port']['tcp']

const KNOWN = [21, 22, 23, 25, 53, 80, 110, 143, 443, 445, 1433, 3306, 3389, 5432, 5900, 6379, 8080, 9200, 11211, 27017]

export function Ports({ port = '' }: { readonly port?: string }) {
  const [text, setText] = useState(port)
  const look = (event: FormEvent) => {
    event.preventDefault()
    if (/^\d{1,5}$/.test(text.trim())) go(`/ports/${text.trim()}`)
  }
  return (
    <Page
      title={port === '' ? 'Port reference' : `Port ${port}`}
      below="What usually runs there, and whether it should be seen."
    >
      <form className="row end" onSubmit={look}>
        <Input
          label="Port"
          inputMode="numeric"
          pattern="[0-9]{1,5}"
          required
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button primary">
          Look it up
        </button>
      </form>
      {port === '' ? <Known /> : <About port={port} />}
    </Page>
  )
}

const Known = () => (
  <Card title="Asked for most">
    <div className="row">
      {KNOWN.map((port) => (
        <Link key={port} className="button small number" href={`/ports/${port}`}>
          {port}
        </Link>
      ))}
    </div>
  </Card>
)

function About({ port }: { readonly port: string }) {
  const about = useRead(['port', port], () => api.GET('/v1/ports/{port}', { params: { path: { port: Number(port) } } }))
  return (
    <Ready of={about}>
      {({ tcp, udp, class: range }) => (
        <>
          <div className="grid-2">
            <SideCard name="TCP" side={tcp} />
            <SideCard name="UDP" side={udp} />
          </div>
          <p className="quiet">
            A {range} port.{' '}
            <Link href={`/search?q=${encodeURIComponent(`state:open port:${port}`)}`}>Where it is open</Link>
          </p>
        </>
      )}
    </Ready>
  )
}

const ADVICE = {
  fine: ['good', 'fine to expose'],
  care: ['warn', 'expose with care'],
  never: ['bad', 'never expose'],
} as const

function SideCard({ name, side: { registered, usual, rank } }: { readonly name: string; readonly side: Side }) {
  const advice = usual && ADVICE[usual.exposure]
  return (
    <Card title={name} actions={advice && <Badge tone={advice[0]}>{advice[1]}</Badge>}>
      {usual || registered ? (
        <dl className="facts">
          {[
            ['Runs', usual?.runs],
            ['Risk', usual?.risk],
            ['Advice', usual?.advice],
            ['Encrypted', usual?.encrypted],
            ['Registered', registered && `${registered.name}: ${registered.description}`],
            ['Popularity', rank === null ? null : `number ${rank}`],
          ].map(([fact, value]) =>
            value ? (
              <div key={fact} className="fact">
                <dt>{fact}</dt>
                <dd>{value}</dd>
              </div>
            ) : null,
          )}
        </dl>
      ) : (
        <Empty title="Nothing is known to use it" />
      )}
    </Card>
  )
}
