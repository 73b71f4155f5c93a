// Which part of the settings is to be shown when the page opens.
export type SettingsPart = 'look' | 'veil' | 'care' | 'keys' | 'case';

export const asked: { part: SettingsPart | null } = { part: null };
