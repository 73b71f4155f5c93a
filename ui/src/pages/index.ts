// Every page but the review, by its name in the router; and what can lie over all pages.
import './pages.css';
import Leads from '../desk/Leads.svelte';
import Export from '../export/Export.svelte';
import Links from '../leads/Links.svelte';
import MadeHere from '../leads/MadeHere.svelte';
import Places from '../leads/Places.svelte';
import type { Component } from 'svelte';
import type { Page } from '../shell/router.svelte';
import Blank from './Blank.svelte';
import BreakNote from './BreakNote.svelte';
import CommandPalette from './CommandPalette.svelte';
import Day from './Day.svelte';
import DropZone from './DropZone.svelte';
import Hidden from './Hidden.svelte';
import Keys from './Keys.svelte';
import Load from './Load.svelte';
import Lock from './Lock.svelte';
import NewCase from './NewCase.svelte';
import Notices from './Notices.svelte';
import Numbers from './Numbers.svelte';
import Security from './Security.svelte';
import Sets from './Sets.svelte';
import Settings from './Settings.svelte';
import Start from './Start.svelte';
import Stopped from './Stopped.svelte';

export const pages: Record<Exclude<Page, 'review'>, Component> = {
  start: Start, leads: Leads, places: Places, links: Links, 'made-here': MadeHere, export: Export, load: Load, hidden: Hidden, notices: Notices, numbers: Numbers, sets: Sets, security: Security,
  settings: Settings, day: Day, 'new-case': NewCase,
};

export const overPages = { Blank, BreakNote, CommandPalette, DropZone, Keys, Lock, Start, Stopped } satisfies Record<string, Component>;
