/**
 * What an object that came from outside has under a name that came from outside: `constructor` and
 * `__proto__` are names like any other, and nothing is inherited.
 */
export function ownValue<T>(object: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
