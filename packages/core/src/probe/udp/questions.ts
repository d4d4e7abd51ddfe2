/** Every question the UDP engine knows: one line a file, sorted. */
import type { UdpQuestion } from '../udp-question.ts'
import { afs } from './afs.ts'
import { amanda } from './amanda.ts'
import { bittorrentDht, udpTracker } from './bittorrent.ts'
import { bacnet, knxnetIp } from './building-automation.ts'
import { capwap } from './capwap.ts'
import { chargen } from './chargen.ts'
import { chrony } from './chrony.ts'
import { cldap } from './cldap.ts'
import { coap } from './coap.ts'
import { daytime } from './daytime.ts'
import { dns } from './dns.ts'
import { dtls } from './dtls.ts'
import { doom3, gamespy, gamespyQuery, minetest, openttd, quake1, quake2, teeworlds, teeworlds06 } from './games.ts'
import { lantronix, lifx, ubiquiti } from './home-devices.ts'
import { ikeNatT, ikev1, ikev2 } from './ike.ts'
import { ethernetIp, gvcp, hartIp, omronFins } from './industrial.ts'
import { kerberos } from './kerberos.ts'
import { kpasswd } from './kpasswd.ts'
import { l2tp } from './l2tp.ts'
import { mdns } from './mdns.ts'
import { roughtime, stamp } from './measurement.ts'
import { jellyfin, plexGdm, srt } from './media.ts'
import { memberlist } from './memberlist.ts'
import { memcached } from './memcached.ts'
import { gtpC, gtpU, gtpV2, pfcp } from './mobile-core.ts'
import { mqttSn } from './mqtt-sn.ts'
import { mssqlBrowser } from './mssql-browser.ts'
import { mumble } from './mumble.ts'
import { netbiosNs } from './netbios-ns.ts'
import { ntp } from './ntp.ts'
import { openvpn } from './openvpn.ts'
import { n2n } from './overlay-networks.ts'
import { natPmp, pcp } from './port-mapping.ts'
import { quake3 } from './quake3.ts'
import { quic } from './quic.ts'
import { radius } from './radius.ts'
import { raknet } from './raknet.ts'
import { pcanywhere, rdpUdp } from './remote-desktop.ts'
import { rip, ripng } from './rip.ts'
import { asfRmcp, ipmi } from './rmcp.ts'
import { mountd, networker, nfs, nlockmgr, wdbrpc } from './rpc-programs.ts'
import { rpcbind } from './rpcbind.ts'
import { sip } from './sip.ts'
import { slp } from './slp.ts'
import { echo, qotd, systat } from './small-services.ts'
import { snmp } from './snmp.ts'
import { sourceEngine } from './source-engine.ts'
import { ssdp, yeelight } from './ssdp.ts'
import { stun } from './stun.ts'
import { iax2, mgcp } from './telephony.ts'
import { tftp } from './tftp.ts'
import { time } from './time.ts'
import { htcp, icp } from './web-caches.ts'
import { wsDiscovery } from './ws-discovery.ts'
import { xdmcp } from './xdmcp.ts'

export const UDP_QUESTIONS: readonly UdpQuestion[] = [
  afs,
  amanda,
  bittorrentDht,
  udpTracker,
  bacnet,
  knxnetIp,
  capwap,
  chargen,
  chrony,
  cldap,
  coap,
  daytime,
  dns,
  dtls,
  doom3,
  gamespy,
  gamespyQuery,
  minetest,
  openttd,
  quake1,
  quake2,
  teeworlds,
  teeworlds06,
  lantronix,
  lifx,
  ubiquiti,
  ikeNatT,
  ikev1,
  ikev2,
  ethernetIp,
  gvcp,
  hartIp,
  omronFins,
  kerberos,
  kpasswd,
  l2tp,
  mdns,
  roughtime,
  stamp,
  jellyfin,
  plexGdm,
  srt,
  memberlist,
  memcached,
  gtpC,
  gtpU,
  gtpV2,
  pfcp,
  mqttSn,
  mssqlBrowser,
  mumble,
  netbiosNs,
  ntp,
  openvpn,
  natPmp,
  n2n,
  pcp,
  quake3,
  quic,
  radius,
  raknet,
  pcanywhere,
  rdpUdp,
  rip,
  ripng,
  asfRmcp,
  ipmi,
  mountd,
  networker,
  nfs,
  nlockmgr,
  wdbrpc,
  rpcbind,
  sip,
  slp,
  echo,
  qotd,
  systat,
  snmp,
  sourceEngine,
  ssdp,
  yeelight,
  stun,
  iax2,
  mgcp,
  tftp,
  time,
  htcp,
  icp,
  wsDiscovery,
  xdmcp,
]

/** What is most often found on ports of its own choosing. */
export const COMMON_QUESTIONS: readonly UdpQuestion[] = [dns, snmp, sip, rpcbind, ntp]

/** The questions for each port, in the order they are asked: a port with several hears one with each try. */
export function questionsByPort(questions = UDP_QUESTIONS): ReadonlyMap<number, readonly UdpQuestion[]> {
  const byPort = new Map<number, UdpQuestion[]>()
  for (const question of questions)
    for (const port of question.ports) byPort.set(port, [...(byPort.get(port) ?? []), question])
  return byPort
}
