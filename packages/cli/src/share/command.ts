export { getCommand } from './get-command.js'
export { shareCommand } from './share-command.js'
