import { createDb } from '@portolan/db/client.ts'
import { expect, onTestFinished, test } from 'vitest'
import { testApi } from './test-api.ts'

test('a database that takes too long is told as that, and nothing is half done', async () => {
  const api = await testApi()
  const db = createDb(api.databaseUrl, { connections: 2 })
  onTestFinished(() => db.close())
  const busy = await db.pool.connect()
  await busy.query('BEGIN; LOCK TABLE webhooks')
  const body = { name: 'on-call', url: 'https://hooks.example.org/portolan', events: ['*'] }
  const asked = api.send('POST', '/v1/webhooks', body)
  // Longer than a transaction may take.
  setTimeout(() => void busy.query('COMMIT').then(() => busy.release()), 7_000)
  const { status, json } = await asked
  expect(json).toMatchObject({ type: '/problems/unavailable', detail: 'the database does not answer in time' })
  expect(status).toBe(503)
  expect((await api.send('GET', '/v1/webhooks')).json).toMatchObject({ items: [] })
  expect((await api.send('POST', '/v1/webhooks', body)).status).toBe(201)
})
