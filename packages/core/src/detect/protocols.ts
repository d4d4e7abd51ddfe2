/**
 * Every protocol module, sorted by name: the registry. To add one: its file, its fixtures, and one line in each half
 * of this list. The order in which unknown ports are asked is in `order.data.ts`.
 */
import type { Protocol } from './protocol.ts'
import { adb } from './protocols/adb.ts'
import { afp } from './protocols/afp.ts'
import { ajp13 } from './protocols/ajp13.ts'
import { amqp } from './protocols/amqp.ts'
import { amqp1 } from './protocols/amqp1.ts'
import { apcupsd } from './protocols/apcupsd.ts'
import { asteriskManager } from './protocols/asterisk-manager.ts'
import { bacnet } from './protocols/bacnet.ts'
import { bacula } from './protocols/bacula.ts'
import { beanstalkd } from './protocols/beanstalkd.ts'
import { bgp } from './protocols/bgp.ts'
import { bolt } from './protocols/bolt.ts'
import { cassandra } from './protocols/cassandra.ts'
import { ceph } from './protocols/ceph.ts'
import { chargen } from './protocols/chargen.ts'
import { chargenUdp } from './protocols/chargen-udp.ts'
import { checkMk } from './protocols/check-mk.ts'
import { chrony } from './protocols/chrony.ts'
import { clamd } from './protocols/clamd.ts'
import { cldap } from './protocols/cldap.ts'
import { clickhouse } from './protocols/clickhouse.ts'
import { coap } from './protocols/coap.ts'
import { cvsPserver } from './protocols/cvs-pserver.ts'
import { daytime } from './protocols/daytime.ts'
import { daytimeUdp } from './protocols/daytime-udp.ts'
import { deluge } from './protocols/deluge.ts'
import { dhcp } from './protocols/dhcp.ts'
import { dict } from './protocols/dict.ts'
import { distcc } from './protocols/distcc.ts'
import { dnp3 } from './protocols/dnp3.ts'
import { dns } from './protocols/dns.ts'
import { dnsUdp } from './protocols/dns-udp.ts'
import { drda } from './protocols/drda.ts'
import { echo } from './protocols/echo.ts'
import { echoUdp } from './protocols/echo-udp.ts'
import { epmd } from './protocols/epmd.ts'
import { ethernetIp } from './protocols/ethernet-ip.ts'
import { ethernetIpUdp } from './protocols/ethernet-ip-udp.ts'
import { fastcgi } from './protocols/fastcgi.ts'
import { finger } from './protocols/finger.ts'
import { firebird } from './protocols/firebird.ts'
import { fox } from './protocols/fox.ts'
import { freeciv } from './protocols/freeciv.ts'
import { freeswitch } from './protocols/freeswitch.ts'
import { ftp } from './protocols/ftp.ts'
import { ganglia } from './protocols/ganglia.ts'
import { gearman } from './protocols/gearman.ts'
import { gemini } from './protocols/gemini.ts'
import { git } from './protocols/git.ts'
import { gopher } from './protocols/gopher.ts'
import { gpsd } from './protocols/gpsd.ts'
import { h323 } from './protocols/h323.ts'
import { http } from './protocols/http.ts'
import { iax2 } from './protocols/iax2.ts'
import { ident } from './protocols/ident.ts'
import { ike } from './protocols/ike.ts'
import { imap } from './protocols/imap.ts'
import { ipmi } from './protocols/ipmi.ts'
import { irc } from './protocols/irc.ts'
import { iscsi } from './protocols/iscsi.ts'
import { javaRmi } from './protocols/java-rmi.ts'
import { jdwp } from './protocols/jdwp.ts'
import { kafka } from './protocols/kafka.ts'
import { kerberos } from './protocols/kerberos.ts'
import { kerberosUdp } from './protocols/kerberos-udp.ts'
import { knxnetIp } from './protocols/knxnet-ip.ts'
import { l2tp } from './protocols/l2tp.ts'
import { lcdproc } from './protocols/lcdproc.ts'
import { ldap } from './protocols/ldap.ts'
import { llmnr } from './protocols/llmnr.ts'
import { lmtp } from './protocols/lmtp.ts'
import { lpd } from './protocols/lpd.ts'
import { managesieve } from './protocols/managesieve.ts'
import { mdns } from './protocols/mdns.ts'
import { memcached } from './protocols/memcached.ts'
import { memcachedUdp } from './protocols/memcached-udp.ts'
import { mikrotikApi } from './protocols/mikrotik-api.ts'
import { milter } from './protocols/milter.ts'
import { minecraft } from './protocols/minecraft.ts'
import { minecraftBedrock } from './protocols/minecraft-bedrock.ts'
import { modbus } from './protocols/modbus.ts'
import { mongodb } from './protocols/mongodb.ts'
import { mpd } from './protocols/mpd.ts'
import { mqtt } from './protocols/mqtt.ts'
import { msrpc } from './protocols/msrpc.ts'
import { mssql } from './protocols/mssql.ts'
import { mssqlBrowser } from './protocols/mssql-browser.ts'
import { mumble } from './protocols/mumble.ts'
import { mumbleUdp } from './protocols/mumble-udp.ts'
import { munin } from './protocols/munin.ts'
import { mysql } from './protocols/mysql.ts'
import { mysqlx } from './protocols/mysqlx.ts'
import { natPmp } from './protocols/nat-pmp.ts'
import { nats } from './protocols/nats.ts'
import { nbd } from './protocols/nbd.ts'
import { ndmp } from './protocols/ndmp.ts'
import { netbiosNs } from './protocols/netbios-ns.ts'
import { nntp } from './protocols/nntp.ts'
import { nrpe } from './protocols/nrpe.ts'
import { ntp } from './protocols/ntp.ts'
import { nut } from './protocols/nut.ts'
import { oncRpc } from './protocols/onc-rpc.ts'
import { oncRpcUdp } from './protocols/onc-rpc-udp.ts'
import { opcUa } from './protocols/opc-ua.ts'
import { openvpn } from './protocols/openvpn.ts'
import { openvpnUdp } from './protocols/openvpn-udp.ts'
import { openwire } from './protocols/openwire.ts'
import { oracleTns } from './protocols/oracle-tns.ts'
import { pop3 } from './protocols/pop3.ts'
import { postgresql } from './protocols/postgresql.ts'
import { pptp } from './protocols/pptp.ts'
import { pulsar } from './protocols/pulsar.ts'
import { quake3 } from './protocols/quake3.ts'
import { quassel } from './protocols/quassel.ts'
import { radius } from './protocols/radius.ts'
import { rdp } from './protocols/rdp.ts'
import { redis } from './protocols/redis.ts'
import { relp } from './protocols/relp.ts'
import { rpcbind } from './protocols/rpcbind.ts'
import { rpcbindUdp } from './protocols/rpcbind-udp.ts'
import { rserve } from './protocols/rserve.ts'
import { rsync } from './protocols/rsync.ts'
import { rtmp } from './protocols/rtmp.ts'
import { rtsp } from './protocols/rtsp.ts'
import { s7comm } from './protocols/s7comm.ts'
import { saned } from './protocols/saned.ts'
import { sip } from './protocols/sip.ts'
import { sipUdp } from './protocols/sip-udp.ts'
import { slp } from './protocols/slp.ts'
import { smb } from './protocols/smb.ts'
import { smtp } from './protocols/smtp.ts'
import { snapcast } from './protocols/snapcast.ts'
import { snmp } from './protocols/snmp.ts'
import { socks5 } from './protocols/socks5.ts'
import { sourceEngine } from './protocols/source-engine.ts'
import { spamd } from './protocols/spamd.ts'
import { spice } from './protocols/spice.ts'
import { ssdp } from './protocols/ssdp.ts'
import { ssh } from './protocols/ssh.ts'
import { stomp } from './protocols/stomp.ts'
import { stun } from './protocols/stun.ts'
import { stunTcp } from './protocols/stun-tcp.ts'
import { svn } from './protocols/svn.ts'
import { tacacs } from './protocols/tacacs.ts'
import { tarantool } from './protocols/tarantool.ts'
import { teamspeak } from './protocols/teamspeak.ts'
import { teeworlds } from './protocols/teeworlds.ts'
import { telnet } from './protocols/telnet.ts'
import { tftp } from './protocols/tftp.ts'
import { time } from './protocols/time.ts'
import { timeUdp } from './protocols/time-udp.ts'
import { tinc } from './protocols/tinc.ts'
import { torControl } from './protocols/tor-control.ts'
import { varnishCli } from './protocols/varnish-cli.ts'
import { vnc } from './protocols/vnc.ts'
import { winbox } from './protocols/winbox.ts'
import { wsDiscovery } from './protocols/ws-discovery.ts'
import { x11 } from './protocols/x11.ts'
import { xdmcp } from './protocols/xdmcp.ts'
import { xmpp } from './protocols/xmpp.ts'
import { zabbixAgent } from './protocols/zabbix-agent.ts'
import { zmtp } from './protocols/zmtp.ts'
import { zookeeper } from './protocols/zookeeper.ts'

export const PROTOCOLS: readonly Protocol[] = [
  adb,
  afp,
  ajp13,
  amqp,
  amqp1,
  apcupsd,
  asteriskManager,
  bacnet,
  bacula,
  beanstalkd,
  bgp,
  bolt,
  cassandra,
  ceph,
  chargen,
  chargenUdp,
  checkMk,
  chrony,
  clamd,
  cldap,
  clickhouse,
  coap,
  cvsPserver,
  daytime,
  daytimeUdp,
  deluge,
  dhcp,
  dict,
  distcc,
  dnp3,
  dns,
  dnsUdp,
  drda,
  echo,
  echoUdp,
  epmd,
  ethernetIp,
  ethernetIpUdp,
  fastcgi,
  finger,
  firebird,
  fox,
  freeciv,
  freeswitch,
  ftp,
  ganglia,
  gearman,
  gemini,
  git,
  gopher,
  gpsd,
  h323,
  http,
  iax2,
  ident,
  ike,
  imap,
  ipmi,
  irc,
  iscsi,
  javaRmi,
  jdwp,
  kafka,
  kerberos,
  kerberosUdp,
  knxnetIp,
  l2tp,
  lcdproc,
  ldap,
  llmnr,
  lmtp,
  lpd,
  managesieve,
  mdns,
  memcached,
  memcachedUdp,
  mikrotikApi,
  milter,
  minecraft,
  minecraftBedrock,
  modbus,
  mongodb,
  mpd,
  mqtt,
  msrpc,
  mssql,
  mssqlBrowser,
  mumble,
  mumbleUdp,
  munin,
  mysql,
  mysqlx,
  natPmp,
  nats,
  nbd,
  ndmp,
  netbiosNs,
  nntp,
  nrpe,
  ntp,
  nut,
  oncRpc,
  oncRpcUdp,
  opcUa,
  openvpn,
  openvpnUdp,
  openwire,
  oracleTns,
  pop3,
  postgresql,
  pptp,
  pulsar,
  quake3,
  quassel,
  radius,
  rdp,
  redis,
  relp,
  rpcbind,
  rpcbindUdp,
  rserve,
  rsync,
  rtmp,
  rtsp,
  s7comm,
  saned,
  sip,
  sipUdp,
  slp,
  smb,
  smtp,
  snapcast,
  snmp,
  socks5,
  sourceEngine,
  spamd,
  spice,
  ssdp,
  ssh,
  stomp,
  stun,
  stunTcp,
  svn,
  tacacs,
  tarantool,
  teamspeak,
  teeworlds,
  telnet,
  tftp,
  time,
  timeUdp,
  tinc,
  torControl,
  varnishCli,
  vnc,
  winbox,
  wsDiscovery,
  x11,
  xdmcp,
  xmpp,
  zabbixAgent,
  zmtp,
  zookeeper,
]
