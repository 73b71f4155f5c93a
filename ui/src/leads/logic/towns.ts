// Towns for orientation on the map, written down for Zeef: name, rounded place, and how far out it is still named.
import type { Language } from '../../words/language.svelte';
import { distance, type Spot } from './mapView';

export interface Town extends Spot {
  en: string;
  nl: string;
  /** 1 for those named on a map of the world, 4 for those named from near by. */
  rank: number;
}

/** Rank, latitude, longitude, English name, Dutch name where it differs. Two decimals: a town is no point. */
type Row = readonly [rank: number, latitude: number, longitude: number, en: string, nl?: string];
const ROWS: readonly Row[] = [
  // The Netherlands
  [1, 52.37, 4.9, 'Amsterdam'], [2, 51.92, 4.48, 'Rotterdam'], [2, 52.08, 4.31, 'The Hague', 'Den Haag'], [2, 52.09, 5.12, 'Utrecht'], [3, 51.44, 5.48, 'Eindhoven'],
  [2, 53.22, 6.57, 'Groningen'], [3, 51.56, 5.09, 'Tilburg'], [3, 51.59, 4.78, 'Breda'], [3, 51.84, 5.86, 'Nijmegen'], [3, 51.98, 5.91, 'Arnhem'], [3, 52.22, 6.9, 'Enschede'],
  [3, 52.52, 6.08, 'Zwolle'], [3, 50.85, 5.69, 'Maastricht'], [3, 53.2, 5.79, 'Leeuwarden'], [4, 51.69, 5.3, "'s-Hertogenbosch"], [4, 52.16, 4.49, 'Leiden'], [4, 52.38, 4.64, 'Haarlem'],
  [4, 52.16, 5.39, 'Amersfoort'], [4, 52.21, 5.97, 'Apeldoorn'], [4, 52.63, 4.75, 'Alkmaar'], [4, 51.5, 3.61, 'Middelburg'], [4, 52.35, 5.26, 'Almere'], [4, 51.81, 4.67, 'Dordrecht'],
  [4, 52.99, 6.56, 'Assen'], [4, 52.78, 6.9, 'Emmen'], [4, 51.37, 6.17, 'Venlo'], [4, 52.96, 4.76, 'Den Helder'], [4, 51.34, 3.83, 'Terneuzen'], [4, 51.49, 4.29, 'Bergen op Zoom'],
  [4, 52.51, 5.47, 'Lelystad'], [4, 50.89, 5.98, 'Heerlen'], [4, 52.25, 6.16, 'Deventer'], [4, 52.01, 4.71, 'Gouda'],
  // Belgium and Luxembourg
  [1, 50.85, 4.35, 'Brussels', 'Brussel'], [2, 51.22, 4.4, 'Antwerp', 'Antwerpen'], [3, 51.05, 3.72, 'Ghent', 'Gent'], [3, 50.63, 5.57, 'Liège', 'Luik'], [3, 51.21, 3.22, 'Bruges', 'Brugge'],
  [3, 50.41, 4.44, 'Charleroi'], [4, 50.88, 4.7, 'Leuven'], [4, 50.93, 5.34, 'Hasselt'], [4, 51.23, 2.92, 'Ostend', 'Oostende'], [4, 50.83, 3.26, 'Kortrijk'], [4, 50.47, 4.87, 'Namur', 'Namen'],
  [2, 49.61, 6.13, 'Luxembourg', 'Luxemburg'],
  // Germany, Austria, Switzerland
  [1, 52.52, 13.4, 'Berlin', 'Berlijn'], [2, 53.55, 9.99, 'Hamburg'], [2, 48.14, 11.58, 'Munich', 'München'], [2, 50.94, 6.96, 'Cologne', 'Keulen'], [2, 50.11, 8.68, 'Frankfurt'],
  [3, 51.23, 6.78, 'Düsseldorf'], [3, 51.46, 7.01, 'Essen'], [3, 51.51, 7.47, 'Dortmund'], [3, 52.37, 9.73, 'Hanover', 'Hannover'], [3, 53.08, 8.8, 'Bremen'], [3, 51.34, 12.37, 'Leipzig'],
  [3, 51.05, 13.74, 'Dresden'], [3, 48.78, 9.18, 'Stuttgart'], [3, 49.45, 11.08, 'Nuremberg', 'Neurenberg'], [4, 50.78, 6.08, 'Aachen', 'Aken'], [4, 51.96, 7.63, 'Münster', 'Munster'],
  [4, 52.28, 8.05, 'Osnabrück'], [4, 53.37, 7.21, 'Emden'], [4, 53.14, 8.21, 'Oldenburg'], [4, 51.43, 6.76, 'Duisburg'], [4, 50.73, 7.1, 'Bonn'], [4, 51.33, 6.56, 'Krefeld'],
  [1, 48.21, 16.37, 'Vienna', 'Wenen'], [3, 47.07, 15.44, 'Graz'], [3, 47.27, 11.4, 'Innsbruck'], [2, 47.37, 8.54, 'Zurich', 'Zürich'], [3, 46.2, 6.14, 'Geneva', 'Genève'], [3, 46.95, 7.45, 'Bern'],
  // France
  [1, 48.86, 2.35, 'Paris', 'Parijs'], [2, 43.3, 5.37, 'Marseille'], [2, 45.76, 4.84, 'Lyon'], [3, 43.6, 1.44, 'Toulouse'], [3, 44.84, -0.58, 'Bordeaux'], [3, 50.63, 3.06, 'Lille', 'Rijsel'],
  [3, 48.57, 7.75, 'Strasbourg', 'Straatsburg'], [3, 47.22, -1.55, 'Nantes'], [3, 43.7, 7.27, 'Nice'], [3, 48.11, -1.68, 'Rennes'], [4, 51.03, 2.38, 'Dunkirk', 'Duinkerke'], [4, 50.95, 1.86, 'Calais'],
  // British Isles
  [1, 51.51, -0.13, 'London', 'Londen'], [2, 53.48, -2.24, 'Manchester'], [2, 52.48, -1.9, 'Birmingham'], [2, 55.86, -4.25, 'Glasgow'], [3, 55.95, -3.19, 'Edinburgh'], [3, 53.8, -1.55, 'Leeds'],
  [3, 53.41, -2.98, 'Liverpool'], [3, 51.45, -2.59, 'Bristol'], [3, 51.48, -3.18, 'Cardiff'], [3, 54.6, -5.93, 'Belfast'], [1, 53.35, -6.26, 'Dublin'], [4, 52.63, 1.3, 'Norwich'], [4, 51.13, 1.31, 'Dover'],
  // North and east
  [1, 55.68, 12.57, 'Copenhagen', 'Kopenhagen'], [1, 59.33, 18.07, 'Stockholm'], [1, 59.91, 10.75, 'Oslo'], [1, 60.17, 24.94, 'Helsinki'], [2, 57.71, 11.97, 'Gothenburg', 'Göteborg'], [3, 60.39, 5.32, 'Bergen'],
  [3, 56.16, 10.2, 'Aarhus'], [2, 64.15, -21.94, 'Reykjavik'], [2, 59.44, 24.75, 'Tallinn'], [2, 56.95, 24.11, 'Riga'], [2, 54.69, 25.28, 'Vilnius'], [1, 52.23, 21.01, 'Warsaw', 'Warschau'],
  [2, 50.06, 19.94, 'Kraków', 'Krakau'], [3, 54.35, 18.65, 'Gdańsk'], [3, 51.11, 17.04, 'Wrocław'], [3, 52.41, 16.93, 'Poznań'], [1, 50.08, 14.44, 'Prague', 'Praag'], [3, 49.2, 16.61, 'Brno'],
  [2, 48.15, 17.11, 'Bratislava'], [1, 47.5, 19.04, 'Budapest', 'Boedapest'], [1, 44.43, 26.1, 'Bucharest', 'Boekarest'], [2, 42.7, 23.32, 'Sofia'], [1, 50.45, 30.52, 'Kyiv'], [2, 46.48, 30.73, 'Odesa'],
  [2, 49.84, 24.03, 'Lviv'], [2, 53.9, 27.56, 'Minsk'], [1, 55.76, 37.62, 'Moscow', 'Moskou'], [2, 59.94, 30.31, 'Saint Petersburg', 'Sint-Petersburg'], [2, 47.01, 28.86, 'Chișinău'],
  // South
  [1, 40.42, -3.7, 'Madrid'], [2, 41.39, 2.17, 'Barcelona'], [2, 39.47, -0.38, 'Valencia'], [2, 37.39, -5.98, 'Seville', 'Sevilla'], [3, 36.72, -4.42, 'Málaga'], [3, 43.26, -2.93, 'Bilbao'],
  [1, 38.72, -9.14, 'Lisbon', 'Lissabon'], [2, 41.15, -8.61, 'Porto'], [1, 41.9, 12.5, 'Rome'], [2, 45.46, 9.19, 'Milan', 'Milaan'], [2, 40.85, 14.27, 'Naples', 'Napels'], [3, 45.07, 7.69, 'Turin', 'Turijn'],
  [3, 45.44, 12.32, 'Venice', 'Venetië'], [3, 43.77, 11.26, 'Florence'], [3, 38.12, 13.36, 'Palermo'], [1, 37.98, 23.73, 'Athens', 'Athene'], [3, 40.64, 22.94, 'Thessaloniki'], [2, 45.81, 15.98, 'Zagreb'],
  [2, 46.06, 14.51, 'Ljubljana'], [2, 44.79, 20.45, 'Belgrade', 'Belgrado'], [2, 43.86, 18.41, 'Sarajevo'], [2, 41.33, 19.82, 'Tirana'], [2, 42, 21.43, 'Skopje'], [3, 35.9, 14.51, 'Valletta'],
  [1, 41.01, 28.98, 'Istanbul'], [2, 39.93, 32.86, 'Ankara'], [3, 38.42, 27.14, 'Izmir'], [3, 35.17, 33.36, 'Nicosia'],
  // The rest of the world
  [1, 30.04, 31.24, 'Cairo', 'Caïro'], [2, 33.57, -7.59, 'Casablanca'], [2, 36.75, 3.06, 'Algiers'], [2, 36.81, 10.18, 'Tunis'], [1, 6.52, 3.38, 'Lagos'], [1, -1.29, 36.82, 'Nairobi'],
  [1, -26.2, 28.05, 'Johannesburg'], [2, -33.92, 18.42, 'Cape Town', 'Kaapstad'], [2, 5.6, -0.19, 'Accra'], [2, 14.72, -17.47, 'Dakar'], [2, 9.03, 38.74, 'Addis Ababa', 'Addis Abeba'], [2, -4.32, 15.31, 'Kinshasa'],
  [2, 32.08, 34.78, 'Tel Aviv'], [2, 33.89, 35.5, 'Beirut', 'Beiroet'], [2, 33.31, 44.37, 'Baghdad', 'Bagdad'], [1, 35.69, 51.39, 'Tehran', 'Teheran'], [1, 25.2, 55.27, 'Dubai'], [2, 24.71, 46.68, 'Riyadh', 'Riyad'],
  [1, 28.61, 77.21, 'Delhi'], [1, 19.08, 72.88, 'Mumbai'], [2, 22.57, 88.36, 'Kolkata'], [2, 24.86, 67, 'Karachi'], [2, 23.81, 90.41, 'Dhaka'], [2, 6.93, 79.86, 'Colombo'], [2, 27.72, 85.32, 'Kathmandu'],
  [1, 13.76, 100.5, 'Bangkok'], [2, 11.56, 104.92, 'Phnom Penh'], [2, 10.82, 106.63, 'Ho Chi Minh City', 'Ho Chi Minhstad'], [2, 21.03, 105.85, 'Hanoi'], [1, 14.6, 120.98, 'Manila'], [2, 10.32, 123.9, 'Cebu'],
  [1, -6.2, 106.85, 'Jakarta'], [1, 1.35, 103.82, 'Singapore'], [2, 3.14, 101.69, 'Kuala Lumpur'], [1, 22.32, 114.17, 'Hong Kong', 'Hongkong'], [1, 31.23, 121.47, 'Shanghai'], [1, 39.9, 116.4, 'Beijing', 'Peking'],
  [1, 37.57, 126.98, 'Seoul', 'Seoel'], [1, 35.68, 139.69, 'Tokyo', 'Tokio'], [2, 34.69, 135.5, 'Osaka'], [2, 25.03, 121.57, 'Taipei'], [1, -33.87, 151.21, 'Sydney'], [2, -37.81, 144.96, 'Melbourne'],
  [2, -31.95, 115.86, 'Perth'], [2, -36.85, 174.76, 'Auckland'], [1, 40.71, -74.01, 'New York'], [1, 34.05, -118.24, 'Los Angeles'], [1, 41.88, -87.63, 'Chicago'], [2, 29.76, -95.37, 'Houston'],
  [2, 25.76, -80.19, 'Miami'], [2, 38.91, -77.04, 'Washington'], [2, 37.77, -122.42, 'San Francisco'], [2, 47.61, -122.33, 'Seattle'], [2, 39.74, -104.99, 'Denver'], [2, 33.75, -84.39, 'Atlanta'],
  [1, 43.65, -79.38, 'Toronto'], [2, 45.5, -73.57, 'Montreal'], [2, 49.28, -123.12, 'Vancouver'], [1, 19.43, -99.13, 'Mexico City', 'Mexico-Stad'], [2, 23.11, -82.37, 'Havana'], [2, 18.49, -69.93, 'Santo Domingo'],
  [1, 4.71, -74.07, 'Bogotá', 'Bogota'], [2, 10.48, -66.9, 'Caracas'], [1, -12.05, -77.04, 'Lima'], [1, -33.45, -70.67, 'Santiago'], [1, -34.6, -58.38, 'Buenos Aires'], [1, -23.55, -46.63, 'São Paulo'],
  [2, -22.91, -43.17, 'Rio de Janeiro'], [2, 5.85, -55.2, 'Paramaribo'], [3, 12.11, -68.93, 'Willemstad'], [3, 12.52, -70.03, 'Oranjestad'], [3, 18.03, -63.05, 'Philipsburg'], [2, -0.18, -78.47, 'Quito'],
];

export const TOWNS: readonly Town[] = ROWS.map(([rank, latitude, longitude, en, nl]) => ({ rank, latitude, longitude, en, nl: nl ?? en }));

/** Within this distance a point is "near" a town, metres. */
const NEAR_M = 30_000;

/** The nearest town of the list, where one is near enough to be of use. */
export function nearestTown(spot: Spot, language: Language): string | null {
  let best: Town | null = null;
  let least = NEAR_M;
  for (const town of TOWNS) {
    // Most of the world is ruled out without a sine.
    if (Math.abs(town.latitude - spot.latitude) > 0.4) continue;
    const metres = distance(spot, town);
    if (metres < least) [best, least] = [town, metres];
  }
  return best ? best[language] : null;
}

/** Pixels of the whole world from which on towns of a rank are named; ranks begin at 1. */
const FROM_PX = [0, 0, 5_000, 20_000, 65_000];

/** True when towns of this rank are named at this scale. */
export const isNamed = (rank: number, world_px: number): boolean => world_px >= (FROM_PX[rank] ?? Infinity);
