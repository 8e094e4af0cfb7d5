const VERSION = /^(\d+)\.(\d+)\.(\d+)$/
const STEPS = ['major', 'minor', 'patch']

/** The version after `current`, which all packages share, by a step or as named. Throws a sentence if there is none. */
export function nextVersion(current, step) {
  const [version, ...others] = new Set(current)
  if (others.length > 0) throw new Error(`The packages differ in their versions: ${[version, ...others].join(', ')}.`)
  if (STEPS.includes(step)) return bump(version, STEPS.indexOf(step))
  if (!VERSION.test(step ?? '')) throw new Error('Say which: npm run bump -- patch, minor, major or 1.2.3')
  if (isBefore(step, version)) throw new Error(`${step} is before ${version}, the version of the packages.`)
  return step
}

function bump(version, index) {
  const parts = partsOf(version)
  return parts.map((part, i) => (i < index ? part : i === index ? part + 1 : 0)).join('.')
}

function isBefore(a, b) {
  const [left, right] = [partsOf(a), partsOf(b)]
  const index = left.findIndex((part, i) => part !== right[i])
  return index !== -1 && left[index] < right[index]
}

function partsOf(version) {
  return VERSION.exec(version).slice(1).map(Number)
}
