/**
 * What to ask a web server next. `of`: products (by the page so far) it makes sense for; without it, the question is
 * put to servers that have not told who they are. Each is one request and its answer is read like any other page.
 */
export interface HttpQuestion {
  readonly path: string
  readonly of?: RegExp
  readonly method?: 'GET' | 'POST'
  readonly body?: string
  /** Media type of the body; default: JSON. */
  readonly type?: string
  /** A header of the first answer to send back with the question. */
  readonly carry?: string
  /** How the answer tells the version of the product asked for; `example`: such an answer and its version. */
  readonly tells?: { readonly version: RegExp; readonly example: readonly [answer: string, version: string] }
}

/** `"version": "1.2.3"` under this name, wherever in a JSON document. */
const told = (
  name: string,
  ...example: readonly [answer: string, version: string]
): NonNullable<HttpQuestion['tells']> => ({
  version: new RegExp(`"${name}"\\s*:\\s*"v?(?<version>\\d[\\w.+-]{0,40})`),
  example,
})

const VSPHERE = `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><RetrieveServiceContent xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></RetrieveServiceContent></Body></Envelope>`

export const HTTP_QUESTIONS: readonly HttpQuestion[] = [
  { of: /^Transmission/, path: '/transmission/rpc' },
  {
    of: /^Transmission/,
    path: '/transmission/rpc',
    method: 'POST',
    body: '{"method":"session-get"}',
    carry: 'x-transmission-session-id',
  },
  { of: /^Prometheus$/, path: '/api/v1/status/buildinfo' },
  { of: /^Prometheus Alertmanager/, path: '/api/v2/status' },
  { of: /xporter$|^Prometheus/, path: '/metrics' },
  { of: /^etcd/, path: '/version' },
  { of: /^Kubernetes API/, path: '/version' },
  { of: /^(?:Docker|Podman)$/, path: '/version' },
  { of: /^NATS/, path: '/varz' },
  {
    of: /^Grafana$/,
    path: '/api/health',
    tells: told('version', '{\n  "commit": "895",\n  "database": "ok",\n  "version": "10.2.0"\n}', '10.2.0'),
  },
  { of: /^Consul/, path: '/v1/agent/self' },
  { of: /^Vault/, path: '/v1/sys/health' },
  {
    of: /^(?:Kibana|OpenSearch Dashboards)/,
    path: '/api/status',
    tells: told('number', '{"name":"quay","version":{"number":"8.11.1","build_number":1}}', '8.11.1'),
  },
  {
    of: /^Nomad/,
    path: '/v1/agent/self',
    tells: {
      version: /"Version"\s*:\s*\{[^}]{0,400}?"Version"\s*:\s*"(?<version>\d[\w.+-]{0,40})/,
      example: ['{"config":{"Version":{"Revision":"a","Version":"1.6.2","VersionMetadata":""}}}', '1.6.2'],
    },
  },
  {
    of: /^Apache Solr/,
    path: '/solr/admin/info/system?wt=json',
    tells: told('solr-spec-version', '{"lucene":{"solr-spec-version":"9.3.0"}}', '9.3.0'),
  },
  { of: /^Jupyter/, path: '/api', tells: told('version', '{"version": "6.5.2"}', '6.5.2') },
  { of: /^(?:Gitea|Forgejo)/, path: '/api/v1/version', tells: told('version', '{"version":"1.20.4"}', '1.20.4') },
  { of: /^Portainer/, path: '/api/status', tells: told('Version', '{"Version":"2.19.1","InstanceID":"a"}', '2.19.1') },
  {
    of: /^(?:Nextcloud|ownCloud)/,
    path: '/status.php',
    tells: told('versionstring', '{"installed":true,"version":"27.1.2.1","versionstring":"27.1.2"}', '27.1.2'),
  },
  { of: /^SonarQube/, path: '/api/server/version' },
  {
    of: /^(?:Jellyfin|Emby)/,
    path: '/System/Info/Public',
    tells: told('Version', '{"LocalAddress":"","ServerName":"quay","Version":"10.8.10"}', '10.8.10'),
  },
  {
    of: /^Plex/,
    path: '/identity',
    tells: {
      version: /\bversion="(?<version>\d[\w.-]{0,40})"/,
      example: ['<MediaContainer size="0" claimed="1" version="1.32.5.7349-8f4248874">', '1.32.5.7349-8f4248874'],
    },
  },
  {
    of: /^Traefik/,
    path: '/api/version',
    tells: told('Version', '{"Version":"2.10.5","Codename":"saintmarcelin"}', '2.10.5'),
  },
  {
    of: /^Grafana Loki/,
    path: '/loki/api/v1/status/buildinfo',
    tells: told('version', '{"version":"2.9.1","revision":"d9d5ed4a1"}', '2.9.1'),
  },
  {
    of: /^ArangoDB/,
    path: '/_api/version',
    tells: told('version', '{"server":"arango","version":"3.11.3"}', '3.11.3'),
  },
  { of: /^Rancher/, path: '/rancherversion', tells: told('Version', '{"Version":"v2.7.6","GitCommit":"a"}', '2.7.6') },
  {
    of: /^Atlassian Jira/,
    path: '/rest/api/2/serverInfo',
    tells: told('version', '{"baseUrl":"http://quay","version":"8.13.1"}', '8.13.1'),
  },
  {
    of: /Bitbucket/,
    path: '/rest/api/1.0/application-properties',
    tells: told('version', '{"version":"7.6.0","buildNumber":"7006000"}', '7.6.0'),
  },
  {
    of: /^Apache Airflow/,
    path: '/api/v1/version',
    tells: told('version', '{"git_version":null,"version":"2.7.1"}', '2.7.1'),
  },
  {
    of: /^Metabase/,
    path: '/api/session/properties',
    tells: told('tag', '{"version":{"date":"2023-10-01","tag":"v0.47.2"}}', '0.47.2'),
  },
  {
    of: /^Zabbix/,
    path: '/api_jsonrpc.php',
    method: 'POST',
    type: 'application/json-rpc',
    body: '{"jsonrpc":"2.0","method":"apiinfo.version","params":[],"id":1}',
    tells: told('result', '{"jsonrpc":"2.0","result":"6.4.8","id":1}', '6.4.8'),
  },
  {
    of: /^VMware (?:ESXi|vCenter|vSphere)/,
    path: '/sdk',
    method: 'POST',
    type: 'text/xml',
    body: VSPHERE,
    tells: {
      version: /<about>[\s\S]{0,400}?<version>(?<version>\d[\d.]{0,20})</,
      example: [
        '<about><name>VMware ESXi</name><fullName>VMware ESXi 7.0.3</fullName><version>7.0.3</version>',
        '7.0.3',
      ],
    },
  },
  { of: /^InfluxDB/, path: '/ping' },
  { of: /^RabbitMQ/, path: '/api/overview' },
  { of: /^Snapcast/, path: '/jsonrpc', method: 'POST', body: '{"id":1,"jsonrpc":"2.0","method":"Server.GetStatus"}' },
  { of: /^Privoxy/, path: 'http://config.privoxy.org/' },
  { of: /^Node\.js$/, path: '/json/version' },
  { of: /^ClickHouse/, path: '/?query=SELECT%20version()' },
  { of: /^CUPS/, path: '/' },
  { of: /^(?:Cowboy|Golang net)/, path: '/metrics' },
  // Kubelets answer nothing at the root; here they say whom they refuse, or what they run.
  { of: /^Golang net/, path: '/pods' },
  { of: /^Fossil/, path: '/home' },
  { of: /^Janus/, path: '/janus/info' },
  { path: '/version' },
  { path: '/metrics' },
  { path: '/v2/' },
  { path: '/varz' },
  { path: '/json/version' },
  { path: '/janus/info' },
  { path: '/jsonrpc', method: 'POST', body: '{"jsonrpc":"2.0","id":"1","method":"aria2.getVersion"}' },
  { path: '/.portolan-asks-for-nothing' },
]

/** Names behind `<prefix>_build_info{version="..."}`, the metric every Prometheus client exports about itself. */
export const BUILD_INFO_NAMES: Readonly<Record<string, string>> = {
  prometheus: 'Prometheus',
  alertmanager: 'Prometheus Alertmanager',
  pushgateway: 'Prometheus Pushgateway',
  node_exporter: 'Prometheus Node Exporter',
  blackbox_exporter: 'Prometheus Blackbox Exporter',
  mysqld_exporter: 'Prometheus MySQL Exporter',
  postgres_exporter: 'Prometheus PostgreSQL Exporter',
  redis_exporter: 'Prometheus Redis Exporter',
  snmp_exporter: 'Prometheus SNMP Exporter',
  haproxy_exporter: 'Prometheus HAProxy Exporter',
  memcached_exporter: 'Prometheus Memcached Exporter',
  apache_exporter: 'Prometheus Apache Exporter',
  nginx_exporter: 'Prometheus Nginx Exporter',
  bind_exporter: 'Prometheus BIND Exporter',
  process_exporter: 'Prometheus Process Exporter',
  grafana: 'Grafana',
  loki: 'Grafana Loki',
  promtail: 'Grafana Promtail',
  tempo: 'Grafana Tempo',
  thanos: 'Thanos',
  cortex: 'Cortex',
  traefik: 'Traefik',
  caddy: 'Caddy httpd',
  coredns: 'CoreDNS',
  etcd: 'etcd',
  kubernetes: 'Kubernetes API',
  minio: 'MinIO',
  gitea: 'Gitea',
  jaeger: 'Jaeger',
  vault: 'Vault',
  consul: 'Consul',
  rabbitmq: 'RabbitMQ management',
}
