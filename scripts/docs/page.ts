/** A Markdown page as a renderer sees it: code blocks, links, anchors. */
import GithubSlugger from 'github-slugger'
import type { Heading, Html, Node, Parents, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { toString as textOf } from 'mdast-util-to-string'
import { gfm } from 'micromark-extension-gfm'
import { visit } from 'unist-util-visit'
import { type Directive, parseDirective } from './directive.ts'

/** A fenced block of code. */
export interface Block {
  /** The page, relative to the root of the repository. */
  readonly page: string
  /** Line number of its first line of code. */
  readonly line: number
  /** The word after the fence; may be empty. */
  readonly lang: string
  readonly text: string
  /** The comment above the block, parsed. */
  readonly directive: Directive
}

/** A link or picture. */
export interface Link {
  readonly line: number
  readonly url: string
}

/** Code within a sentence. */
export interface InlineCode {
  readonly line: number
  readonly text: string
}

/** A parsed page. */
export interface Page {
  readonly path: string
  /** Its Markdown. */
  readonly text: string
  readonly blocks: readonly Block[]
  readonly inlineCode: readonly InlineCode[]
  readonly links: readonly Link[]
  /** The anchors that `#...` may name. */
  readonly anchors: ReadonlySet<string>
}

/** Parses a page. Throws an error that names the line if the comment above a block is invalid. */
export function parsePage(path: string, markdown: string): Page {
  const tree = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  return {
    path,
    text: markdown,
    blocks: blocksOf(path, tree),
    inlineCode: inlineCodeOf(tree),
    links: linksOf(tree),
    anchors: anchorsOf(tree)
  }
}

function blocksOf(page: string, tree: Root): Block[] {
  const blocks: Block[] = []
  visit(tree, 'code', (node, index, parent) => {
    const line = lineOf(node) + 1
    const comment = commentBefore(node, parent?.children[(index ?? 0) - 1])
    const directive = parseDirective(comment, `${page}:${line}`)
    blocks.push({ page, line, lang: node.lang ?? '', text: node.value, directive })
  })
  return blocks
}

/** A comment counts only if it is directly above the block: with a line in between, it is about something else. */
function commentBefore(node: Node, before: Node | undefined): string | null {
  if (before?.type !== 'html' || before.position?.end.line !== lineOf(node) - 1) return null
  return /^<!--(.*)-->$/s.exec((before as Html).value.trim())?.[1]?.trim() ?? null
}

function inlineCodeOf(tree: Root): InlineCode[] {
  const found: InlineCode[] = []
  visit(tree, 'inlineCode', (node) => {
    found.push({ line: lineOf(node), text: node.value })
  })
  return found
}

function linksOf(tree: Root): Link[] {
  const links: Link[] = []
  visit(tree, (node) => {
    if (node.type === 'link' || node.type === 'image' || node.type === 'definition') {
      links.push({ line: lineOf(node), url: node.url })
    }
  })
  return links
}

function anchorsOf(tree: Root): Set<string> {
  const slugger = new GithubSlugger()
  const anchors = new Set<string>()
  visit(tree as Parents, 'heading', (heading: Heading) => {
    anchors.add(slugger.slug(textOf(heading)))
  })
  return anchors
}

function lineOf(node: Node): number {
  return node.position?.start.line ?? 0
}
