export { SimulatedClock } from './clock/simulated-clock.ts';
export { faultPlanSchema, faultSettingsSchema } from './faults/fault.ts';
export { makeFaultPlan } from './faults/make-fault-plan.ts';
export { behaviourOverridesSchema, behaviourSchema } from './settings/behaviour.ts';
export { simulatorSettingsSchema } from './settings/settings.ts';
export { SimulatorSettingsError } from './settings/simulator-settings-error.ts';
export { startSimulator } from './start-simulator.ts';

export type { SimulatedClockOptions } from './clock/simulated-clock.ts';
export type { TruthRow } from './control/truth.ts';
export type { QueryMeasurements } from './executions/query-runner.ts';
export type { RequestMeasurements } from './http/request-measurements.ts';
export type { Fault, FaultPlan, FaultRule, Operation, SeededFaults } from './faults/fault.ts';
export type { StruckFault } from './faults/faults.ts';
export type { Behaviour, BehaviourOverrides } from './settings/behaviour.ts';
export type {
  Credentials,
  SimulatorSettings,
  SimulatorSettingsInput,
} from './settings/settings.ts';
export type { Simulator, SimulatorOptions, TruthOptions } from './start-simulator.ts';
