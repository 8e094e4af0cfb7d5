const UNRELEASED = '## Unreleased\n'

/** Puts what is unreleased under a version and its date. Throws if there is nothing. */
export function closeUnreleased(text, version, date) {
  const start = text.indexOf(UNRELEASED)
  if (start === -1) throw new Error('CHANGELOG.md has no section "## Unreleased".')
  const end = text.indexOf('\n## ', start + 1)
  const notes = text.slice(start + UNRELEASED.length, end === -1 ? undefined : end).trim()
  if (notes === '') throw new Error('CHANGELOG.md says nothing under "## Unreleased". Say what changes for users.')
  if (sectionOf(text, version) !== null) throw new Error(`CHANGELOG.md has a section for ${version} already.`)
  return text.replace(UNRELEASED, `${UNRELEASED}\n## ${version} (${date})\n`)
}

/** What is said about a version, or null. */
export function sectionOf(text, version) {
  const heading = `\n## ${version} (`
  const start = text.indexOf(heading)
  if (start === -1) return null
  const end = text.indexOf('\n## ', start + 1)
  return text.slice(text.indexOf('\n', start + 1), end === -1 ? undefined : end).trim()
}
