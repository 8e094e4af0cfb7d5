/**
 * fast-check, with the same cases in every run, so that a change fails at once or never, on every machine.
 * `PROPERTY_SEED=random` tries other cases; a number repeats them.
 */
import fc from 'fast-check'

const seed = process.env['PROPERTY_SEED'] ?? '1'
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) })

export { fc }
