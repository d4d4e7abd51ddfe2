/** What commands hear beside what is typed, and what they keep: the manual page tells of it, a test holds it to the code. */

/** Variables that stand for no option. */
export const VARIABLES: Readonly<Record<string, string>> = {
  PORTOLAN_KEY: 'The key for the service; goes before the one portolan login keeps.',
  PORTOLAN_CONFIG: 'File with defaults for options; login.json is kept beside it.',
  XDG_CONFIG_HOME: 'Folder that stands for ~/.config below.',
  XDG_CACHE_HOME: 'Folder that stands for ~/.cache below.',
  NO_COLOR: 'Set to anything: no colour.',
  FORCE_COLOR: 'Set to anything but 0: colour, also where there is no terminal.',
  TERM: 'dumb: nothing is drawn over, and no colour.',
  COLUMNS: 'Width of the lines where there is no terminal to ask.',
}

export const FILES: Readonly<Record<string, string>> = {
  '~/.config/portolan/config.json':
    'Defaults for options, by command and long option: {"scan": {"rate": 1000, "exclude": ["10.0.0.1"], "no-services": true}}. ' +
    'The environment goes before it, and what is typed before both.',
  '~/.config/portolan/login.json': 'URL and key of the service, kept by portolan login with mode 0600.',
  '~/.cache/portolan': 'What makes the next start faster; may be removed at any time.',
  '.portolan':
    'What portolan up keeps, in the working directory unless PORTOLAN_DATA_DIR says otherwise; for root in a folder that ' +
    'others may not enter, /var/lib/portolan.',
}
