import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../shared/run.mjs'

/** Each command that the package installs prints its help and its version. */
export async function checkBin(pkg, folder, report) {
  const { bin = {}, version } = JSON.parse(
    await readFile(join(folder, 'node_modules', pkg.name, 'package.json'), 'utf8')
  )
  for (const name of Object.keys(bin)) {
    const path = join(folder, 'node_modules', '.bin', name)
    await report.check(`${name} --help`, async () => {
      const help = await run(path, ['--help'], folder)
      if (!help.includes(`Usage: ${name}`)) throw new Error(`The help has no usage line:\n${help}`)
    })
    await report.check(`${name} --version`, async () => {
      const printed = (await run(path, ['--version'], folder)).trim()
      if (printed !== version) throw new Error(`It says ${printed}, its package.json ${version}.`)
      return printed
    })
  }
}
