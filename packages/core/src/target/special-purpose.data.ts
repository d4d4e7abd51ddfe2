/**
 * Address ranges with a special purpose, as data. Sources: the IANA IPv4 and IPv6 Special-Purpose Address Registries
 * (RFC 6890, RFC 8190), the multicast ranges of RFC 5771 and RFC 4291, the fixed addresses at which cloud providers
 * document their metadata services, and two prefixes that were given up and still carry an IPv4 address in old stacks.
 *
 * Left out on purpose: the IPv4-mapped, NAT64 and 6to4 prefixes. They are not places but ways to write an IPv4
 * address, and the guard judges the address inside (see IPV4_WRAPPERS).
 */

/** Registrations up to this day are in the list (the last is that of RFC 9780). */
export const SPECIAL_PURPOSE_DATE = '2025-05-31'

export type SpecialPurpose = { readonly cidr: string; readonly name: string; readonly source: string }

export const SPECIAL_PURPOSE: readonly SpecialPurpose[] = [
  { cidr: '0.0.0.0/8', name: 'this network', source: 'RFC 791' },
  { cidr: '0.0.0.0/32', name: 'this host on this network', source: 'RFC 1122' },
  { cidr: '10.0.0.0/8', name: 'private use', source: 'RFC 1918' },
  { cidr: '100.64.0.0/10', name: 'shared address space', source: 'RFC 6598' },
  { cidr: '127.0.0.0/8', name: 'loopback', source: 'RFC 1122' },
  { cidr: '169.254.0.0/16', name: 'link local', source: 'RFC 3927' },
  { cidr: '172.16.0.0/12', name: 'private use', source: 'RFC 1918' },
  { cidr: '192.0.0.0/24', name: 'IETF protocol assignments', source: 'RFC 6890' },
  { cidr: '192.0.0.0/29', name: 'IPv4 service continuity prefix', source: 'RFC 7335' },
  { cidr: '192.0.0.8/32', name: 'IPv4 dummy address', source: 'RFC 7600' },
  { cidr: '192.0.0.9/32', name: 'port control protocol anycast', source: 'RFC 7723' },
  { cidr: '192.0.0.10/32', name: 'TURN anycast', source: 'RFC 8155' },
  { cidr: '192.0.0.170/31', name: 'NAT64/DNS64 discovery', source: 'RFC 8880' },
  { cidr: '192.0.2.0/24', name: 'documentation (TEST-NET-1)', source: 'RFC 5737' },
  { cidr: '192.31.196.0/24', name: 'AS112-v4', source: 'RFC 7535' },
  { cidr: '192.52.193.0/24', name: 'AMT', source: 'RFC 7450' },
  { cidr: '192.88.99.0/24', name: 'deprecated 6to4 relay anycast', source: 'RFC 7526' },
  { cidr: '192.88.99.2/32', name: '6a44 relay anycast', source: 'RFC 6751' },
  { cidr: '192.168.0.0/16', name: 'private use', source: 'RFC 1918' },
  { cidr: '192.175.48.0/24', name: 'direct delegation AS112 service', source: 'RFC 7534' },
  { cidr: '198.18.0.0/15', name: 'benchmarking', source: 'RFC 2544' },
  { cidr: '198.51.100.0/24', name: 'documentation (TEST-NET-2)', source: 'RFC 5737' },
  { cidr: '203.0.113.0/24', name: 'documentation (TEST-NET-3)', source: 'RFC 5737' },
  { cidr: '224.0.0.0/4', name: 'multicast', source: 'RFC 5771' },
  { cidr: '240.0.0.0/4', name: 'reserved', source: 'RFC 1112' },
  { cidr: '255.255.255.255/32', name: 'limited broadcast', source: 'RFC 8190' },
  { cidr: '169.254.169.254/32', name: 'cloud metadata service', source: 'AWS, Azure, Google Cloud, OpenStack' },
  { cidr: '169.254.170.2/32', name: 'cloud metadata service', source: 'AWS ECS task credentials' },
  { cidr: '169.254.170.23/32', name: 'cloud metadata service', source: 'AWS EKS pod identity' },
  { cidr: '100.100.100.200/32', name: 'cloud metadata service', source: 'Alibaba Cloud' },
  { cidr: '168.63.129.16/32', name: 'cloud platform service', source: 'Azure' },
  { cidr: '::/128', name: 'unspecified address', source: 'RFC 4291' },
  { cidr: '::1/128', name: 'loopback', source: 'RFC 4291' },
  { cidr: '::/96', name: 'deprecated IPv4-compatible IPv6', source: 'RFC 4291' },
  { cidr: '::ffff:0:0:0/96', name: 'deprecated IPv4-translated IPv6', source: 'RFC 2765' },
  { cidr: '64:ff9b:1::/48', name: 'local-use NAT64', source: 'RFC 8215' },
  { cidr: '100::/64', name: 'discard only', source: 'RFC 6666' },
  { cidr: '100:0:0:1::/64', name: 'dummy prefix', source: 'RFC 9780' },
  { cidr: '2001::/23', name: 'IETF protocol assignments', source: 'RFC 2928' },
  { cidr: '2001::/32', name: 'Teredo', source: 'RFC 4380' },
  { cidr: '2001:1::1/128', name: 'port control protocol anycast', source: 'RFC 7723' },
  { cidr: '2001:1::2/128', name: 'TURN anycast', source: 'RFC 8155' },
  { cidr: '2001:1::3/128', name: 'DNS-SD service registration anycast', source: 'RFC 9665' },
  { cidr: '2001:2::/48', name: 'benchmarking', source: 'RFC 5180' },
  { cidr: '2001:3::/32', name: 'AMT', source: 'RFC 7450' },
  { cidr: '2001:4:112::/48', name: 'AS112-v6', source: 'RFC 7535' },
  { cidr: '2001:10::/28', name: 'deprecated ORCHID', source: 'RFC 4843' },
  { cidr: '2001:20::/28', name: 'ORCHIDv2', source: 'RFC 7343' },
  { cidr: '2001:30::/28', name: 'drone remote ID', source: 'RFC 9374' },
  { cidr: '2001:db8::/32', name: 'documentation', source: 'RFC 3849' },
  { cidr: '2620:4f:8000::/48', name: 'direct delegation AS112 service', source: 'RFC 7534' },
  { cidr: '3fff::/20', name: 'documentation', source: 'RFC 9637' },
  { cidr: '5f00::/16', name: 'segment routing (SRv6) SIDs', source: 'RFC 9602' },
  { cidr: 'fc00::/7', name: 'unique local', source: 'RFC 4193' },
  { cidr: 'fe80::/10', name: 'link local', source: 'RFC 4291' },
  { cidr: 'fec0::/10', name: 'deprecated site local', source: 'RFC 3879' },
  { cidr: 'ff00::/8', name: 'multicast', source: 'RFC 4291' },
  { cidr: 'fd00:ec2::254/128', name: 'cloud metadata service', source: 'AWS' },
  { cidr: 'fd00:ec2::23/128', name: 'cloud metadata service', source: 'AWS EKS pod identity' },
  { cidr: 'fd20:ce::254/128', name: 'cloud metadata service', source: 'Google Cloud' },
]
