/** Devices by the descriptions of their services (RFC 6763 section 6). */
import { expect, test } from 'vitest'
import { identify } from '#core/detect/identify.ts'

const label = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')])
const name = (text: string) => Buffer.concat([...text.split('.').map(label), Buffer.from([0])])

/** A response of one TXT record. */
function described(texts: readonly string[]): Uint8Array {
  const data = Buffer.concat(texts.map(label))
  const header = Buffer.from([0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0])
  const fixed = Buffer.from([0, 16, 0x80, 1, 0, 0, 0, 120, data.length >> 8, data.length & 255])
  return new Uint8Array(Buffer.concat([header, name('thing._device-info._tcp.local'), fixed, data]))
}

test.each([
  [['model=MacBookPro11,1'], { product: 'Apple MacBook Pro', vendor: 'Apple', os: 'macOS' }],
  [['rp=ipp/print', 'ty=HP LaserJet M402dn'], { product: 'HP LaserJet M402dn', vendor: 'HP', device: 'printer' }],
  [['id=x', 'md=Chromecast Ultra'], { product: 'Chromecast Ultra', vendor: 'Google' }],
  [['vendor=Synology', 'model=DS218'], { product: 'DS218', vendor: 'Synology', device: 'storage' }],
  [['manufacturer=Zorquib', 'model=WidgetBox'], { product: 'WidgetBox', vendor: 'Zorquib' }],
  [['model=my own words'], { product: null, vendor: null }],
])('%j', (texts, told) => {
  expect(identify({ transport: 'udp', data: described(texts) })).toMatchObject({ name: 'mdns', ...told })
})
