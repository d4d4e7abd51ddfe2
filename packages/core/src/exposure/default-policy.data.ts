/**
 * The policy a new installation starts with: what should not be reachable from where a scanner stands, each with the
 * reason in words. A rule matches by port and by service, so telnet on 2323 is found and ssh on 23 is not accused.
 */
import type { Severity } from './policy.ts'

export interface DefaultRule {
  readonly id: string
  /** Port spec; what is there counts unless it was identified as something else. */
  readonly ports: string
  /** Service names, wherever they run. */
  readonly services: readonly string[]
  /** Product names of what is a web server to look at, wherever they run. */
  readonly products?: readonly string[]
  /** Service names that are it on these ports, and something else elsewhere. */
  readonly atPorts?: readonly string[]
  readonly severity: Severity
  /** Shown with the finding: what the danger is and what to do. */
  readonly reason: string
}

export const DEFAULT_RULES: readonly DefaultRule[] = [
  {
    id: 'telnet',
    ports: '23,2323',
    services: ['telnet'],
    severity: 'critical',
    reason: 'Telnet sends passwords in clear and is what worms try first. Use SSH, and close this port.',
  },
  {
    id: 'ftp',
    ports: '21',
    services: ['ftp'],
    severity: 'medium',
    reason: 'FTP sends passwords and files in clear. Use SFTP, or FTP with TLS enforced.',
  },
  {
    id: 'tftp',
    ports: 'U:69',
    services: ['tftp'],
    severity: 'high',
    reason: 'TFTP has no authentication: whoever reaches it can read, and often write, boot images and configurations.',
  },
  {
    id: 'rsh',
    ports: '512-514',
    services: ['exec', 'login', 'shell'],
    severity: 'critical',
    reason: 'The r-services trust addresses and send everything in clear. Use SSH.',
  },
  {
    id: 'smb',
    ports: '139,445,U:137-138',
    services: ['microsoft-ds', 'netbios-ssn', 'netbios-ns', 'smb'],
    severity: 'critical',
    reason: 'File sharing spreads ransomware and leaks names and hashes. Reach it through a VPN only.',
  },
  {
    id: 'msrpc',
    ports: '135,593',
    services: ['msrpc'],
    severity: 'high',
    reason: 'The Windows RPC endpoint mapper is an entry for remote exploitation. Keep it inside the network.',
  },
  {
    id: 'rdp',
    ports: '3389,U:3389',
    services: ['ms-wbt-server'],
    severity: 'critical',
    reason:
      'Remote Desktop is attacked by password guessing around the clock. Put it behind a VPN or a gateway with MFA.',
  },
  {
    id: 'vnc',
    ports: '5900-5909',
    services: ['vnc'],
    severity: 'high',
    reason: 'VNC has weak passwords of eight characters at most and no encryption. Tunnel it through SSH or a VPN.',
  },
  {
    id: 'x11',
    ports: '6000-6009',
    services: ['X11'],
    severity: 'critical',
    reason: 'An open X server lets others read the keyboard and the screen. Start it with -nolisten tcp; use ssh -X.',
  },
  {
    id: 'winrm',
    ports: '5985-5986',
    services: ['wsman'],
    atPorts: ['http'],
    severity: 'high',
    reason: 'Windows Remote Management runs commands. Limit it to the management network.',
  },
  {
    id: 'databases',
    ports: '1433,1521,3050,3306,5432,5984,9042,27017-27019,33060,50000,U:1434',
    services: [
      'ms-sql-s',
      'oracle-tns',
      'firebird',
      'mysql',
      'mariadb',
      'postgresql',
      'mongodb',
      'cassandra',
      'drda',
      'ibm-db2',
      'ms-sql-m',
      'mysqlx',
    ],
    products: ['Apache CouchDB', 'InfluxDB'],
    severity: 'high',
    reason:
      'Only the applications that use a database need to reach it. Bind it to a private address or filter the port.',
  },
  {
    id: 'caches',
    ports: '6379,11211,U:11211',
    services: ['redis', 'memcached', 'memcache'],
    severity: 'critical',
    reason:
      'Caches usually run without a password; an open one is read, wiped or used to run code. Bind it to loopback.',
  },
  {
    id: 'search',
    ports: '9200,9300',
    services: ['elasticsearch', 'opensearch'],
    products: ['Elasticsearch', 'OpenSearch'],
    atPorts: ['http'],
    severity: 'high',
    reason: 'Search clusters answer anyone unless security is enabled, and are found and emptied within hours.',
  },
  {
    id: 'docker-api',
    ports: '2375-2377',
    services: ['docker'],
    products: ['Docker'],
    atPorts: ['http'],
    severity: 'critical',
    reason: 'The Docker API is root on the host. Use the local socket, or TLS with client certificates.',
  },
  {
    id: 'kubernetes',
    ports: '2379-2380,6443,10250,10255,10257,10259',
    services: ['kubernetes', 'kubelet', 'etcd'],
    products: ['Kubernetes API', 'etcd'],
    atPorts: ['http'],
    severity: 'high',
    reason:
      'Cluster control interfaces give away secrets or run commands. Limit them to the control plane and operators.',
  },
  {
    id: 'queues',
    ports: '1883,2181,4222,5672,9092,61613,61616',
    services: ['mqtt', 'zookeeper', 'nats', 'amqp', 'kafka', 'stomp', 'openwire'],
    severity: 'medium',
    reason:
      'Message brokers carry internal data and often trust every client. Keep them inside, with authentication and TLS.',
  },
  {
    id: 'remote-debugging',
    ports: '1099,5005,5555,8000,9229',
    services: ['java-rmi', 'jdwp', 'adb', 'node-inspector'],
    severity: 'critical',
    reason: 'Debugging interfaces run any code by design. They belong on loopback.',
  },
  {
    id: 'printers',
    ports: '515,631,9100-9107',
    services: ['printer', 'ipp', 'jetdirect'],
    severity: 'medium',
    reason:
      'Anyone can print, read jobs and settings, or use the printer as a way in. Keep printers in their own network.',
  },
  {
    id: 'industrial',
    ports: '102,502,789,1911,2404,4840,4911,20000,44818,U:2222,U:47808',
    services: [
      'modbus',
      's7comm',
      'iso-tsap',
      'dnp',
      'bacnet',
      'EtherNetIP-2',
      'niagara-fox',
      'opcua-tcp',
      'knxnet-ip',
      'iec-104',
    ],
    severity: 'critical',
    reason: 'Industrial protocols have no authentication: who reaches the port can move the machine. Isolate them.',
  },
  {
    id: 'management',
    ports: '8291,10000,U:161,U:623',
    services: ['snmp', 'ipmi', 'winbox', 'asf-rmcp'],
    severity: 'high',
    reason: 'Management interfaces reveal or control the device. Limit them to the management network.',
  },
  {
    id: 'file-services',
    ports: '111,548,873,2049,3260,U:111,U:2049',
    services: ['rpcbind', 'nfs', 'mountd', 'afp', 'rsync', 'iscsi', 'nbd'],
    severity: 'high',
    reason: 'Network file services trust addresses. Export them to named hosts, and never beyond the local network.',
  },
  {
    id: 'amplifiers',
    ports: 'U:17,U:19,U:389,U:1900,U:3702,U:5353',
    services: ['qotd', 'chargen', 'cldap', 'upnp', 'ws-discovery', 'mdns'],
    atPorts: ['ldap'],
    severity: 'high',
    reason: 'This service answers forged requests with more than it was sent: others use it for attacks. Filter it.',
  },
  {
    id: 'proxies',
    ports: '1080,3128',
    services: ['socks5', 'socks4', 'http-proxy'],
    severity: 'high',
    reason:
      'An open proxy relays for strangers and reaches your inside. Require authentication or limit who may use it.',
  },
]
