/** Characters that Windows does not allow in names. Browsers put "_" in their place, too, whatever the system. */
const FORBIDDEN = /[:*?"<>|]/g
/** A drive, or what Windows takes for a device whatever follows. */
const DRIVE_OR_DEVICE = /^([a-z]:|(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$) *(\.|:|$))/i
/** Windows drops them. */
const DROPPED_ENDS = /[. ]+(?=\/|$)/g

/** Whether a path names a drive or a device of Windows: nobody knows where an archive is unpacked. */
export function namesDevice(path: string): boolean {
  return path.split('/').some((name) => DRIVE_OR_DEVICE.test(name))
}

/** The path of a file in an archive. */
export function archivePath(path: string): string {
  return path.replace(FORBIDDEN, '_')
}

/** Equal for two paths that some system takes for the same. */
export function savedIdentity(path: string): string {
  return archivePath(path).normalize('NFC').toLowerCase().replace(DROPPED_ENDS, '')
}
