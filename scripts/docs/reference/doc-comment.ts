/** The doc comment of a declaration, taken apart. */
import ts from 'typescript'

export interface Doc {
  /** What it is, as Markdown, without what is said about the default. Empty without a comment. */
  readonly text: string
  /** What the comment says the default is; null if it says nothing. */
  readonly default: string | null
}

/** "Default: 8." as a sentence, or "; default 8." at the end of one. */
const DEFAULT = /(?:^|(?<=[.:)`\w]);? ?)(?:Default:|[Dd]efault) (.+?)(?=[.;](?: |$)|$)[.;]?/s

/** Reads the comment. Tags `@throws` become a sentence. */
export function docOf(node: ts.Node): Doc {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1)
  const text = flat(comment?.comment)
  const thrown = ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === 'throws')
  const throws = thrown.map(({ comment: what }) => `Throws a ${flat(what).replace(/\.$/, '')}.`)
  const match = DEFAULT.exec(text)
  const rest = match === null ? text : around(text, match)
  return { text: [rest, ...throws].filter(Boolean).join(' '), default: match?.[1] ?? null }
}

/** One paragraph, without samples, comment marks and `{@link}`. */
function flat(comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string {
  const text = ts.getTextOfJSDocComment(comment) ?? ''
  return text
    .replace(/```[\s\S]*?```/g, '')
    .replace(/\{@link (\S+?)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim()
}

/** What is left when the default is taken out of the middle. A clause that followed it becomes a sentence. */
function around(text: string, match: RegExpExecArray): string {
  const head = text.slice(0, match.index).trim().replace(/[;,]$/, '')
  const tail = text.slice(match.index + match[0].length).trim()
  const isClause = match[0].endsWith(';')
  const closed = head === '' || /[.:?!]$/.test(head) ? head : `${head}.`
  return [closed, isClause ? tail.charAt(0).toUpperCase() + tail.slice(1) : tail].filter(Boolean).join(' ')
}
