// The part of `bare-hrtime` that is used: seconds and nanoseconds, as Node's process.hrtime.
export default function hrtime(): [seconds: number, nanoseconds: number]
