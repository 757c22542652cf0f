export { rightSettingValues, rightValues } from './right-values.ts';

export type { SettingSchema } from './right-values.ts';
