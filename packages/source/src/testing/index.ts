export { MemorySink } from './memory-sink.ts';
export { NOTHING_DONE } from './nothing-done.ts';
export { VirtualTime } from './virtual-time.ts';
