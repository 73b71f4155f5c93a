//! The security page: what protects, and whether it is in force now. Each line is asked for anew.

use domain::Freshness;
use evidence::{Confinement, DecodeLimits, Decoder};

use super::{Bench, os};
use crate::view::SetView;
use crate::view::window::{SecurityLine, SecurityStanding, SecurityTopic, WindowError};

use SecurityStanding::{Absent, Caution, Fine, Unknown};

impl Bench {
    /// Tells what protects, and how it stands.
    pub fn security(&self) -> Result<Vec<SecurityLine>, WindowError> {
        let around = &self.inner.around;
        let lock_minutes = self.inner.state().settings.lock_minutes;
        let sets = crate::list_sets(&self.inner.sets_dir(), self.inner.now());
        let line = |what, (standing, detail)| SecurityLine { what, standing, detail };
        let mut lines = vec![
            line(SecurityTopic::Decoder, self.decoder_stands()),
            line(SecurityTopic::Network, around.network.clone()),
            line(SecurityTopic::Encryption, encryption()),
            line(SecurityTopic::Swap, os::swap()),
            line(SecurityTopic::CoreDump, os::core_dump()),
            line(SecurityTopic::Sets, sets.map_or((Unknown, String::new()), |sets| freshness(&sets))),
            line(SecurityTopic::Webview, around.webview.clone()),
            // Nothing on Linux keeps another program of this user from reading the screen.
            line(SecurityTopic::ScreenCapture, (Absent, "Linux".to_owned())),
            line(SecurityTopic::AutoLock, (Fine, format!("{lock_minutes} min"))),
        ];
        if let Ok(open) = self.inner.open() {
            lines.push(line(SecurityTopic::CaseFolder, os::folder_mode(&open.dir)));
        }
        Ok(lines)
    }

    /// Starts a decoder and asks how it is confined.
    fn decoder_stands(&self) -> (SecurityStanding, String) {
        match Decoder::start(&self.inner.around.decoder, DecodeLimits::default()) {
            Ok(decoder) => confined(decoder.confinement()),
            Err(error) => (Absent, error.to_string()),
        }
    }
}

fn confined(confinement: &Confinement) -> (SecurityStanding, String) {
    let Confinement { landlock_abi, seccomp, no_new_privs, net_namespace, user, memory_bytes, .. } = confinement;
    let mut words = vec![format!("Landlock ABI {landlock_abi}")];
    words.extend(seccomp.then(|| "seccomp".to_owned()));
    words.extend(net_namespace.then(|| "network namespace".to_owned()));
    words.push(format!("user {user}"));
    words.push(format!("{} MiB", memory_bytes >> 20));
    let walls = *landlock_abi > 0 && *seccomp && *no_new_privs;
    // Without the namespace, seccomp alone keeps it from the network.
    let standing = if walls && *net_namespace {
        Fine
    } else if walls {
        Caution
    } else {
        Absent
    };
    (standing, words.join(", "))
}

fn encryption() -> (SecurityStanding, String) {
    match casefile::library_version() {
        Ok(version) => (Fine, version),
        Err(error) => (Absent, error.to_string()),
    }
}

/// Days after which a list that was imported by hand is to be looked after: its maker has most likely a newer one.
const IMPORTED_FRESH_DAYS: i64 = 31;

/// Says how the least fresh set stands. Of a list that nobody publishes its age is what there is to say.
///
/// The detail is `FRESH / GRACE / BEYOND` of published sets, and for imported ones ` + COUNT / DAYS`, the days of the oldest.
fn freshness(sets: &[SetView]) -> (SecurityStanding, String) {
    let published: Vec<Freshness> = sets.iter().filter_map(|set| Some(set.release.as_ref()?.freshness)).collect();
    let imported: Vec<i64> = sets.iter().filter(|set| set.release.is_none()).map(|set| set.age_days.max(0)).collect();
    stands(&published, &imported)
}

fn stands(published: &[Freshness], imported: &[i64]) -> (SecurityStanding, String) {
    let count = |which: Freshness| published.iter().filter(|freshness| **freshness == which).count();
    let (fresh, grace, beyond) = (count(Freshness::Fresh), count(Freshness::InGrace), count(Freshness::Beyond));
    let oldest = imported.iter().max().copied();
    let is_fine = published.len() + imported.len() > 0
        && grace + beyond == 0
        && oldest.is_none_or(|days| days <= IMPORTED_FRESH_DAYS);
    let by_hand = oldest.map_or(String::new(), |days| format!(" + {} / {days}", imported.len()));
    (if is_fine { Fine } else { Caution }, format!("{fresh} / {grace} / {beyond}{by_hand}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_that_is_missing_is_said() {
        let whole = Confinement {
            landlock_abi: 7,
            seccomp: true,
            no_new_privs: true,
            net_namespace: true,
            ipc_namespace: true,
            user_namespace: false,
            user: "nobody".to_owned(),
            memory_bytes: 512 << 20,
        };
        assert_eq!(confined(&whole).0, Fine);
        assert_eq!(confined(&Confinement { net_namespace: false, ..whole.clone() }).0, Caution);
        assert_eq!(confined(&Confinement { seccomp: false, ..whole.clone() }).0, Absent);
        assert_eq!(confined(&Confinement { landlock_abi: 0, ..whole }).0, Absent);
    }

    #[test]
    fn without_sets_nothing_is_fine() {
        assert_eq!(freshness(&[]).0, Caution);
    }

    #[test]
    fn a_list_that_was_imported_by_hand_has_an_age_and_is_old_after_a_month() {
        assert_eq!(stands(&[], &[3, 31]), (Fine, "0 / 0 / 0 + 2 / 31".to_owned()));
        assert_eq!(stands(&[], &[32]), (Caution, "0 / 0 / 0 + 1 / 32".to_owned()));
        assert_eq!(stands(&[Freshness::Fresh], &[400]), (Caution, "1 / 0 / 0 + 1 / 400".to_owned()));
        assert_eq!(stands(&[Freshness::Fresh], &[]), (Fine, "1 / 0 / 0".to_owned()));
        assert_eq!(stands(&[Freshness::InGrace], &[1]).0, Caution);
    }
}
