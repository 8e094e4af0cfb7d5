// Packs each package, as it would be published, into a folder: npm run pack -- examples/recipes/deploy
import { resolve } from 'node:path'
import { pack } from './shared/pack.mjs'
import { publicPackages } from './shared/packages.mjs'

const folder = resolve(process.argv[2] ?? '.')
for (const pkg of await publicPackages()) console.log(await pack(pkg, folder))
