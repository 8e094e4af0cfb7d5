import { fileURLToPath } from 'node:url'
import { defaultClientConditions, defineConfig } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))

export default defineConfig({
  root,
  // Also right when the built page lies in a folder of some server.
  base: './',
  resolve: {
    // The packages' TypeScript, so that nothing has to be built first. An application needs no conditions.
    conditions: ['@swarmway/source', ...defaultClientConditions]
  }
})
