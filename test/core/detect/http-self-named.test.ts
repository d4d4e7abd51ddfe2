/** Forms in which software names itself whoever made it: a page, a cookie or a header of a product nobody wrote a fingerprint for. */
import { expect, test } from 'vitest'
import { identify } from '#core/detect/identify.ts'

const answer = (headers: string, body = '') => {
  const data = new Uint8Array(Buffer.from(`HTTP/1.1 200 OK\r\n${headers}Content-Type: text/html\r\n\r\n${body}`))
  const found = identify({ transport: 'tcp', data })
  return [found?.product ?? null, found?.version ?? null]
}

test.each([
  ['<meta name="generator" content="Zorquib 3.1.4" />', ['Zorquib', '3.1.4']],
  ["<META NAME='GENERATOR' CONTENT='Zorquib v3.1'>", ['Zorquib', '3.1']],
  ['<meta content="Zorquib CMS (aka ZCMS), see zorquib.org" name="generator">', ['Zorquib CMS', null]],
  ['<meta name="generator" content="Zorquib Copyright (c) 2005 by Somebody">', ['Zorquib', null]],
  ['<meta name="generator" content="Microsoft FrontPage 4.0">', [null, null]],
  ['<meta name="generator" content="LibreOffice 7.2">', [null, null]],
])('%s', (meta, told) => {
  expect(answer('', `<html><head>${meta}<title>Start</title></head></html>`)).toEqual(told)
})

test.each([
  ['_mastodon_session=abc; path=/', 'Mastodon'],
  ['snipeit_session=abc', 'Snipe-IT'],
  ['glpi_8ac3914e6055f1dc4d1023c9bbf5ce82=abc', 'GLPI'],
  ['mybb[lastvisit]=1', 'MyBB'],
  ['_acmeshop_session=abc', null],
  ['session=abc', null],
])('Set-Cookie: %s', (cookie, product) => {
  expect(answer(`Set-Cookie: ${cookie}\r\n`)).toEqual([product, null])
})

test.each([
  ['X-Rocket-Chat-Version: 3.18.2', ['Rocket.Chat', '3.18.2']],
  ['X-Discourse-Route: list/latest', ['Discourse', null]],
  ['X-Acme-Version: 1.2', [null, null]],
  ['X-Powered-By: Zorquib/1.2.3', ['Zorquib', '1.2.3']],
  ['X-Generator: Zorquib', ['Zorquib', null]],
  ['X-Powered-By: coffee and love', [null, null]],
  ['X-Powered-By: Zorquib CMS', ['Zorquib CMS', null]],
  ['Server: nginx/1.2\r\nX-Powered-By: Zorquib/3.4', ['nginx', '1.2']],
])('%s', (header, told) => {
  expect(answer(`${header}\r\n`)).toEqual(told)
})
