/** Checks the blocks that are not programs: that they can be read, and that we check every language. */
import type { Block } from '../page.ts'

/** By language: what is wrong with a text, or null. */
const CHECKS: Readonly<Record<string, (block: Block) => string | null>> = {
  // Programs: see types.ts and shell.ts.
  ts: () => null,
  js: () => null,
  sh: () => null,
  json: ({ text }) => faultOfJson(text),
  ini: ({ text }) => faultOfIni(text),
  // Rendered in a browser by test/docs/tools.
  mermaid: () => null,
  // Read by the programs that they are for, in test/docs/tools, as the files that they are.
  nginx: faultOfCopy,
  caddyfile: faultOfCopy,
  html: faultOfCopy,
  // What a program prints, and trees of files.
  text: () => null
}

/** Returns a line for each block that cannot be read. */
export function checkData(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    const fault = block.directive.skip === null ? faultOf(block) : null
    return fault === null ? [] : [`${block.page}:${block.line} ${fault}`]
  })
}

function faultOf(block: Block): string | null {
  const check = CHECKS[block.lang]
  if (check !== undefined) return check(block)
  return block.lang === '' ? 'a block of code without a language' : `nobody checks the language "${block.lang}"`
}

function faultOfJson(text: string): string | null {
  try {
    JSON.parse(text)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function faultOfIni(text: string): string | null {
  const bad = text.split('\n').find((line) => !/^\s*([#;].*|\[[^\]]+\]|[\w.-]+\s*=.*)?$/.test(line))
  return bad === undefined ? null : `no section, setting or comment: ${bad}`
}

function faultOfCopy({ lang, directive }: Block): string | null {
  return directive.file === null ? `a block of ${lang} has to be a file that is tested: <!-- file: path -->` : null
}
