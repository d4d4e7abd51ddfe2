/**
 * Matched against: the SHA-256 of a site's icon. Computed from the files in Debian's packages of each product; an icon
 * outlives many releases, so none of them tells a version.
 */
import { type Fingerprint, lateFingerprint } from '../fingerprint.ts'

type Row = readonly [product: string, vendor: string, cpe: string, hashes: readonly string[]]

const ROWS: readonly Row[] = [
  ['Adminer', 'Adminer', 'adminer:adminer', ['30162b424df7998e5e0adc05b3e22074504698ea81969a5088336653ed4e7c2e']],
  [
    'BackupPC',
    'BackupPC',
    'backuppc:backuppc',
    [
      'c1266d8377bdf1a1a6dc395a9c42c5c17d34ad035d39da22e12ce1bb0aae85e3',
      '34204c05231c337efd5709cc10b3fc71b9c9dc15d045006420ce354dbff16152',
      'd39fff29a262e4d4633c3f074045332ae51aeb303e0067ed35a8121b6a8dc187',
    ],
  ],
  ['Cacti', 'Cacti', 'cacti:cacti', ['44fb4108c903c5c226eb4b5c96bcdf9e52ea0bf12bdccd8a1619fe7b529c814a']],
  [
    'calibre content server',
    'calibre',
    'calibre-ebook:calibre',
    ['b6fe3576aaeb14598d42ef277eaa10f1c3dad04f608978c77a16fbf483c637eb'],
  ],
  ['cgit', 'cgit', 'cgit_project:cgit', ['231bd7f403ef5607d55cf819f6992f8236c9f5be2db9685abc36f0565ff85edd']],
  [
    'Cockpit',
    'Cockpit Project',
    'cockpit-project:cockpit',
    ['966d2a27cdfe680c1fe1f98bdc69819755dcf3e5f2835d956da40ded8d661a76'],
  ],
  ['DokuWiki', 'DokuWiki', 'dokuwiki:dokuwiki', ['3ca2c21f1821782f2b2a29b814b7aa240862014a35fdee54d23a72575fc16ec1']],
  ['GOsa', 'GOsa', 'gosa_project:gosa', ['90b5a41604339ef7607dd86db6d0d1f58702d0f0a65c10b92cfa81179fbff439']],
  [
    'Icinga Web 2',
    'Icinga',
    'icinga:icinga_web_2',
    ['770ba0cdbeef8afa8edf5c6567ee907a7718338ce24b53046dcea18885850734'],
  ],
  [
    'LDAP Account Manager',
    'LAM',
    'ldap-account-manager:ldap_account_manager',
    ['895d595ce8a8907022f7086a42154b0b93dd57ae929cf42e7662f780262d2d25'],
  ],
  [
    'Mojolicious',
    'Mojolicious',
    'mojolicious:mojolicious',
    ['6c95881c8d2fed8f26fafbb863ca111cb2e75202916b9140141c436e61d54c42'],
  ],
  ['Munin', 'Munin', 'munin-monitoring:munin', ['4c302a04ac7755f5976a3236c46ae4680a8b3643aec9298c0741af511121e0ef']],
  ['Nagios Core', 'Nagios', 'nagios:nagios', ['57ff1068caf7d83d9c252ae26af5f833290b917945051a90cfc4b42e4e72ac13']],
  [
    'Netdata',
    'Netdata',
    'netdata:netdata',
    [
      'e6cb6fb61fc0a94ac61bb992e802123445f942621f68ff0bb600493c9eb70e74',
      'e5fe54814abebb9787b45f2fd7b30aa931aea9c390b42da8882b888e1eef9fb6',
      '15d5a432d023044356e777eec17c8b2c44476ea9a1bf1f9aa9e32ff7151f7f59',
      'e59c64f02b24090dda25be7e0625c32cad25196cabce49c9fec2e2623909e196',
      '828a5d63968787875d4126f8bacbfc713720f25e2b6e4cea18f8e03ec1fca5f6',
      'b267c73709b01eeaf3b6f8e85a2547471c01cf0b9fd1ccbb813ba89fc639f37c',
    ],
  ],
  ['openQA', 'openSUSE', 'opensuse:openqa', ['3910b55c5584c3f6214cd397efe04464f89f5d10692f496c1a14d45adce01cd7']],
  [
    'phpLDAPadmin',
    'phpLDAPadmin',
    'phpldapadmin_project:phpldapadmin',
    ['8b3267409f9ea8f2cc4d557e6ea6452b3ee75639928b95be544e777f1db230a6'],
  ],
  [
    'phpMyAdmin',
    'phpMyAdmin',
    'phpmyadmin:phpmyadmin',
    ['e2905705920b2636309d785c2df3f155d6379b0aa9a44dc7831524505fa2defd'],
  ],
  [
    'Postfix Admin',
    'Postfix Admin',
    'postfix_admin_project:postfix_admin',
    ['c6946eb970bb4b5098de408d2aa67c071213e71dc31c9746cf63084a79e61f8d'],
  ],
  [
    'Prometheus',
    'Prometheus',
    'prometheus:prometheus',
    ['d72fc7b0bd1a4c1c4a016dfa4bfd594b2fb65a409575ec8f857864d4bdc658be'],
  ],
  [
    'HyperKitty',
    'GNU Mailman',
    'hyperkitty_project:hyperkitty',
    [
      'fec924a5c2f5ab196c471b66c002b21f12b782c71864732bbf31719e4b74c217',
      '91f0cf600e0a9c39b98d4447250a9119605dda562606f756358826c8be1a7dc3',
    ],
  ],
  [
    'Jupyter Notebook',
    'Jupyter',
    'jupyter:notebook',
    [
      'c2638a89fde3633617ec624088730c1dbe4daf18d4f2e44729ece89df3e60176',
      '4d9e5bc5bcdb03573d69a1a4c8b33f80bf7b7026117dec844269206c1601e936',
      '8d19ae451c9f411a6c60124ac750e3bee8719ff26f405de1c5abff629c51b329',
      '988e17e98b94c27a9b3065f297041b6a9629aa82819b3ca507e02b6fc1536518',
      'e3d7b23e611172246668523675a107764d13fe65d0110de3d399de851515fe1c',
      '5de41363f5f06a3a2fb517ab570a61138891849f46510b8465c41da02ef49912',
      '3a646fc14338583dd6624424051856da06b0c06b30045ee268120fa924813522',
    ],
  ],
  [
    'RabbitMQ Management',
    'VMware',
    'vmware:rabbitmq',
    ['df2d5e3411607f81ae8820114c3d684ca67854662b5e52e4d9fc04fc8e398a39'],
  ],
  ['Redmine', 'Redmine', 'redmine:redmine', ['5210ac65f141394a8540d408a9b56ed64c21c6b212cb28144c874f5715be9ed1']],
  [
    'Request Tracker',
    'Best Practical',
    'bestpractical:request_tracker',
    ['d276f4c34a933e7e7b6fb011ed1e2c0ed2a827cb503019a304e06cc27c854905'],
  ],
  [
    'Request Tracker',
    'Best Practical',
    'bestpractical:request_tracker',
    ['d276f4c34a933e7e7b6fb011ed1e2c0ed2a827cb503019a304e06cc27c854905'],
  ],
  [
    'Roundcube Webmail',
    'Roundcube',
    'roundcube:webmail',
    ['7b30e499996ec4631848d3509d803d9311f5d71999212f2f4c1ca7af8f24eb69'],
  ],
  [
    'Rspamd',
    'Rspamd',
    'rspamd:rspamd',
    [
      '65934be829b8d957cce772813fff62689ee965a15b4590372ec0e286a65b44e5',
      'bb89035e8e697b655bf20c9ce892d0704f8fc331889c6e6bc907689a65a03d72',
      'ddde2c879b0d9470264f6f89e5fa58603fb8fd7537b207f71837505c1aa98e28',
    ],
  ],
  [
    'Shaarli',
    'Shaarli',
    'shaarli_project:shaarli',
    [
      'f4d7d50ee08625760a4635729a650e43f6fd8e816e6a3a96ef3ab19e8b34664b',
      '5c81b1e93669c11d96ec63be14b09ba625c85061a904c63ac46693a66cac085e',
    ],
  ],
  [
    'SimpleSAMLphp',
    'SimpleSAMLphp',
    'simplesamlphp:simplesamlphp',
    ['2cd531b6e23d97fda2d117807e8fde9bb85279ea783b5122c68373e21ad946c1'],
  ],
  ['SOGo', 'Alinto', 'alinto:sogo', ['e5371ac60c9e5809a6c225b971a2acdb611908a933113fc8a78281f9f67a4340']],
  [
    'Transmission',
    'Transmission',
    'transmissionbt:transmission',
    [
      'a49cea46fafae8122c4f7e6e89b2ef8aa0cb74b451b55ec877e1b229a032dc2c',
      'b2cb6511abb0eda928c241fb3ea7c4606666d59bfc9fb5378c70f300cb3f7210',
    ],
  ],
  [
    'Tiny Tiny RSS',
    'Tiny Tiny RSS',
    'tt-rss:tiny_tiny_rss',
    [
      '42202e48adb7acdf00a6ca31e66fc29cdc021f3cf46e3cea987db8056d3f15d9',
      '45d2ef30e1273b9c15b5bb0d3ea0a208860aeac3e1f9611dc2031ec2d66be5c2',
    ],
  ],
  [
    'Xpra',
    'Xpra',
    'xpra:xpra',
    [
      '5bf264e1e7a15c907531c82fe53a5bcbf942cfb20c9d484b6a2b2db5bd73c4ef',
      'e8ba79bd89458ef701f71f13f3ab8b28fa69a178b60686e96e4f0a2a629db0f3',
    ],
  ],
  [
    'Xymon',
    'Xymon',
    'xymon:xymon',
    [
      '394a793ae273876c34d8d26748fc52b46111b05ca7a28b0af46a318ea919cdf3',
      'ef49e8a37687df0b8929c55fd13d0cd2bdd08f92cbdfce79e3a13558aec16030',
      'c2229fc58b833f2efeabe1fe76a233523687491d14bbf94f9efe0c5b9ec74af4',
      '04e08cca9d278db456b3d281b03bba844f79f5ed85937f3f1c6bafebefc3d7b1',
      '6dcbbe239d64a87bdf06ff168ebc6671719dd150b9156a95ecf5c70b92c5dc7d',
      '696ffdc200604ac67ccf7a261e4e2cd9f0d02d81932022aa67aa576bf859272e',
      '5188b2e472024950a1d644edc751f243a9e78eea3e2b2681b0af1c0522f65ab5',
    ],
  ],
  ['Zabbix', 'Zabbix', 'zabbix:zabbix', ['22b06a141c425c92951056805f46691c4cd8e7547ed90b8836a282950d4b4be2']],
  [
    'ZoneMinder',
    'ZoneMinder',
    'zoneminder:zoneminder',
    [
      '2414211797f445e0d8286f799e2af9b4fa8efc8207e8c17d204323b0cf0b0d90',
      '3320b8b0c2e119efbf5aa9e85e9f09bd96e1d505bace119990f7d5b81fcead39',
    ],
  ],
]

export const FAVICONS: readonly Fingerprint[] = ROWS.flatMap(([product, vendor, cpe, hashes]) =>
  hashes.map((hash) =>
    lateFingerprint(
      () => new RegExp(`^${hash}$`),
      () => ({ [hash]: null }),
      { literal: hash, product, vendor, cpe },
    ),
  ),
)
