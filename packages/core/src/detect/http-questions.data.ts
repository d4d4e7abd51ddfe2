/**
 * What to ask a web server next. `of`: products (by the page so far) it makes sense for; without it, the question is
 * put to servers that have not told who they are. Each is one request and its answer is read like any other page.
 */
export interface HttpQuestion {
  readonly path: string
  readonly of?: RegExp
  readonly method?: 'GET' | 'POST'
  readonly body?: string
  /** A header of the first answer to send back with the question. */
  readonly carry?: string
}

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
  { of: /^Grafana/, path: '/api/health' },
  { of: /^Consul/, path: '/v1/agent/self' },
  { of: /^Vault/, path: '/v1/sys/health' },
  { of: /^Kibana/, path: '/api/status' },
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
