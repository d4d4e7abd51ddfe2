/**
 * SQL on an observation `o`: its host is not one on which everything opens, which is known of TCP alone. What such a host
 * shows open says nothing.
 */
export const NO_TARPIT = `NOT EXISTS (SELECT FROM tarpits t
  WHERE t.scan_id = o.scan_id AND t.vantage = o.vantage AND t.ip = o.ip AND o.transport = 'tcp')`
