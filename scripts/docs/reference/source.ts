/** The declarations of a source file, read with the TypeScript parser: names, types, doc comments. */
import ts from 'typescript'
import { readText } from '../root.ts'
import { type Doc, docOf } from './doc-comment.ts'

/** A member of an interface or class, or a declaration on its own. */
export interface Member {
  /** Qualified name for error messages: `SwarmOptions.port`. */
  readonly path: string
  readonly name: string
  /** The type as written, without `| undefined`. */
  readonly type: string
  /** `name(parameters): result` of a function or method; otherwise null. */
  readonly signature: string | null
  readonly isOptional: boolean
  readonly doc: Doc
}

const files = new Map<string, ts.SourceFile>()
const HIDDEN = ts.SyntaxKind.PrivateKeyword
const PROTECTED = ts.SyntaxKind.ProtectedKeyword

/** Fields of an interface or of an object type alias; also used for events. */
export function fieldsOf(file: string, name: string): Member[] {
  const found = declarationOf(file, name)
  const isObject = ts.isTypeAliasDeclaration(found) && ts.isTypeLiteralNode(found.type)
  const members = ts.isInterfaceDeclaration(found) ? found.members : isObject ? found.type.members : null
  if (members === null) throw new Error(`${file}: ${name} is not an interface`)
  return members.filter(isShown).flatMap((member) => expand(member, name))
}

/** The public members of a class: properties and accessors, or methods. */
export function publicOf(file: string, name: string, kind: 'properties' | 'methods'): Member[] {
  const found = declarationOf(file, name)
  if (!ts.isClassDeclaration(found)) throw new Error(`${file}: ${name} is not a class`)
  const isWanted = kind === 'methods' ? ts.isMethodDeclaration : isProperty
  return found.members
    .filter((member) => isWanted(member) && isShown(member))
    .map((member) => memberOf(member, name))
    .filter(({ name: shown }) => /^\w/.test(shown) && !shown.startsWith('_'))
}

/** A single function, class or type. */
export function topLevel(file: string, name: string): Member {
  return memberOf(declarationOf(file, name), file)
}

/** An object without its own comment is shown by its fields: `queries.total`. */
function expand(member: ts.TypeElement, owner: string): Member[] {
  const found = memberOf(member, owner)
  const isObject = ts.isPropertySignature(member) && member.type !== undefined && ts.isTypeLiteralNode(member.type)
  if (!isObject || found.doc.text !== '') return [found]
  const inner = (member.type as ts.TypeLiteralNode).members.map((field) => memberOf(field, owner))
  return inner.map((field) => ({ ...field, name: `${found.name}.${field.name}` }))
}

function declarationOf(file: string, name: string): ts.DeclarationStatement {
  const source = files.get(file) ?? ts.createSourceFile(file, readText(file), ts.ScriptTarget.ES2022, true)
  files.set(file, source)
  const isIt = (node: ts.Statement): node is ts.DeclarationStatement =>
    'name' in node && (node as ts.DeclarationStatement).name?.text === name
  const found = source.statements.find(isIt)
  if (found === undefined) throw new Error(`${file} has no ${name}`)
  return found
}

function isProperty(node: ts.Node): boolean {
  return ts.isPropertyDeclaration(node) || ts.isGetAccessorDeclaration(node)
}

function isShown(node: ts.Node): boolean {
  const isHidden =
    ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => [HIDDEN, PROTECTED].includes(kind))
  return !isHidden && !ts.getJSDocTags(node).some((tag) => tag.tagName.text === 'internal')
}

function memberOf(node: ts.Node & { name?: ts.Node | undefined }, owner: string): Member {
  const name = node.name?.getText().replace(/^'(.*)'$/, '$1') ?? ''
  return {
    path: `${owner}.${name}`,
    name,
    type: typeOf(node),
    signature: isCallable(node) ? signatureOf(node, name) : null,
    isOptional: 'questionToken' in node && node.questionToken !== undefined,
    doc: docOf(node)
  }
}

type Callable = ts.MethodDeclaration | ts.FunctionDeclaration | ts.MethodSignature

function isCallable(node: ts.Node): node is Callable {
  return ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isMethodSignature(node)
}

function signatureOf({ parameters, type }: Callable, name: string): string {
  const list = parameters.map((parameter) => {
    const shown = ts.isIdentifier(parameter.name) ? parameter.name.text : 'options'
    const mark = parameter.initializer || parameter.questionToken ? '?' : ''
    const given = parameter.type ? plain(parameter.type.getText()) : inferred(parameter.initializer)
    return `${parameter.dotDotDotToken ? '...' : ''}${shown}${mark}: ${given}`
  })
  return `${name}(${list.join(', ')})${type ? `: ${plain(type.getText())}` : ''}`
}

function typeOf(node: ts.Node): string {
  if ('type' in node && node.type !== undefined) return plain((node.type as ts.TypeNode).getText())
  return 'initializer' in node ? inferred(node.initializer as ts.Expression | undefined) : ''
}

/** The type of a literal, or of `new X<Y>()`. */
function inferred(value: ts.Expression | undefined): string {
  if (value === undefined) return ''
  if (ts.isNewExpression(value)) return value.getText().replace(/^new (.*)\(.*\)$/s, '$1')
  if (value.kind === ts.SyntaxKind.TrueKeyword || value.kind === ts.SyntaxKind.FalseKeyword) return 'boolean'
  return ts.isStringLiteral(value) ? 'string' : 'number'
}

function plain(type: string): string {
  return type
    .replace(/\s+/g, ' ')
    .replace(/ ?\| undefined$/, '')
    .replace(/^\((\(.*\) => [^|]*)\)$/, '$1')
    .replace(/readonly (\w+)\[\]/g, '$1[]')
    .replace(/ReadonlyArray</g, 'Array<')
}
