/** Generated parts of written pages: tables of figures, and copies of files. */
import { posix } from 'node:path'
import { besideDhtRelay, besideHyperswarm } from './figures/comparison.ts'
import { compatibility } from './figures/compatibility.ts'
import { crowds } from './figures/crowds.ts'
import { hostile } from './figures/hostile.ts'
import { networks } from './figures/networks.ts'
import { runtimes } from './figures/runtimes.ts'
import { sizing } from './figures/sizing.ts'
import { metrics } from './reference/metrics.ts'
import * as protocol from './reference/protocol.ts'
import { readText } from './root.ts'

/** The texts between `<!-- made: name -->` and `<!-- /made -->`, by name. */
const MADE: Readonly<Record<string, () => string>> = {
  'beside hyperswarm': besideHyperswarm,
  'beside dht-relay': besideDhtRelay,
  sizing,
  compatibility,
  'idle crowds': crowds,
  hostile,
  networks,
  runtimes,
  metrics,
  'frame types': protocol.frameTypes,
  'error codes': protocol.wireCodes,
  'client requests': protocol.clientRequests,
  'client notices': protocol.clientNotices,
  'server requests': protocol.serverRequests,
  'server notices': protocol.serverNotices,
  'frame vectors': protocol.frameVectors,
  'body vectors': protocol.bodyVectors,
  'signature vectors': protocol.signatureVectors
}

const REGION = /<!-- made: ([\w -]+?) -->\n[\s\S]*?<!-- \/made -->/g
const COPY = /<!-- ((?:browser; )?file: (\S+)) -->\n```(\w+)\n[\s\S]*?```/g

/** The page with all its generated parts regenerated. Throws if a part has no generator. */
export function fill(path: string, text: string): string {
  return text
    .replace(REGION, (_, name: string) => `<!-- made: ${name} -->\n\n${made(name, path)}\n\n<!-- /made -->`)
    .replace(COPY, (_, comment: string, file: string, lang: string) => {
      const copied = readText(posix.join(posix.dirname(path), file)).trimEnd()
      return `<!-- ${comment} -->\n\`\`\`${lang}\n${copied}\n\`\`\``
    })
}

function made(name: string, path: string): string {
  const make = MADE[name]
  if (make === undefined) throw new Error(`${path}: nobody makes "${name}"; see scripts/docs/regions.ts`)
  return make()
}
