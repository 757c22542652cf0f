/** How a program ended, as a scheduler can act on it; the same in every program. */
export const EXIT = {
  done: 0,
  fault: 1,
  configuration: 2,
  credentials: 3,
  warehouse: 4,
  slicesFailed: 5,
  dateAtRisk: 6,
  busy: 7,
  service: 8,
  differs: 9,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Of several outcomes the first of these is told. A signal's code and a fault outweigh them all. */
const WEIGHT: readonly ExitCode[] = [
  EXIT.hungUp,
  EXIT.interrupted,
  EXIT.terminated,
  EXIT.fault,
  EXIT.configuration,
  EXIT.credentials,
  EXIT.dateAtRisk,
  EXIT.warehouse,
  EXIT.differs,
  EXIT.service,
  EXIT.slicesFailed,
  EXIT.busy,
];

/** The one code that stands for all of `codes`; 0 for none. */
export function gravestExitCode(codes: readonly ExitCode[]): ExitCode {
  return WEIGHT.find((code) => codes.includes(code)) ?? EXIT.done;
}
