/** Whose address a candidate has. */
export type AddressKind = 'public' | 'local' | 'name' | 'none'

/** The candidate as every implementation takes it. libdatachannel writes it as a line of a description. */
export function normalCandidate(candidate: string): string {
  return candidate.replace(/^a=/, '')
}

/** A description and the candidates in it, which some implementations put there, apart. */
export function splitDescription(sdp: string): { sdp: string; candidates: string[] } {
  const lines = sdp.split(/\r?\n/)
  const isCandidate = (line: string) => line.startsWith('a=candidate:')
  return {
    sdp: lines.filter((line) => !isCandidate(line)).join('\r\n'),
    candidates: lines.filter(isCandidate).map(normalCandidate)
  }
}

/** Whether there are only data channels in a description. Media that a peer adds would be accepted, received and decoded. */
export function isDataOnly(sdp: string): boolean {
  const sections = sdp.split(/[\r\n]/).filter((line) => line.trimStart().startsWith('m='))
  return sections.length <= 1 && sections.every((section) => section.startsWith('m=application '))
}

/**
 * A candidate as every implementation writes it (RFC 8839), with its address. WebRTC is less strict, so it would find
 * another address than we do where tabs take the place of spaces.
 */
const CANDIDATE = /^candidate:[!-~]+ \d+ [a-z]+ \d+ ([!-~]+) \d+ typ [a-z]+( [!-~]+)* ?$/i
/** Without leading zeros: to some, these are octal numbers. */
const ADDRESS_4 = /^((0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])(\.(?!$)|$)){4}$/

/**
 * What a candidate's address is: public; of a local network or this machine; a `.local` name, which browsers put in
 * place of a local address; or anything else, which is never used: to look it up would tell others about us.
 */
export function addressKind(candidate: string): AddressKind {
  const address = CANDIDATE.exec(candidate)?.[1] ?? ''
  if (ADDRESS_4.test(address)) return isLocal4(address) ? 'local' : 'public'
  if (/^[0-9a-f:]*:[0-9a-f:.]*$/i.test(address)) return isGlobal6(address) ? 'public' : 'local'
  return /^[0-9a-z-]+\.local$/i.test(address) ? 'name' : 'none'
}

/** All that RFC 6890 reserves, and multicast. */
function isLocal4(address: string): boolean {
  const [a = 0, b = 0, c = 0] = address.split('.').map(Number)
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true
  if (a === 100) return b >= 64 && b < 128
  if (a === 169) return b === 254
  if (a === 172) return b >= 16 && b < 32
  if (a === 198) return b === 18 || b === 19 || (b === 51 && c === 100)
  if (a === 203) return b === 0 && c === 113
  return a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)) || (b === 88 && c === 99))
}

/** 2000::/3 is what is routed. What embeds an IPv4 address, such as 6to4, and what is for examples are left out. */
function isGlobal6(address: string): boolean {
  return /^[23][0-9a-f]{3}:/i.test(address) && !/^(2002|2001:0{0,4}|2001:0?db8):/i.test(address)
}
