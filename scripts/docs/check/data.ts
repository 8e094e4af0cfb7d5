/** Checks the blocks that are not programs: they must be valid, and of a language that has a check. */
import type { Block } from '../page.ts'

/** By language: returns what is wrong with a block, or null. */
const CHECKS: Readonly<Record<string, (block: Block) => string | null>> = {
  // Programs are checked by types.ts and shell.ts.
  ts: () => null,
  js: () => null,
  sh: () => null,
  json: ({ text }) => faultOfJson(text),
  ini: ({ text }) => faultOfIni(text),
  // Rendered in a browser by test/docs/tools.
  mermaid: () => null,
  // Copies of files, which test/docs/tools loads with the program that they are for.
  nginx: faultOfCopy,
  caddyfile: faultOfCopy,
  html: faultOfCopy,
  yaml: faultOfCopy,
  dockerfile: faultOfCopy,
  // Output of programs, and trees of files.
  text: () => null
}

/** Returns a line for each invalid block. */
export function checkData(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    const fault = block.directive.skip === null ? faultOf(block) : null
    return fault === null ? [] : [`${block.page}:${block.line} ${fault}`]
  })
}

function faultOf(block: Block): string | null {
  const check = CHECKS[block.lang]
  if (check !== undefined) return check(block)
  return block.lang === '' ? 'a block of code without a language' : `no check for the language "${block.lang}"`
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
  return bad === undefined ? null : `neither a section nor a setting nor a comment: ${bad}`
}

function faultOfCopy({ lang, directive }: Block): string | null {
  return directive.file === null ? `a block of ${lang} must be a tested file: <!-- file: path -->` : null
}
