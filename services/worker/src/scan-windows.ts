/** Scans that may run at certain times only are held outside of them, and go on in the next. */
import { describeWait, isOpen, type ScanWindows } from '@portolan/core/exposure/scan-window.ts'
import type pg from 'pg'

type Row = { readonly id: string; readonly windows: ScanWindows; readonly held: boolean }

/** In the reconciler's transaction. */
export async function holdOutsideWindows(client: pg.ClientBase, now: Date): Promise<void> {
  const { rows } = await client.query<Row>(
    `SELECT id, windows, held FROM scans WHERE windows IS NOT NULL
       AND status IN ('queued', 'planning', 'running', 'paused')`,
  )
  for (const { id, windows, held } of rows) {
    if (isOpen(windows, now) === !held) continue
    await client.query('UPDATE scans SET held = $2, status_reason = $3 WHERE id = $1', [
      id,
      !held,
      held ? null : describeWait(windows, now),
    ])
  }
}
