/** Type-checks the `ts` and `js` blocks of the pages against the sources of the packages. */
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { GIVEN } from '../given.ts'
import type { Block } from '../page.ts'
import { ROOT } from '../root.ts'

const LANGUAGES = new Set(['ts', 'js'])

/** Returns a line for each error: the page, the line, and what is wrong. */
export function checkTypes(blocks: readonly Block[]): string[] {
  const code = blocks.filter(({ lang, directive }) => LANGUAGES.has(lang) && directive.skip === null)
  const [browser, node] = [true, false].map((isBrowser) =>
    code.filter((block) => block.directive.browser === isBrowser)
  )
  return [...errorsIn(node ?? [], options()), ...errorsIn(browser ?? [], browserOptions())]
}

function errorsIn(blocks: readonly Block[], compilerOptions: ts.CompilerOptions): string[] {
  const files = new Map(blocks.map((block) => [fileNameOf(block), block]))
  const sources = new Map([...files].map(([name, block]) => [name, sourceOf(block)]))
  const host = ts.createCompilerHost(compilerOptions)
  const { fileExists, getSourceFile } = host
  host.fileExists = (name) => sources.has(name) || fileExists(name)
  host.getSourceFile = (name, ...rest) => {
    const text = sources.get(name)
    return text === undefined ? getSourceFile(name, ...rest) : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022)
  }
  const program = ts.createProgram([...sources.keys(), ...declarationFiles()], compilerOptions, host)
  return [...files].flatMap(([name, block]) => diagnosticsOf(program, name).map((found) => describe(found, block)))
}

function diagnosticsOf(program: ts.Program, name: string): readonly ts.Diagnostic[] {
  const file = program.getSourceFile(name)
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
}

function describe({ file, start = 0, messageText }: ts.Diagnostic, block: Block): string {
  const line = file?.getLineAndCharacterOfPosition(start).line ?? 0
  return `${block.page}:${block.line + line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
}

/** Beside the page, so that packages resolve as they do from there. */
function fileNameOf({ page, line }: Block): string {
  return join(ROOT, dirname(page), `${page.split('/').at(-1)}.${line}.ts`)
}

/** Given names are declared after the code, so that lines keep their numbers. */
function sourceOf({ text, page, line, directive }: Block): string {
  const given = directive.given.map((name) => {
    const type = GIVEN[name]
    if (type === undefined) throw new Error(`${page}:${line}: "${name}" is not in scripts/docs/given.ts`)
    return `declare const ${name}: ${type}`
  })
  return [text, ...given, 'export {}'].join('\n')
}

/** As for the packages, but samples may omit types, as in JavaScript, and leave variables unused. */
function options(): ts.CompilerOptions {
  const path = join(ROOT, 'tsconfig.json')
  const { config } = ts.readConfigFile(path, ts.sys.readFile)
  const parsed = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, ROOT)
  const lenient = {
    noImplicitAny: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    useUnknownInCatchVariables: false
  }
  return { ...parsed.options, ...lenient, allowJs: false }
}

/** Resolves as a bundler does for a browser: without Node's types and without packages that browsers lack. */
function browserOptions(): ts.CompilerOptions {
  return {
    ...options(),
    types: [],
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: ['browser', '@swarmway/source']
  }
}

/** Declarations for packages without types. */
function declarationFiles(): string[] {
  return [...ts.sys.readDirectory(join(ROOT, 'types'), ['.d.ts']), join(ROOT, 'examples/proxy/modules.d.ts')]
}
