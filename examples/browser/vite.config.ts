import { fileURLToPath } from 'node:url'
import { defaultClientConditions, defineConfig } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))

export default defineConfig({
  root,
  // Relative, so that the built page also works in a subfolder of a server.
  base: './',
  resolve: {
    // Resolves to the packages' TypeScript, so that nothing has to be built first. An application does not need this.
    conditions: ['@swarmway/source', ...defaultClientConditions]
  }
})
