import { spawn } from 'node:child_process'
import path from 'node:path'

type ApiOptions = { readonly folder: string; readonly key: string }

/** One API as a process of its own, as `portolan up` starts it, but at the port it likes and without a limit of requests. */
export async function startApi(databaseUrl: string, { folder, key }: ApiOptions) {
  const started = performance.now()
  const child = spawn(process.execPath, ['--max-semi-space-size=8', 'services/api/src/main.ts'], {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      PORT: '0',
      LOG_LEVEL: 'info',
      PORTOLAN_BOOTSTRAP_KEY: key,
      PORTOLAN_RATE_LIMIT: '100000000',
      // As `portolan up` and the container image set it: types are stripped once, not at every start.
      NODE_COMPILE_CACHE: path.join(folder, 'compiled'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // Read to the end: a log nobody takes would stop the process that writes it.
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk) => {
      if (text.length < 10_000) text += chunk
      const ready = /"url":"([^"]+)".*"msg":"API ready"/.exec(text)?.[1]
      if (ready !== undefined) resolve(ready)
    })
    child.once('exit', () => reject(new Error(`the API did not start: ${text}`)))
  })
  return { url, pid: child.pid ?? 0, child, ready: performance.now() - started }
}
