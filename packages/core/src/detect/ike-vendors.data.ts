/**
 * IKE vendor ids, in hexadecimal, of implementations that name themselves: most are the MD5 of a documented text, some
 * the text itself. Ids of features that everybody has (dead peer detection, NAT traversal) name nobody.
 */
export interface IkeVendor {
  readonly id: string
  readonly product: string
  readonly vendor: string
  readonly cpe: readonly ['a' | 'o', string, string] | null
  readonly os?: string
}

export const IKE_VENDORS: readonly IkeVendor[] = [
  // MD5 "strongSwan"
  {
    id: '882fe56d6fd20dbc2251613b2ebe5beb',
    product: 'strongSwan',
    vendor: 'strongSwan',
    cpe: ['a', 'strongswan', 'strongswan'],
  },
  // MD5 "MS NT5 ISAKMPOAKLEY", then a version
  {
    id: '1e2b516905991c7d7c96fcbfb587e461',
    product: 'Microsoft Windows IKE',
    vendor: 'Microsoft',
    cpe: null,
    os: 'Windows',
  },
  // MD5 "MS-Negotiation Discovery Capable"
  {
    id: 'fb1de3cdf341b7ea16b7e5be0855f120',
    product: 'Microsoft Windows IKE',
    vendor: 'Microsoft',
    cpe: null,
    os: 'Windows',
  },
  // "CISCO-DELETE-REASON", "FLEXVPN-SUPPORTED": texts of IOS and IOS XE
  {
    id: '434953434f2d44454c4554452d524541534f4e',
    product: 'Cisco IKE',
    vendor: 'Cisco',
    cpe: ['o', 'cisco', 'ios'],
    os: 'IOS',
  },
  {
    id: '464c455856504e2d535550504f52544544',
    product: 'Cisco IKE',
    vendor: 'Cisco',
    cpe: ['o', 'cisco', 'ios'],
    os: 'IOS',
  },
  { id: '434953434f', product: 'Cisco IKE', vendor: 'Cisco', cpe: null },
  // MD5 "CISCO-UNITY-1.0" as written on the wire (the last bytes carry a version)
  { id: '12f5f28c457168a9702d9fe274cc', product: 'Cisco IKE', vendor: 'Cisco', cpe: null },
  // "OE" and ten letters made of the version: Openswan and its descendant
  { id: '4f45', product: 'Libreswan or Openswan', vendor: 'Libreswan', cpe: null },
  { id: '4f50454e', product: 'Openswan', vendor: 'Openswan', cpe: ['a', 'openswan', 'openswan'] },
  {
    id: 'f4ed19e0c114eb516faaac0ee37daf2807b4381f',
    product: 'Check Point VPN-1',
    vendor: 'Check Point',
    cpe: ['a', 'checkpoint', 'vpn-1'],
  },
  {
    id: '8299031757a36082c6a621de',
    product: 'Fortinet FortiGate',
    vendor: 'Fortinet',
    cpe: ['o', 'fortinet', 'fortios'],
    os: 'FortiOS',
  },
  {
    id: '404bf439522ca3f6',
    product: 'SonicWall',
    vendor: 'SonicWall',
    cpe: ['o', 'sonicwall', 'sonicos'],
    os: 'SonicOS',
  },
  // "HeartBeat_Notify8k\1\0"
  {
    id: '4865617274426561745f4e6f74696679',
    product: 'Juniper NetScreen',
    vendor: 'Juniper',
    cpe: ['o', 'juniper', 'screenos'],
    os: 'ScreenOS',
  },
  { id: '5a7958454c', product: 'ZyXEL', vendor: 'ZyXEL', cpe: null },
]
