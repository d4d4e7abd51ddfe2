import { expect, test } from 'vitest'
import { describeDevice } from '#core/detect/describe-device.ts'

test.each([
  ['Welcome to NETGEAR DGN2200 - Login', 'NETGEAR DGN2200', null, 'NETGEAR', 'router'],
  ['TD-W8960N', 'TD-W8960N', null, null, null],
  ['Linksys WAP54G', 'Linksys WAP54G', null, 'Linksys', 'router'],
  ['HP LaserJet 4250 (10.0.0.17)', 'HP LaserJet 4250', null, 'HP', 'printer'],
  ['DSL-2640B', 'DSL-2640B', null, 'D-Link', 'router'],
  ['pfSense.localdomain - Login', 'pfSense.localdomain', null, 'Netgate', 'firewall'],
  ['VMware ESXi 5.5.0', 'VMware ESXi', '5.5.0', 'VMware', null],
  ['Brother HL-5270DN series', 'Brother HL-5270DN series', null, 'Brother', 'printer'],
])('%s', (text, product, version, vendor, device) => {
  const known = describeDevice(text)
  expect([known?.product, known?.version ?? null, known?.vendor ?? null, known?.device ?? null]).toEqual([
    product,
    version,
    vendor,
    device,
  ])
})

test.each(['Index of /', '404 Not Found', 'Hello', 'Login', 'Welcome', '', 'My Blog', 'HTTP 404', 'Error 500'])(
  'no product in: %s',
  (text) => expect(describeDevice(text)).toBeNull(),
)
