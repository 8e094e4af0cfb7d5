import { tierConfig } from './tier-config.ts'
import { SLOW_FILES } from './tiers.ts'

/** Tests too slow for `npm test`: the command, the examples and the packages, as whole programs. */
export default tierConfig('slow', SLOW_FILES)
