// Names of flags, as sets and other tools set them.
import { m } from '../paraglide/messages.js';

const FLAGS: Record<string, () => string> = {
  victim_identified: m.flag_victim_identified, offender_identified: m.flag_offender_identified, distributed: m.flag_distributed, suspected: m.flag_suspected, self_generated: m.flag_self_generated, baseline: m.flag_baseline,
};

/** A flag that the window does not know keeps the program's word. */
export const flagName = (flag: string): string => FLAGS[flag]?.() ?? flag;
