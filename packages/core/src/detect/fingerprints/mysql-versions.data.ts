/** Matched against: the version string of the MySQL handshake. */
import type { Fingerprint } from '../fingerprint.ts'

type Row = readonly [
  name: string,
  product: string,
  vendor: string,
  cpe: string | null,
  examples: Readonly<Record<string, string>>,
]

/** Others that speak this protocol: `<the MySQL they stand in for>-<their name>-<their version>`, the version not always. */
const NAMED: readonly Row[] = [
  [
    'Doris version (?:doris-)?',
    'Apache Doris',
    'Apache',
    'apache:doris',
    { '5.7.99 Doris version doris-2.0.4-rc05': '2.0.4-rc05' },
  ],
  [
    'StarRocks(?: version |-)?',
    'StarRocks',
    'StarRocks',
    'starrocks:starrocks',
    { '5.1.0 StarRocks version 2.5.13': '2.5.13', '8.0.33 StarRocks': '8.0.33' },
  ],
  ['dolt-?', 'Dolt', 'DoltHub', 'dolthub:dolt', { '8.0.33-dolt-1.32.4': '1.32.4', '5.7.9-dolt': '5.7.9' }],
  ['greptime(?:db)?-?', 'GreptimeDB', 'Greptime', null, { '8.4.0-greptime': '8.4.0' }],
  [
    '(?:Alibaba-)?PolarDB-X-?',
    'PolarDB-X',
    'Alibaba',
    null,
    { '8.0.32-PolarDB-X-2.4.0': '2.4.0', '5.7.22-Alibaba-PolarDB-X': '5.7.22' },
  ],
  ['TDDL-', 'PolarDB-X', 'Alibaba', null, { '5.6.29-TDDL-5.4.9-SNAPSHOT': '5.4.9-SNAPSHOT' }],
  ['mycat-', 'Mycat', 'Mycat', 'mycat:mycat', { '5.6.29-mycat-1.6.7.4-release-20200105': '1.6.7.4' }],
  [
    'ShardingSphere-Proxy ?',
    'Apache ShardingSphere-Proxy',
    'Apache',
    'apache:shardingsphere',
    { '5.7.22-ShardingSphere-Proxy 5.1.2': '5.1.2' },
  ],
  ['MatrixOne-', 'MatrixOne', 'MatrixOrigin', null, { '8.0.30-MatrixOne-v1.1.0': '1.1.0' }],
  ['SequoiaDB-', 'SequoiaDB', 'SequoiaDB', null, { '8.0.22-Sequoiadb-3.4': '3.4' }],
  [
    '(?:SingleStoreDB|MemSQL) source distribution',
    'SingleStoreDB',
    'SingleStore',
    null,
    {
      '5.7.32 SingleStoreDB source distribution (compatible; MySQL Enterprise & MySQL Commercial)': '5.7.32',
      '5.5.58 MemSQL source distribution (compatible; MySQL Enterprise & MySQL Commercial)': '5.5.58',
    },
  ],
  ['PlanetScale', 'PlanetScale', 'PlanetScale', null, { '8.0.21-PlanetScale': '8.0.21' }],
]

const COMPATIBLE: readonly Fingerprint[] = NAMED.flatMap(([name, product, vendor, cpe, examples]) => {
  const patterns = [
    String.raw`^\d[\w.]*[- ](?:${name})v?(?<version>\d[\d.]*(?:-(?:alpha|beta|rc|SNAPSHOT)[\w.]*)?)`,
    String.raw`^(?<version>\d[\w.]*)[- ](?:${name})(?!v?\d)`,
  ].map((pattern) => new RegExp(pattern, 'i'))
  const fingerprints = patterns.map((match) => ({
    match,
    product,
    vendor,
    ...(cpe === null ? {} : { cpe }),
    examples: Object.fromEntries(
      Object.entries(examples).filter(([text]) => patterns.find((each) => each.test(text)) === match),
    ),
  }))
  return fingerprints.filter((each) => Object.keys(each.examples).length > 0)
})

export const MYSQL_VERSIONS: readonly Fingerprint[] = [
  {
    match: /^\d[\w.]*-ndb-(?<version>\d[\w.]*)/,
    product: 'MySQL Cluster',
    vendor: 'Oracle',
    cpe: 'oracle:mysql_cluster',
    examples: { '5.1.72-ndb-7.1.30-cluster-gpl': '7.1.30' },
  },
  {
    match: /^(?<version>\d[\w.]*)-cluster\b/,
    product: 'MySQL Cluster',
    vendor: 'Oracle',
    cpe: 'oracle:mysql_cluster',
    examples: { '8.0.28-cluster': '8.0.28' },
  },
  {
    match: /^(?<version>\d[\w.]*)-drizzle\b/i,
    product: 'Drizzle',
    vendor: 'Drizzle',
    examples: { '7.2.4-drizzle': '7.2.4' },
  },
  {
    match: /^(?:5\.5\.5-)?(?<version>\d+\.\d+\.\d+\w*(?:-\d{1,3}(?=-))?)-MariaDB/i,
    product: 'MariaDB',
    vendor: 'MariaDB',
    cpe: 'mariadb:mariadb',
    examples: {
      '5.5.5-10.11.19-MariaDB-0+deb12u1': '10.11.19',
      '10.3.39-MariaDB-0ubuntu0.20.04.2': '10.3.39',
      '5.5.68-MariaDB': '5.5.68',
      '10.6.12-8-MariaDB-enterprise': '10.6.12-8',
    },
  },
  {
    match: /^(?:5\.5\.5-)?(?<version>\d+\.\d+\.\d+)-maria/i,
    product: 'MariaDB',
    vendor: 'MariaDB',
    cpe: 'mariadb:mariadb',
    examples: { '11.4.2-MariaDB-ubu2404': '11.4.2', '5.5.5-10.6.12-maria~ubu2004': '10.6.12' },
  },
  {
    match: /^\d[\w.]*-TiDB-(?:Server-)?v(?<version>\d[\d.]*(?:-(?:alpha|beta|rc)[\w.]*)?)/,
    product: 'TiDB',
    vendor: 'PingCAP',
    cpe: 'pingcap:tidb',
    examples: { '8.0.11-TiDB-v7.5.0': '7.5.0', '8.0.11-TiDB-v8.1.0-serverless': '8.1.0' },
  },
  {
    match: /^\d[\w.]*[ -]OceanBase[ _-](?:CE[ _-])?v?(?<version>[\d.]+)/i,
    product: 'OceanBase',
    vendor: 'OceanBase',
    examples: { '5.7.25-OceanBase-v4.2.1.0': '4.2.1.0' },
  },
  {
    match: /^\d+\.\d+\.mysql_aurora\.(?<version>\d[\d.]*)/,
    product: 'Amazon Aurora MySQL',
    vendor: 'amazon',
    examples: { '8.0.mysql_aurora.3.02.0': '3.02.0' },
  },
  {
    match: /^\d[\w.]*-Vitess-(?<version>\d[\d.]*)/i,
    product: 'Vitess',
    vendor: 'Linux Foundation',
    cpe: 'linuxfoundation:vitess',
    examples: { '5.7.9-vitess-14.0.0-SNAPSHOT Version: 14.0.0-SNAPSHOT': '14.0.0' },
  },
  {
    match: /^(?<version>\d[\w.]*)-Vitess/,
    product: 'Vitess',
    vendor: 'Linux Foundation',
    examples: { '8.0.30-Vitess': '8.0.30' },
  },
  ...COMPATIBLE,
  {
    match: /^(?:\d[\d.]*-)?(?<version>\d[\w.]*)-ClickHouse/,
    product: 'ClickHouse',
    vendor: 'ClickHouse',
    cpe: 'clickhouse:clickhouse',
    examples: { '24.3.2.23-ClickHouse': '24.3.2.23', '8.0.30-22.8.5.29-ClickHouse': '22.8.5.29' },
  },
  {
    match: /^(?<version>\d[\w.]*)(?:-\d+-g[0-9a-f]{7,10})?[ -]\(?ProxySQL/i,
    product: 'ProxySQL',
    vendor: 'ProxySQL',
    cpe: 'proxysql:proxysql',
    examples: { '5.5.30 (ProxySQL)': '5.5.30', '2.5.5-150-ge31f3d3 (ProxySQL Admin)': '2.5.5' },
  },
  {
    match: /^(?:5\.5\.5-)?[\d.]+ (?=.{0,20}maxscale)(?:maxscale-)?(?<version>\d[\w.]*)/i,
    product: 'MaxScale',
    vendor: 'MariaDB',
    cpe: 'mariadb:maxscale',
    examples: { '5.5.5-10.2.12 2.2.4-maxscale': '2.2.4', '5.5.5-10.4.12 maxscale-6.4.6': '6.4.6' },
  },
  {
    match: /^(?<version>\d[\w.]*)-maxscale\b/i,
    product: 'MaxScale',
    vendor: 'MariaDB',
    cpe: 'mariadb:maxscale',
    examples: { '1.0.0-maxscale': '1.0.0' },
  },
  {
    match: /^\d[\w.]*-v(?<version>\d[\d.]*)[\w-]{0,60}\(databend\)/,
    product: 'Databend',
    vendor: 'Databend',
    examples: { '8.0.26-v1.2.645-nightly-d8e1bf1(databend)': '1.2.645' },
  },
  {
    match: /^(?<version>\d+\.\d+\.\d+)-id64-|^(?<product>Sphinx)/,
    product: 'Sphinx',
    vendor: 'Sphinx',
    examples: { '2.2.11-id64-release (95ae9a6)': '2.2.11' },
  },
  {
    match: /^(?<version>\d+\.\d+\.\d+) [0-9a-f]{7,12}@\d{6,8}\b/,
    product: 'Manticore Search',
    vendor: 'Manticore Software',
    examples: { '4.2.0 15e927b28@211223 release': '4.2.0', '6.2.12 dc5144d35@230822': '6.2.12' },
  },
  {
    match: /^(?<version>\d+\.\d+\.\d+[a-z]?)(?:-(?:rel)?\d[\d.]*)?[\w. -]*percona/i,
    product: 'Percona Server',
    vendor: 'Percona',
    cpe: 'percona:percona_server',
    examples: { '5.1.73-rel14.11-log Percona Server': '5.1.73', '5.5.28-29.3-percona-sure1-log': '5.5.28' },
  },
  {
    match: /^(?<version>5\.[5-7]\.\d+-\d+(?:\.\d+)?)-\d{2}(?:\.\d+)?(?:-log)?$/,
    product: 'Percona XtraDB Cluster',
    vendor: 'Percona',
    cpe: 'percona:xtradb_cluster',
    examples: { '5.7.23-23-57': '5.7.23-23', '5.6.38-83.0-56-log': '5.6.38-83.0' },
  },
  {
    match: /^(?<version>\d+\.\d+\.\d+)-rel\d+\.\d+/,
    product: 'Percona Server',
    vendor: 'Percona',
    cpe: 'percona:percona_server',
    examples: { '5.1.73-rel14.11-log': '5.1.73' },
  },
  {
    match: /^(?<version>(?:1[89]|2\d)\.\d{1,2}\.\d{1,3}\.\d{1,4})$/,
    product: 'ClickHouse',
    vendor: 'ClickHouse',
    cpe: 'clickhouse:clickhouse',
    examples: { '22.3.2.1': '22.3.2.1' },
  },
  {
    match: /^(?<version>201[0-3]\.\d\d\.\d{1,4})(?:-|$)/,
    product: 'Drizzle',
    vendor: 'Drizzle',
    examples: { '2011.07.21': '2011.07.21' },
  },
  {
    match: /^(?<version>\d\.\d+\.\d+[a-z]?)(?:-\w{2,10}){0,3}-nt(?:-max)?(?:-log)?$/,
    product: 'MySQL',
    vendor: 'Oracle',
    os: 'Windows',
    cpe: 'oracle:mysql',
    examples: { '4.1.22-community-nt': '4.1.22', '5.0.67-community-nt-log': '5.0.67' },
  },
  {
    match: /^(?<version>(?:\d+\.\d+\.\d+-\d+\.\d+|(?:5\.7|[89]\.\d)\.\d+-\d+))(?:-\d+(?:\.\d+)?)?(?:-debug)?(?:-log)?$/,
    product: 'Percona Server',
    vendor: 'Percona',
    cpe: 'percona:percona_server',
    examples: { '5.7.40-43-log': '5.7.40-43', '8.0.35-27': '8.0.35-27', '5.6.36-82.0': '5.6.36-82.0' },
  },
  {
    match: /^(?<version>\d+\.\d+\.\d+)-(?:cynos|txsql|tencent)/i,
    product: 'TencentDB for MySQL',
    vendor: 'Tencent',
    examples: { '8.0.30-txsql': '8.0.30' },
  },
  {
    match: /^(?<version>\d+\.\d+\.\d+(?:[a-z]|\.\d+)?(?:-(?:alpha|beta|rc|m\d+|dmr|ga)\b)?)/i,
    product: 'MySQL',
    vendor: 'Oracle',
    cpe: 'oracle:mysql',
    examples: {
      '8.0.36-0ubuntu0.22.04.1': '8.0.36',
      '5.0.51a-24+lenny5': '5.0.51a',
      '5.7.33-log': '5.7.33',
      '5.1.73-community-log': '5.1.73',
      '8.4.0': '8.4.0',
      '5.5.62-0+deb8u1-log': '5.5.62',
      '4.1.22-standard': '4.1.22',
      '3.23.58': '3.23.58',
    },
  },
]
