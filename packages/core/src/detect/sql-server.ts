/** Microsoft SQL Server by the version number it tells (Microsoft, "Determine the version of SQL Server"). */

const RELEASES: Readonly<Record<string, string>> = {
  '7.0': '7.0',
  '8.0': '2000',
  '9.0': '2005',
  '10.0': '2008',
  '10.50': '2008 R2',
  '11.0': '2012',
  '12.0': '2014',
  '13.0': '2016',
  '14.0': '2017',
  '15.0': '2019',
  '16.0': '2022',
  '17.0': '2025',
}

export interface SqlServerRelease {
  readonly product: string
  readonly vendor: string
  readonly release: string | null
}

export function sqlServerRelease(major: number, minor: number): SqlServerRelease {
  const release = RELEASES[`${major}.${minor}`] ?? null
  return { product: release ? `Microsoft SQL Server ${release}` : 'Microsoft SQL Server', vendor: 'Microsoft', release }
}
