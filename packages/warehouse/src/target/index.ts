export { COMMON_SETTINGS, commonLoadRules } from './common-settings.ts';
