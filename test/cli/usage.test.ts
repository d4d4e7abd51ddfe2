/** What somebody sees who types something wrong, or nothing: one line that says what to type instead. */
import { describe, expect, test } from 'vitest'
import { runPortolan } from '#test/support/run-portolan.ts'

describe('help is where it is looked for', () => {
  test.each([[], ['help'], ['--help'], ['-h']])('portolan %s', async (...args: string[]) => {
    const { code, stdout, stderr } = await runPortolan(args)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Usage: portolan COMMAND \[options\]/)
  })
  test('portolan help scan, and scan --help', async () => {
    const [asked, told] = await Promise.all([runPortolan(['help', 'scan']), runPortolan(['scan', '--help'])])
    expect(asked).toEqual(told)
    expect(asked).toMatchObject({ code: 0, stdout: /^Usage: portolan scan \[options\] \[target\.\.\.\]/ })
  })
  test.each([['version'], ['--version'], ['-V']])('portolan %s', async (word) => {
    expect(await runPortolan([word])).toMatchObject({ code: 0, stdout: /^\d+\.\d+\.\d+\n$/ })
  })
  test.each([60, 80, 200])('in %i columns no line of words is wider', async (columns) => {
    const env = { COLUMNS: `${columns}` }
    for (const args of [['--help'], ['scan', '--help'], ['policy', '--help']]) {
      const { stdout } = await runPortolan(args, { env })
      const [words = ''] = stdout.split('\nExamples:')
      for (const line of words.split('\n').filter((text) => !text.startsWith('Usage:')))
        expect(line.length, line).toBeLessThanOrEqual(Math.min(columns, 100))
    }
  })
})

test.each([
  ['scna 127.0.0.1', "unknown command 'scna'; did you mean scan?"],
  ['help scna', "unknown command 'scna'; did you mean scan?"],
  ['frobnicate', "unknown command 'frobnicate'; portolan --help lists them"],
  ['127.0.0.1', 'to scan it: portolan scan 127.0.0.1'],
  ['-sS 127.0.0.1', 'options come after a command, such as portolan scan 127.0.0.1 -p 22'],
  ['--verison', 'did you mean --version?'],
  ['scan --prots 22 127.0.0.1', "unknown option '--prots'; did you mean --ports?"],
  ['scan --frobnicate', 'portolan scan --help lists what there is'],
  ['scan --format jsn 127.0.0.1', 'Did you mean json?'],
  ['scan -p sssh 127.0.0.1', 'or ssh if that was meant'],
  ['scan 127.0.0.1 22', '22 stands among the targets; ports are written -p 22'],
  ['scan 127.0.0.1 22,80-90', 'ports are written -p 22,80-90'],
  ['scan -p 127.0.0.1', 'write -p PORTS 127.0.0.1'],
  ['scan', 'name what to scan'],
  ['scan 127.0.0.1 -p 1 -o found.jsn', 'no format ends in .jsn; write found.json, or ndjson:found.jsn'],
  ['scan 127.0.0.1 -p 1 -o jsn:found', 'jsn is no format; write json:found'],
  ['scan --resume nothing-there', 'nothing-there is not there to go on with; name what to scan'],
  ['explain 22/sctp', '22/sctp: a port is written before its transport, which is tcp or udp; write 22/tcp or 22/udp'],
  ['explain tcp/22', 'write 22/tcp'],
  ['login 127.0.0.1:7070', 'is not the URL of a service; write http://127.0.0.1:7070 or https://127.0.0.1:7070'],
  ['scan -T9 127.0.0.1', '-T takes 0 to 5'],
  ['check 127.0.0.1', 'name the port, too: portolan check 127.0.0.1 443'],
  ['diff one', 'usage: portolan diff [options] <before> <after>\n  such as: portolan diff monday.xml tuesday.xml'],
  ['completion', 'such as: portolan completion bash'],
  ['findings resolv', 'did you mean resolve?'],
  ['up --prot 1', 'portolan up --help lists what there is'],
])('portolan %s ends with 2 and says: %s', async (line, said) => {
  const { code, stdout, stderr } = await runPortolan(line.split(' '))
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)])
  expect(stderr).toMatch(/^portolan: /)
})

test.each([['127.0.0.1:1'], ['[::1]:1'], ['http://127.0.0.1:1/path']])(
  'check %s: as it stands in an address bar',
  async (place) => {
    const { stdout } = await runPortolan(['check', place, '--format', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({ port: 1, results: [{ reason: 'conn-refused' }] })
  },
)
