/** Directories by what their root entry says of vendor and version (RFC 3045). */
import { expect, test } from 'vitest'
import { ldapSoftware } from '#core/detect/ldap-root.ts'

test.each([
  ['389 Project', '389-Directory/1.3.10.2 B2020.280.1430', '389 Directory Server', '1.3.10.2'],
  ['Samba Team (https://www.samba.org)', '4.17.12-Debian', 'Samba', '4.17.12'],
  ['Oracle Corporation', 'Oracle Unified Directory 11.1.2.3.0', 'Oracle Unified Directory', '11.1.2.3.0'],
  ['Siemens AG', 'DirX Directory V8.3', 'DirX Directory', '8.3'],
  ['Isode Limited', 'M-Vault R16.0v14', 'M-Vault', '16.0v14'],
  ['Lotus Development Corporation', 'Release 8.5.3', 'Lotus Domino', '8.5.3'],
  ['ForgeRock AS.', 'OpenDJ Server 3.0.0', 'OpenDJ', '3.0.0'],
  ['Zorquib Ltd', 'Zorquib Directory 1.2.3', 'Zorquib Directory', '1.2.3'],
])('%s, %s', (vendor, version, product, told) => {
  const root = new Map([
    ['vendorname', [vendor]],
    ['vendorversion', [version]],
  ])
  expect(ldapSoftware(root)).toMatchObject({ product, version: told })
})

test('Oracle writes its version elsewhere', () => {
  const root = new Map([
    ['vendorname', ['Oracle Corporation']],
    ['orcldirectoryversion', ['OID 11.1.1.9.0']],
  ])
  expect(ldapSoftware(root)).toMatchObject({ product: 'Oracle Internet Directory', version: '11.1.1.9.0' })
})
