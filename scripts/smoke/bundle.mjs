import { builtinModules } from 'node:module'
import { join } from 'node:path'
import * as esbuild from 'esbuild'

const APP = `
  import { ProxyClient } from '@swarmway/proxy-client'
  import { messagePort } from '@swarmway/proxy-client/messageport'
  import { websocket } from '@swarmway/proxy-client/websocket'
  console.log(ProxyClient, messagePort, websocket)
`

/** The installed client can be bundled for browsers without configuration, and the bundle has no imports of Node's. */
export async function checkBundle(folder, report) {
  await report.check('@swarmway/proxy-client: bundled for browsers', async () => {
    const { metafile } = await esbuild.build({
      stdin: { contents: APP, resolveDir: folder },
      bundle: true,
      format: 'esm',
      splitting: true,
      metafile: true,
      minify: true,
      outdir: join(folder, 'bundle'),
      logLevel: 'silent'
    })
    const outputs = Object.values(metafile.outputs)
    const left = outputs.flatMap(({ imports }) => imports.filter(isOfNode).map(({ path }) => path))
    if (left.length > 0) throw new Error(`The bundle imports ${left.join(', ')}, which browsers do not have.`)
    const bytes = outputs.reduce((sum, output) => sum + output.bytes, 0)
    return `${(bytes / 1000).toFixed(0)} kB in ${outputs.length} files`
  })
}

function isOfNode({ external, path }) {
  return external === true || builtinModules.includes(path.replace(/^node:/, ''))
}
