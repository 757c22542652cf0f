export { MemorySink } from './memory-sink.ts';
export { VirtualTime } from './virtual-time.ts';
