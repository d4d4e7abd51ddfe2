/**
 * What Node can only be told when it starts. The API streams: its young heap is kept small, so that a million rows cost no
 * more memory than a few (services/api/package.json says the same).
 */
export const nodeFlags = (name: 'api' | 'worker'): readonly string[] =>
  name === 'api' ? ['--max-semi-space-size=8'] : []
