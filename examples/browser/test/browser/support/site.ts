import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, preview } from 'vite'
import { afterAll, beforeAll } from 'vitest'

const configFile = new URL('../../../vite.config.ts', import.meta.url).pathname

/** Builds the page once for a test file, as it would be published, and serves it. Returns its address. */
export function useSite(): () => string {
  let url = ''
  let close = async () => {}
  beforeAll(async () => {
    const outDir = await mkdtemp(join(tmpdir(), 'swarmway-page-'))
    const options = { configFile, logLevel: 'error' as const, build: { outDir } }
    await build(options)
    const server = await preview({ ...options, preview: { port: 0, host: '127.0.0.1' } })
    url = server.resolvedUrls?.local[0] ?? ''
    close = async () => {
      await server.close()
      await rm(outDir, { recursive: true })
    }
  })
  afterAll(() => close())
  return () => url
}
