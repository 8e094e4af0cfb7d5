/** A reference page from its outline. */
import { definitions, eventsTable, fieldsTable, methodsTable, optionsTable, said } from './markdown.ts'
import { fieldsOf, type Member, publicOf, topLevel } from './source.ts'

/** A name in a source file, which is relative to `packages/`. */
export type Place = readonly [file: string, name: string]

/** A part of a page. What is listed in `from` goes into one table, in that order. */
export interface Section {
  readonly heading: string
  /** Text above the table, Markdown. */
  readonly intro?: string
  readonly kind: 'options' | 'fields' | 'events' | 'properties' | 'methods' | 'definitions'
  readonly from: readonly Place[]
  /** Only these members. Default: all. */
  readonly only?: (member: Member) => boolean
}

/** What a reference page is made of. */
export interface Outline {
  readonly path: string
  readonly title: string
  readonly intro: string
  readonly sections: readonly Section[]
}

const NOTE = '<!-- Made by `npm run docs` from the doc comments in the sources: change those. -->'

/** The page's Markdown. Throws an error that names what has no comment, or does not say its default. */
export function render({ title, intro, sections }: Outline): string {
  return [NOTE, `# ${title}`, intro, ...sections.flatMap(renderSection)].join('\n\n')
}

/** All members of a section. */
function membersOf({ kind, from, only = () => true }: Section): Member[] {
  return from.flatMap(([file, name]) => read(kind, `packages/${file}`, name)).filter(only)
}

function read(kind: Section['kind'], file: string, name: string): Member[] {
  if (kind === 'definitions') return [topLevel(file, name)]
  if (kind === 'properties' || kind === 'methods') return publicOf(file, name, kind)
  return fieldsOf(file, name)
}

function renderSection(section: Section): string[] {
  const members = membersOf(section)
  const single = section.kind === 'fields' || section.kind === 'options' ? section.from : []
  const about = section.intro ?? (single.length === 1 ? single.map(aboutType).join('') : '')
  return [`## ${section.heading}`, about, tableOf(section.kind, members)].filter((part) => part !== '')
}

/** The comment of the interface itself, if it has one. */
function aboutType([file, name]: Place): string {
  const member = topLevel(`packages/${file}`, name)
  return member.doc.text === '' ? '' : said(member)
}

function tableOf(kind: Section['kind'], members: readonly Member[]): string {
  if (kind === 'options') return optionsTable(members)
  if (kind === 'events') return eventsTable(members)
  if (kind === 'methods') return methodsTable(members)
  return kind === 'definitions' ? definitions(members) : fieldsTable(members)
}
