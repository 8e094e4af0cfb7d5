/** Node's sodium is native. Resolves to whether anything was made faster: false. */
export async function hastenSodium(): Promise<boolean> {
  return false
}
