export { type CreateGroupOptions, createGroup, Group, type InviteOptions } from './group.js'
export { Membership } from './membership.js'
export type { GroupChoice, GroupOptions } from './options.js'
