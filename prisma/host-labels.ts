/** What a project calls its hosts, as stored. */
import { createHostLabels, type HostLabels, type Tag } from '@portolan/core/exposure/host-labels.ts'
import { readAddressList } from '@portolan/core/target/address-list.ts'
import type pg from 'pg'

/** `among`: the only addresses anybody will ask for; null: all. */
export async function loadHostLabels(
  db: pg.Pool | pg.ClientBase,
  projectId: string,
  among: readonly string[] | null = null,
): Promise<HostLabels> {
  const { rows: names } = await db.query<{ name: string; addresses: string[] }>(
    `SELECT name, ARRAY (SELECT host(a) FROM unnest(addresses) AS a) AS addresses FROM host_names
     WHERE project_id = $1 AND ($2::inet[] IS NULL OR addresses && $2) ORDER BY name`,
    [projectId, among],
  )
  return createHostLabels(names, await loadTags(db, projectId))
}

/** By name. */
export async function loadTags(db: pg.Pool | pg.ClientBase, projectId: string): Promise<Tag[]> {
  const { rows } = await db.query<{ name: string; targets: string[] }>(
    'SELECT name, targets FROM tags WHERE project_id = $1 ORDER BY name',
    [projectId],
  )
  return rows.map(({ name, targets }) => ({ name, addresses: readAddressList(targets).addresses }))
}
