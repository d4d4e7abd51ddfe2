/** Run by kernel-calls.test.ts: a thread that makes one system call and ends. */
import { openLibc } from '#core/engine/libc.ts'

process.exitCode = openLibc().connect(-1, null, 0) === -9 ? 0 : 1
