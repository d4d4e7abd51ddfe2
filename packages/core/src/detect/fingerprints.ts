/** Every table of fingerprints under the name of the text it is about. A test replays all their examples. */
import type { Fingerprint } from './fingerprint.ts'
import { DNS_VERSIONS } from './fingerprints/dns-versions.data.ts'
import { FAVICONS } from './fingerprints/favicons.data.ts'
import { FTP_FINGERPRINTS } from './fingerprints/ftp.data.ts'
import { FTP_REPLIES } from './fingerprints/ftp-replies.data.ts'
import { HTTP_AUTH_FINGERPRINTS } from './fingerprints/http-auth.data.ts'
import { HTTP_BODY_FINGERPRINTS } from './fingerprints/http-body.data.ts'
import { HTTP_COOKIE_FINGERPRINTS } from './fingerprints/http-cookie.data.ts'
import { HTTP_HEADER_FINGERPRINTS } from './fingerprints/http-header.data.ts'
import { HTTP_SERVER_FINGERPRINTS } from './fingerprints/http-server.data.ts'
import { HTTP_TITLE_FINGERPRINTS } from './fingerprints/http-title.data.ts'
import { MAIL_SERVER_FINGERPRINTS, POP3_GREETINGS } from './fingerprints/mail-servers.data.ts'
import { MDNS_DEVICES } from './fingerprints/mdns-devices.data.ts'
import { MYSQL_VERSIONS } from './fingerprints/mysql-versions.data.ts'
import { NNTP_SERVERS } from './fingerprints/nntp-servers.data.ts'
import { NTP_SYSTEMS, NTP_VERSIONS } from './fingerprints/ntp-variables.data.ts'
import { PRODUCT_NAMES } from './fingerprints/product-names.data.ts'
import { RTSP_SERVERS } from './fingerprints/rtsp-servers.data.ts'
import { SIP_SOFTWARE } from './fingerprints/sip-software.data.ts'
import { SMTP_REPLIES } from './fingerprints/smtp-replies.data.ts'
import { SNMP_DESCRIPTIONS, SNMP_KERNELS } from './fingerprints/snmp-descriptions.data.ts'
import { SNMP_OBJECT_IDS } from './fingerprints/snmp-object-ids.data.ts'
import { SSH_FINGERPRINTS } from './fingerprints/ssh.data.ts'
import { TELNET_BANNERS, TELNET_CONSOLES } from './fingerprints/telnet-banners.data.ts'
import { UPNP_SERVERS } from './fingerprints/upnp-servers.data.ts'
import { X509_SUBJECTS } from './fingerprints/x509-subjects.data.ts'

export const FINGERPRINTS: Readonly<Record<string, readonly Fingerprint[]>> = {
  'rtsp Server': RTSP_SERVERS,
  'sip Server and User-Agent': SIP_SOFTWARE,
  'http-server': HTTP_SERVER_FINGERPRINTS,
  'http-title': HTTP_TITLE_FINGERPRINTS,
  'product name': PRODUCT_NAMES,
  'http-cookie': HTTP_COOKIE_FINGERPRINTS,
  'http-header': HTTP_HEADER_FINGERPRINTS,
  'http-auth': HTTP_AUTH_FINGERPRINTS,
  'http-body': HTTP_BODY_FINGERPRINTS,
  'mail greeting': MAIL_SERVER_FINGERPRINTS,
  'pop3 greeting': POP3_GREETINGS,
  'smtp reply': SMTP_REPLIES,
  'ftp greeting': FTP_FINGERPRINTS,
  'ftp reply': FTP_REPLIES,
  ssh: SSH_FINGERPRINTS,
  'telnet banner': TELNET_BANNERS,
  'telnet console': TELNET_CONSOLES,
  'mysql version': MYSQL_VERSIONS,
  'x509 subject': X509_SUBJECTS,
  'favicon sha256': FAVICONS,
  'nntp greeting': NNTP_SERVERS,
  'dns version.bind': DNS_VERSIONS,
  'ntp version': NTP_VERSIONS,
  'ntp system': NTP_SYSTEMS,
  'mdns TXT': MDNS_DEVICES,
  'upnp SERVER': UPNP_SERVERS,
  'snmp sysDescr': SNMP_DESCRIPTIONS,
  'snmp sysDescr of systems': SNMP_KERNELS,
  'snmp sysObjectID': SNMP_OBJECT_IDS,
}
