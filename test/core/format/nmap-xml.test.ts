import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { cpeFromUri, cpeUri } from '#core/format/cpe-uri.ts'
import { createNmapXmlWriter } from '#core/format/nmap-xml.ts'
import { readNmapXml } from '#core/format/read-nmap-xml.ts'
import { debianTool } from '#test/support/debian-tool.ts'
import { collect, ENDPOINTS, inPieces, SSH, write } from './sample-results.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-xml-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** nmap's own description of its format, where the nmap package is installed. */
const DTD = ['/usr/share/nmap/nmap.dtd', '/usr/local/share/nmap/nmap.dtd', '/opt/homebrew/share/nmap/nmap.dtd'].find(
  existsSync,
)
const xmllint = debianTool('xmllint', 'libxml2-utils')
const ndiff = debianTool('ndiff')

function file(name: string, text: string): string {
  const at = path.join(folder, name)
  writeFileSync(at, text)
  return at
}

test.skipIf(!DTD || !xmllint)('is valid against the DTD of the nmap that is installed', () => {
  const hostile = fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), { numRuns: 40, seed: 1 })
  const more = hostile.map((info, i) => ({ ...SSH, port: 1000 + i, service: { ...SSH.service!, info, product: info } }))
  for (const endpoints of [[], ENDPOINTS, more]) {
    const at = file('valid.xml', write(createNmapXmlWriter(), endpoints))
    execFileSync(xmllint!.file, ['--noout', '--nonet', '--dtdvalid', DTD!, at], { stdio: 'pipe' })
  }
})

test.skipIf(!ndiff)('ndiff reads it and finds what changed', () => {
  const before = file('before.xml', write(createNmapXmlWriter()))
  const after = file(
    'after.xml',
    write(
      createNmapXmlWriter(),
      ENDPOINTS.filter(({ port }) => port !== 443),
    ),
  )
  const run = (a: string, b: string) => {
    try {
      return execFileSync(ndiff!.file, [a, b], { encoding: 'utf8', stdio: 'pipe', env: ndiff!.env })
    } catch (error) {
      // It exits with 1 when the scans differ.
      return String((error as { stdout: unknown }).stdout)
    }
  }
  expect(run(before, before)).not.toContain('/tcp')
  const said = run(before, after)
  expect(said).toMatch(/^-443\/tcp\s+open\s+ssl\/http\s+nginx 1\.22\.1/m)
  expect(said).not.toMatch(/^[-+]22\/tcp/m)
})

describe('read back', () => {
  test('gives the same endpoints, however the stream is cut', async () => {
    const text = write(createNmapXmlWriter())
    for (const size of [1, 7, 64, 1 << 20]) {
      const events = await collect(readNmapXml(inPieces(text, size)))
      expect(events[0]).toMatchObject({
        kind: 'run',
        version: '0.1.0',
        startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
        scanned: { tcp: [{ first: 1, last: 1024 }], udp: [{ first: 53, last: 53 }] },
      })
      expect(events.at(-1)).toMatchObject({ kind: 'end', complete: true })
      const endpoints = events.flatMap((event) => (event.kind === 'endpoint' ? [event.endpoint] : []))
      expect(
        endpoints.map(({ ip, port, transport, state, reason }) => ({ ip, port, transport, state, reason })),
      ).toEqual(ENDPOINTS.map(({ ip, port, transport, state, reason }) => ({ ip, port, transport, state, reason })))
      expect(endpoints[0]).toMatchObject({ hostname: 'a.example', service: { ...SSH.service } })
      expect(endpoints[2]?.service?.tls).not.toBeNull()
      expect(endpoints[5]?.service).toMatchObject({ name: 'postgresql', method: 'table' })
    }
  })
  test('a file that was cut off gives what is there, and says that it is not complete', async () => {
    const text = write(createNmapXmlWriter())
    const events = await collect(readNmapXml(inPieces(text.slice(0, text.indexOf('</host>') + 9), 100)))
    expect(events.filter((event) => event.kind === 'endpoint')).toHaveLength(5)
    expect(events.at(-1)).toEqual({ kind: 'end', finishedAt: null, complete: false })
  })
})

const host = (inside: string) =>
  `<nmaprun scanner="nmap"><host><address addr="192.0.2.9" addrtype="ipv4"/>${inside}</host></nmaprun>`
const kinds = async (text: string) =>
  (await collect(readNmapXml(inPieces(text, 50)))).map((event) =>
    event.kind === 'skipped' ? event.problem : event.kind === 'endpoint' ? String(event.endpoint.port) : event.kind,
  )

test('what Portolan does not keep is skipped and named', async () => {
  const port = (id: string, state: string, protocol = 'tcp') =>
    `<port protocol="${protocol}" portid="${id}"><state state="${state}"/></port>`
  const ports = port('22', 'open') + port('23', 'unfiltered') + port('70000', 'open') + port('9', 'open', 'sctp')
  expect(await kinds(host(`<ports>${ports}</ports>`))).toEqual([
    'run',
    'host',
    '22',
    'the state "unfiltered" is not one Portolan keeps',
    'the port is not valid',
    'the transport is neither tcp nor udp',
    'end',
  ])
})

test.each([
  ['<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><nmaprun>&b;</nmaprun>', 'internal subset'],
  [`<nmaprun>${'<a>'.repeat(100)}`, 'nested deeper'],
  [`<nmaprun ${Array.from({ length: 100 }, (_, i) => `a${i}="1"`).join(' ')}>`, 'more than 64 attributes'],
  [`<nmaprun a="${'x'.repeat(1_100_000)}"/>`, 'longer than'],
  ['<nmaprun></host>', 'closes nothing'],
  ['<nmaprun <host>', 'not closed'],
  ['{"ip":1}', 'outside of any element'],
  ['<1a/>', 'no name'],
])('hostile XML ends the reading: %.40s', async (text, problem) => {
  const said = await kinds(text)
  expect(said.at(-1)).toBe('end')
  expect(said.join()).toContain(problem)
})

test('entities are not expanded beyond the five of the standard', async () => {
  const service = '<service name="a&amp;b&lol;&#x41;&#xd800;" method="probed" conf="10"/>'
  const text = host(`<ports><port protocol="tcp" portid="1"><state state="open"/>${service}</port></ports>`)
  const events = await collect(readNmapXml(inPieces(text, 3)))
  expect(events.flatMap((e) => (e.kind === 'endpoint' ? [e.endpoint.service?.name] : []))).toEqual(['a&b&lol;A\ufffd'])
})

test('no bytes make the reader throw or hang', async () => {
  const markup = fc.constantFrom(
    '<',
    '>',
    '/',
    '"',
    "'",
    '&',
    ';',
    '=',
    ' ',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '<host>',
    '</host>',
    '<port ',
    'a',
    '\n',
    '\0',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(markup, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), async (parts, size) => {
      expect((await collect(readNmapXml(inPieces(`<nmaprun>${parts.join('')}`, size)))).at(-1)?.kind).toBe('end')
    }),
    { numRuns: 300 },
  )
})

test('CPE names keep their meaning in both spellings', () => {
  expect(cpeUri('cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*')).toBe('cpe:/a:openbsd:openssh:9.2:p1')
  expect(cpeUri('cpe:2.3:a:igor_sysoev:nginx\\:x:1.0\\+b:*:*:*:*:*:*:*')).toBe('cpe:/a:igor_sysoev:nginx%3ax:1.0%2bb')
  expect(cpeUri('cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*')).toBe('cpe:/o:linux:linux_kernel')
  for (const name of ['cpe:2.3:a:igor_sysoev:nginx\\:x:1.0\\+b:*:*:*:*:*:*:*', 'cpe:2.3:h:*:x:*:*:*:*:*:*:*:*'])
    expect(cpeFromUri(cpeUri(name))).toBe(name)
})
