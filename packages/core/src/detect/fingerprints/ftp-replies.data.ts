/**
 * What FTP servers say after the greeting: to SYST, FEAT, HELP, STAT, USER and QUIT, in the words of the program's
 * authors. The text is the reply with its code, its lines joined by spaces.
 */
import type { Fingerprint } from '../fingerprint.ts'

const microsoft = { product: 'Microsoft ftpd', vendor: 'Microsoft', os: 'Windows' } as const

export const FTP_REPLIES: readonly Fingerprint[] = [
  {
    match: /\bvsFTPd (?<version>\d[\d.]*) - secure, fast, stable/,
    product: 'vsftpd',
    vendor: 'vsftpd',
    cpe: 'vsftpd_project:vsftpd',
    examples: { '211 FTP server status: Connected to 192.0.2.1 vsFTPd 3.0.3 - secure, fast, stable': '3.0.3' },
  },
  {
    match: /^331 Please specify the password\.$|^230 Login successful\.$|^530 Please login with USER and PASS\.$/,
    product: 'vsftpd',
    vendor: 'vsftpd',
    cpe: 'vsftpd_project:vsftpd',
    examples: { '331 Please specify the password.': null, '530 Please login with USER and PASS.': null },
  },
  {
    match: /\bDirect comments to (?:root|ftpadm)@|^230 Anonymous access granted, restrictions apply/,
    product: 'ProFTPD',
    vendor: 'ProFTPD',
    cpe: 'proftpd:proftpd',
    examples: {
      "214 The following commands are recognized (* =>'s unimplemented): CWD RETR Direct comments to root@ftp.test":
        null,
    },
  },
  {
    match: /^214 .*Pure-FTPd - http:\/\/pureftpd\.org/,
    product: 'Pure-FTPd',
    vendor: 'Pure-FTPd',
    cpe: 'pureftpd:pure-ftpd',
    examples: {
      '214 The following SITE commands are recognized ALIAS CHMOD IDLE UTIME Pure-FTPd - http://pureftpd.org/': null,
    },
  },
  {
    match: /^215 UNIX emulated by FileZilla/,
    product: 'FileZilla Server',
    vendor: 'FileZilla',
    cpe: 'filezilla-project:filezilla_server',
    examples: { '215 UNIX emulated by FileZilla': null },
  },
  {
    match: /^215 Windows_NT(?: version \d[\d.]*)?$/,
    ...microsoft,
    examples: { '215 Windows_NT version 5.0': null, '215 Windows_NT': null },
  },
  {
    match: /^215 .*\bFTP Server is running on z\/OS/,
    product: 'IBM FTP CS',
    vendor: 'IBM',
    os: 'z/OS',
    examples: { '215 MVS is the operating system of this server. FTP Server is running on z/OS.': null },
  },
  {
    match: /^215 +OS\/400 is the remote operating system\.(?: The TCP\/IP version is "(?<version>V\w+)")?/,
    product: 'IBM OS/400 FTP',
    vendor: 'IBM',
    os: 'OS/400',
    examples: { '215 OS/400 is the remote operating system. The TCP/IP version is "V5R4M0".': 'V5R4M0' },
  },
  {
    match: /^215 UNIX Type: L8 Internet Component Suite/,
    product: 'ICS FTP server',
    vendor: 'OverByte',
    examples: { '215 UNIX Type: L8 Internet Component Suite': null },
  },
]
