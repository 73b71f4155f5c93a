// Names of roles.
import { m } from '../../paraglide/messages.js';

/** Roles that a person can be given. */
export const ROLES = ['investigator', 'team-lead', 'auditor'] as const;

const NAMES: Record<string, () => string> = { investigator: m.users_role_investigator, 'team-lead': m.users_role_team_lead, auditor: m.users_role_auditor };

export const roleName = (role: string): string => NAMES[role]?.() ?? role;
