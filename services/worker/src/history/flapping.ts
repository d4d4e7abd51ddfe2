/** Changes of state within a day from which on an endpoint is said to flap: it has come and gone twice already. */
export const FLAPPING = 5

/** SQL: how often the endpoint has opened or closed in the day before `at`, this time included. */
export const flapsAt = (endpointId: string, at: string) =>
  `(SELECT count(*)::int + 1 FROM changes f WHERE f.endpoint_id = ${endpointId}
    AND f.kind IN ('opened', 'closed') AND f.at > ${at} - interval '1 day')`
