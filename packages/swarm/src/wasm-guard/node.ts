// Node's sodium is native.
export {}
