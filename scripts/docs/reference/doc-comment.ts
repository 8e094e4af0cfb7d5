/** The doc comment of a declaration, taken apart. */
import ts from 'typescript'

export interface Doc {
  /** The description, as Markdown, without the default. Empty if there is no comment. */
  readonly text: string
  /** The default that the comment states, or null. */
  readonly default: string | null
}

/** "Default: 8." as a sentence, or "; default 8." at the end of one. */
const DEFAULT = /(?:^|(?<=[.:)`\w]);? ?)(?:Default:|[Dd]efault) (.+?)(?=[.;](?: |$)|$)[.;]?/s

/** Parses the comment. `@throws` tags become sentences. */
export function docOf(node: ts.Node): Doc {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1)
  const text = flat(comment?.comment)
  const thrown = ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === 'throws')
  const throws = thrown.map(({ comment: what }) => `Throws a ${flat(what).replace(/\.$/, '')}.`)
  const match = DEFAULT.exec(text)
  const rest = match === null ? text : around(text, match)
  return { text: [rest, ...throws].filter(Boolean).join(' '), default: match?.[1] ?? null }
}

/** The comment as one paragraph, without samples, comment marks and `{@link}`. */
function flat(comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string {
  const text = ts.getTextOfJSDocComment(comment) ?? ''
  return text
    .replace(/```[\s\S]*?```/g, '')
    .replace(/\{@link (\S+?)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The text without the default in its middle. A clause that followed the default becomes a sentence. */
function around(text: string, match: RegExpExecArray): string {
  const head = text.slice(0, match.index).trim().replace(/[;,]$/, '')
  const tail = text.slice(match.index + match[0].length).trim()
  const isClause = match[0].endsWith(';')
  const closed = head === '' || /[.:?!]$/.test(head) ? head : `${head}.`
  return [closed, isClause ? tail.charAt(0).toUpperCase() + tail.slice(1) : tail].filter(Boolean).join(' ')
}
