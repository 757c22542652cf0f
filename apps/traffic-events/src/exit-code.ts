/** What a scheduler can act on. */
export const ExitCode = {
  done: 0,
  fault: 1,
  configuration: 2,
  credentials: 3,
  warehouse: 4,
  slicesFailed: 5,
  dateAtRisk: 6,
  busy: 7,
  interrupted: 130,
  terminated: 143,
} as const;
