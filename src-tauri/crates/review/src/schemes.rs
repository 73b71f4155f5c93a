//! The schemes and crosswalks that Zeef ships, as data, and the translation of one code.

use std::collections::BTreeMap;

use domain::{CategoryCode, Crosswalk, Outcome, Scheme, SchemeId, Translated};

const SCHEMES: [&str; 4] = [
    include_str!("../schemes/project-vic-us.json"),
    include_str!("../schemes/uk.json"),
    include_str!("../schemes/interpol-baseline.json"),
    include_str!("../schemes/nl.json"),
];

const CROSSWALKS: [&str; 12] = [
    include_str!("../crosswalks/project-vic-us--nl.json"),
    include_str!("../crosswalks/uk--nl.json"),
    include_str!("../crosswalks/interpol-baseline--nl.json"),
    include_str!("../crosswalks/uk--project-vic-us.json"),
    include_str!("../crosswalks/interpol-baseline--project-vic-us.json"),
    include_str!("../crosswalks/interpol-baseline--uk.json"),
    include_str!("../crosswalks/project-vic-us--uk.json"),
    include_str!("../crosswalks/nl--project-vic-us.json"),
    include_str!("../crosswalks/nl--uk.json"),
    include_str!("../crosswalks/project-vic-us--interpol-baseline.json"),
    include_str!("../crosswalks/uk--interpol-baseline.json"),
    include_str!("../crosswalks/nl--interpol-baseline.json"),
];

/// Says what is wrong with a scheme or a crosswalk.
#[derive(Debug, thiserror::Error)]
pub enum SchemesError {
    /// The text is not a scheme or a crosswalk.
    #[error("not a scheme or crosswalk: {0}")]
    Form(#[from] serde_json::Error),
    /// Two categories of a scheme have one code, or two rules translate one code.
    #[error("`{id}` has the code `{code}` twice")]
    Twice {
        /// Scheme or crosswalk.
        id: String,
        /// Code in question.
        code: CategoryCode,
    },
    /// A rule names a code or scheme that does not exist.
    #[error("the crosswalk from `{from}` to `{to}` names `{what}`, which does not exist")]
    Missing {
        /// Scheme that is translated from.
        from: SchemeId,
        /// Scheme that is translated to.
        to: SchemeId,
        /// What is missing.
        what: String,
    },
}

/// Holds schemes by id and the crosswalks between them.
#[derive(Debug, Clone, Default)]
pub struct Schemes {
    schemes: BTreeMap<SchemeId, Scheme>,
    crosswalks: BTreeMap<(SchemeId, SchemeId), Crosswalk>,
}

impl Schemes {
    /// Gives the schemes and crosswalks that come with the program: illustrations, to be signed off by their owners.
    pub fn shipped() -> Self {
        Self::from_json(&SCHEMES, &CROSSWALKS).expect("the shipped data are read by a test of this crate")
    }

    /// Reads schemes and crosswalks from JSON texts and checks that they fit together.
    pub fn from_json(schemes: &[&str], crosswalks: &[&str]) -> Result<Self, SchemesError> {
        let mut all = Self::default();
        for text in schemes {
            let scheme: Scheme = serde_json::from_str(text)?;
            let mut seen = std::collections::BTreeSet::new();
            for category in &scheme.categories {
                let names = std::iter::once(category.code.0.clone()).chain(category.number.clone());
                for name in names {
                    if !seen.insert(name.clone()) {
                        return Err(SchemesError::Twice { id: scheme.id.0, code: CategoryCode(name) });
                    }
                }
            }
            all.schemes.insert(scheme.id.clone(), scheme);
        }
        for text in crosswalks {
            let crosswalk: Crosswalk = serde_json::from_str(text)?;
            all.check(&crosswalk)?;
            all.crosswalks.insert((crosswalk.from.clone(), crosswalk.to.clone()), crosswalk);
        }
        Ok(all)
    }

    fn check(&self, crosswalk: &Crosswalk) -> Result<(), SchemesError> {
        let missing = |what: &str| SchemesError::Missing {
            from: crosswalk.from.clone(),
            to: crosswalk.to.clone(),
            what: what.to_owned(),
        };
        let from = self.schemes.get(&crosswalk.from).ok_or_else(|| missing(&crosswalk.from.0))?;
        let to = self.schemes.get(&crosswalk.to).ok_or_else(|| missing(&crosswalk.to.0))?;
        let mut seen = std::collections::BTreeSet::new();
        for rule in &crosswalk.rules {
            from.category(&rule.from).ok_or_else(|| missing(&rule.from.0))?;
            to.category(&rule.to).ok_or_else(|| missing(&rule.to.0))?;
            if !seen.insert(&rule.from) {
                let id = format!("{} to {}", crosswalk.from, crosswalk.to);
                return Err(SchemesError::Twice { id, code: rule.from.clone() });
            }
        }
        Ok(())
    }

    /// Names the rules, all schemes and all crosswalks with their versions, in a fixed order: what judging rests on
    /// beside the sets.
    pub fn versions(&self) -> String {
        let schemes = self.schemes.values().map(|scheme| format!("{} {}", scheme.id, scheme.version));
        let walks = self.crosswalks.values().map(|walk| format!("{} to {} {}", walk.from, walk.to, walk.version));
        let rules = std::iter::once(format!("rules {}", crate::judge::RULES_VERSION));
        rules.chain(schemes).chain(walks).collect::<Vec<_>>().join(", ")
    }

    /// Finds a scheme.
    pub fn scheme(&self, id: &SchemeId) -> Option<&Scheme> {
        self.schemes.get(id)
    }

    /// Lists the ids of all schemes.
    pub fn ids(&self) -> impl Iterator<Item = &SchemeId> {
        self.schemes.keys()
    }

    /// Tells whether a code says that the file is none of the material that its scheme is about.
    pub fn is_ordinary(&self, scheme: &SchemeId, code: &CategoryCode) -> bool {
        self.scheme(scheme).and_then(|scheme| scheme.category(code)).is_some_and(|category| category.ordinary)
    }

    /// Translates a code of one scheme into another's. Without a rule a human has to say.
    pub fn translate(&self, from: &SchemeId, code: &CategoryCode, to: &SchemeId) -> Translated {
        let Some(category) = self.schemes.get(from).and_then(|scheme| scheme.category(code)) else {
            return Translated::NeedsHuman;
        };
        if from == to {
            return Translated::To { code: category.code.clone(), outcome: Outcome::Exact };
        }
        let crosswalk = self.crosswalks.get(&(from.clone(), to.clone()));
        let rule = crosswalk.and_then(|walk| walk.rules.iter().find(|rule| rule.from == category.code));
        match rule {
            Some(rule) => Translated::To { code: rule.to.clone(), outcome: rule.outcome },
            None => Translated::NeedsHuman,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::SchemeStatus;

    use super::*;

    fn code(text: &str) -> CategoryCode {
        CategoryCode(text.to_owned())
    }

    fn id(text: &str) -> SchemeId {
        SchemeId(text.to_owned())
    }

    #[test]
    fn the_shipped_data_fit_together() {
        let all = Schemes::from_json(&SCHEMES, &CROSSWALKS).unwrap();
        assert_eq!(all.schemes.len(), SCHEMES.len());
        assert_eq!(all.crosswalks.len(), CROSSWALKS.len());
        assert!(all.schemes.values().all(|scheme| scheme.status == SchemeStatus::Illustration));
        assert!(all.crosswalks.values().all(|walk| walk.status == SchemeStatus::Illustration));
        let versions = all.versions();
        assert!(versions.contains("uk 1") && versions.contains("uk to nl 1"), "{versions}");
    }

    #[test]
    fn a_code_is_translated_by_a_rule_or_needs_a_human() {
        let all = Schemes::shipped();
        let exact = all.translate(&id("uk"), &code("A"), &id("uk"));
        assert_eq!(exact, Translated::To { code: code("A"), outcome: Outcome::Exact });
        let by_number = all.translate(&id("uk"), &code("2"), &id("project-vic-us"));
        assert_eq!(by_number, Translated::To { code: code("1"), outcome: Outcome::Broader });
        assert_eq!(all.translate(&id("uk"), &code("C"), &id("project-vic-us")), Translated::NeedsHuman);
        assert_eq!(all.translate(&id("elsewhere"), &code("1"), &id("uk")), Translated::NeedsHuman);
    }

    #[test]
    fn data_that_do_not_fit_are_refused() {
        let scheme = r#"{"id":"x","version":1,"title":"X","status":"","categories":[
            {"code":"1","en":"","nl":""},{"code":"2","en":"","nl":"","number":"1"}]}"#;
        assert!(matches!(Schemes::from_json(&[scheme], &[]), Err(SchemesError::Twice { .. })));
        let walk = r#"{"from":"uk","to":"nowhere","version":1,"status":"","rules":[]}"#;
        assert!(matches!(Schemes::from_json(&SCHEMES, &[walk]), Err(SchemesError::Missing { .. })));
    }
}
