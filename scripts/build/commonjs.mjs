import { basename } from 'node:path'
import ts from 'typescript'
import { publicEntries } from '../api/entries.mjs'
import { writeIfNew } from './files.mjs'

const { SymbolFlags } = ts
const OPTIONS = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, types: [] }

/**
 * Writes two files next to each public entry: the CommonJS module that `require` gets, and its declarations. Both only
 * refer to the ES module, so its classes exist once. See docs/decisions/0031-declarations-for-commonjs.md.
 */
export async function writeCommonJs() {
  const paths = (await publicEntries()).map(({ types }) => types)
  const program = ts.createProgram(paths, OPTIONS)
  for (const path of paths) {
    const module = `./${basename(path, '.d.ts')}.js`
    const exports = exportsOf(path, program)
    writeIfNew(path.replace(/ts$/, 'cts'), declarations(module, exports))
    writeIfNew(path.replace(/d\.ts$/, 'cjs'), code(module, exports))
  }
}

/** What a module exports: the symbols, where they are declared, by their exported names. */
function exportsOf(path, program) {
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(path))
  const isAlias = (symbol) => (symbol.flags & SymbolFlags.Alias) !== 0
  const declared = (symbol) => (isAlias(symbol) ? checker.getAliasedSymbol(symbol) : symbol)
  return new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, declared(symbol)]))
}

/**
 * Node's `require` returns what an ES module exports as 'module.exports'. Bundlers return all that it exports. The last
 * line never runs: from it Node reads the names that `import` of this file offers.
 */
function code(module, exports) {
  const isName = ([name, symbol]) =>
    (symbol.flags & SymbolFlags.Value) !== 0 && !/^(default|module\.exports)$/.test(name)
  const names = [...exports].filter(isName).map(([name]) => name)
  const main = exports.has('module.exports') ? "esm['module.exports'] ?? esm" : 'esm'
  return `const esm = require('${module}')\nmodule.exports = ${main}\n0 && (module.exports = { ${names.join(', ')} })\n`
}

/** An object that has all exports, merged with a namespace that has the types. */
function declarations(module, exports) {
  // Not `import type * as esm`: from CommonJS, TypeScript's nodenext takes that for what the module exports as 'module.exports'.
  const esm = `import('${module}', { with: { 'resolution-mode': 'import' } })`
  const aliases = [...exports].filter(([name, symbol]) => isType(symbol) && !/^(default|module\.exports)$/.test(name))
  return [
    `declare const main: ${typeOfMain(esm, exports)}`,
    ...(exports.has('module.exports') && isType(exports.get('default')) ? [`type main = ${esm}.default`] : []),
    'declare namespace main {',
    ...aliases.map(([name, symbol]) => `  ${alias(esm, name, symbol)}`),
    '}',
    'export = main',
    ''
  ].join('\n')
}

/** The type of what `require` returns: see `moduleExports` of @swarmway/runtime. Otherwise Node marks a default export. */
function typeOfMain(esm, exports) {
  if (exports.has('module.exports')) return `typeof ${esm}.default & typeof ${esm}`
  return exports.has('default') ? `typeof ${esm} & { readonly __esModule: true }` : `typeof ${esm}`
}

function isType({ flags }) {
  return (flags & SymbolFlags.Type) !== 0
}

function alias(esm, name, { declarations }) {
  const { typeParameters = [] } = declarations.find((declaration) => declaration.typeParameters) ?? {}
  const list = (texts) => (texts.length > 0 ? `<${texts.join(', ')}>` : '')
  const parameters = typeParameters.map((parameter) => parameter.getText())
  const names = typeParameters.map((parameter) => parameter.name.text)
  return `type ${name}${list(parameters)} = ${esm}.${name}${list(names)}`
}
