/** A database in the documented XML format, written for this test. */
import { expect, test } from 'vitest'
import { MalformedXml } from '#core/format/xml-tokenizer.ts'
import { readRecog } from '#core/knowledge/recog.ts'
import { recogProtocols } from '#core/knowledge/recog-protocols.ts'

const database = (matches: string, body: string) =>
  `<?xml version="1.0"?>\n<fingerprints matches="${matches}" preference="0.90">\n${body}\n</fingerprints>\n`

const WIDGET = database(
  'http_header.server',
  `<fingerprint pattern="^widget/([\\d.]+)(?: \\((\\w+)\\))?$" flags="REG_ICASE">
     <description>Acme Widget</description>
     <example service.version="1.2">Widget/1.2</example>
     <param pos="0" name="service.vendor" value="Acme"/>
     <param pos="0" name="service.product" value="Widget"/>
     <param pos="1" name="service.version"/>
     <param pos="2" name="os.product"/>
     <param pos="0" name="service.cpe23" value="cpe:/a:acme:widget:{service.version}"/>
   </fingerprint>
   <fingerprint pattern="^x(?=y)"><param pos="0" name="service.product" value="X"/></fingerprint>`,
)

test('reads fingerprints and names those it cannot use', () => {
  const read = readRecog(WIDGET)
  expect(read).toMatchObject({ matches: 'http_header.server', preference: 0.9 })
  expect(read.fingerprints).toHaveLength(1)
  expect(read.skipped).toEqual([{ line: expect.any(Number), why: 'look-around' }])
})

test('finds the text in an answer and fills the fields', () => {
  const { protocols } = recogProtocols([readRecog(WIDGET)])
  const answer = 'HTTP/1.1 200 OK\r\nDate: today\r\nServer: Widget/2.5 (Linux)\r\n\r\nhello'
  expect(protocols[0]?.recognise(Buffer.from(answer))).toMatchObject({
    name: 'http',
    vendor: 'Acme',
    product: 'Widget',
    version: '2.5',
    os: 'Linux',
    cpe: ['cpe:2.3:a:acme:widget:2.5:*:*:*:*:*:*:*'],
  })
  expect(protocols[0]?.recognise(Buffer.from('HTTP/1.1 200 OK\r\nServer: other\r\n\r\n'))).toBeNull()
  expect(protocols[0]?.recognise(Buffer.from('SSH-2.0-Widget/2.5\r\n'))).toBeNull()
})

test('names the databases whose text is not in an answer', () => {
  const { protocols, unused } = recogProtocols([readRecog(database('operating_system.name', ''))])
  expect(protocols).toEqual([])
  expect(unused).toEqual(['operating_system.name'])
})

test('refuses what is no fingerprint database', () => {
  expect(() => readRecog('<html></html>')).toThrow(MalformedXml)
  expect(() => readRecog('<fingerprints matches="x"><')).not.toThrow(TypeError)
})
