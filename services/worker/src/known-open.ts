import type pg from 'pg'

/**
 * Endpoints probed first, at most: some seconds at a usual rate. Beyond, all are as good as the rest; no more are read,
 * however many there are. One known from several vantages counts for each.
 */
const MOST = 4_096

/**
 * Pins what was open last time within the scan, seen from where it scans, to be probed before all else: what of it is
 * gone, or is another service now, is known within seconds. In the caller's transaction, before anything is cut.
 */
export async function pinKnownOpen(client: pg.ClientBase, scanId: string): Promise<void> {
  await client.query(
    `UPDATE scans SET first = (
       SELECT json_object_agg(transport, endpoints) FROM (
         SELECT transport, json_agg(json_build_object('ip', host(ip), 'port', port)) AS endpoints FROM (
           SELECT DISTINCT * FROM (
             SELECT e.transport, e.ip, e.port FROM scan_targets t JOIN endpoints e
               ON e.project_id = scans.project_id AND e.ip BETWEEN t.range_start AND t.range_end
             WHERE t.scan_id = scans.id AND e.state = 'open' AND e.vantage = ANY (scans.vantages)
               AND e.port <@ CASE e.transport WHEN 'tcp' THEN scans.tcp_ports ELSE scans.udp_ports END
             LIMIT $2) AS few) AS known
         GROUP BY transport) AS pinned)
     WHERE id = $1 AND first IS NULL AND status IN ('queued', 'planning')`,
    [scanId, MOST],
  )
}
