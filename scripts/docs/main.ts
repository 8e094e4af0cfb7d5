/** `npm run docs`: writes everything in the docs that is generated. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generate } from './generated.ts'
import { ROOT } from './root.ts'

for (const [path, text] of generate()) {
  const file = join(ROOT, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
