/** Every table of fingerprints under the name of the text it is about. A test replays all their examples. */
import type { Fingerprint } from './fingerprint.ts'
import { SSH_FINGERPRINTS } from './fingerprints/ssh.data.ts'

export const FINGERPRINTS: Readonly<Record<string, readonly Fingerprint[]>> = {
  ssh: SSH_FINGERPRINTS,
}
