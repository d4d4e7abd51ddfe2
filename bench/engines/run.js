// The entry of scan.ts: see there. Plain JavaScript, so that the compile cache is on before the first TypeScript is read.
import { enableCompileCache } from 'node:module'

enableCompileCache()
await import('./scan.ts')
