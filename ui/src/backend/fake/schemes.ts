// Schemes of the fake program: one of six categories as in the mock screens, one of eleven, one whose codes are letters.
import type { CategoryView, Remark, SchemeView } from '../types';

const STATUS: Remark = { code: 'scheme-illustration', figures: [], text: 'Illustration. Written from public texts; the owner of the scheme has not signed it off.' };

function scheme(id: string, title: string, title_nl: string, categories: ReadonlyArray<readonly [code: string, en: string, nl: string]>): SchemeView {
  return {
    id, title, title_nl, status: STATUS,
    categories: categories.map(([code, en, nl], at): CategoryView => ({ code, en, nl, key: at < 9 ? String(at + 1) : null })),
  };
}

const SIX = [
  ['1', 'Illegal', 'Strafbaar'], ['2', 'Age uncertain', 'Leeftijd onzeker'], ['3', 'Generated', 'Gegenereerd'],
  ['4', 'Comparison', 'Vergelijking'], ['5', 'Other interest', 'Ander belang'], ['6', 'Not relevant', 'Niet relevant'],
] as const;

export const SCHEMES: SchemeView[] = [
  scheme('six', 'Six categories', 'Zes categorieën', SIX),
  scheme('many', 'Eleven categories', 'Elf categorieën', [...SIX,
    ['7', 'Text and documents', 'Tekst en documenten'], ['8', 'Known, outside the baseline', 'Bekend, buiten de baseline'], ['9', 'For a colleague', 'Voor een collega'],
    ['10', 'Advertising', 'Reclame'], ['11', 'Damaged', 'Beschadigd']]),
  scheme('uk', 'United Kingdom, sentencing categories', 'Verenigd Koninkrijk, categorieën voor de strafmaat', [
    ['A', 'A: penetrative activity, activity with an animal, or sadism', 'A: penetratie, handelingen met een dier of sadisme'],
    ['B', 'B: non-penetrative sexual activity', 'B: seksuele handelingen zonder penetratie'],
    ['C', 'C: other indecent images', 'C: overige onzedelijke beelden'],
    ['0', 'Non-pertinent', 'Niet relevant'], ['5', 'Uncategorized', 'Niet ingedeeld']]),
  scheme('us', 'Project VIC, United States', 'Project VIC, Verenigde Staten', [
    ['1', 'Child abuse material', 'Materiaal van kindermisbruik'],
    ['2', 'Child exploitive or age difficult', 'Uitbuiting of leeftijd onzeker'],
    ['3', 'Computer-made or drawn, child exploitive', 'Computerbeeld of tekening, uitbuiting'],
    ['4', 'Comparison images', 'Vergelijkingsbeelden'],
    ['0', 'Non-pertinent', 'Niet relevant'],
    ['5', 'Uncategorized', 'Niet ingedeeld']]),
  scheme('nl', 'Netherlands, art. 252 Sr', 'Nederland, art. 252 Sr', [
    ['1', 'Punishable: apparently under 18, sexual conduct', 'Strafbaar: kennelijk jonger dan 18, seksuele gedraging'],
    ['2', 'Age uncertain', 'Leeftijd onzeker'],
    ['3', 'Not punishable, of use to the investigation', 'Niet strafbaar, van belang voor het onderzoek'],
    ['4', 'Non-pertinent', 'Niet relevant']]),
];
