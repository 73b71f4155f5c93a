//! `zeef lead ...`, `zeef links` and `zeef index`.

use std::path::Path;
use std::process::ExitCode;

use workbench::leads::{self, LeadShown, PartWanted};
use workbench::links::{self, LinkShown};
use workbench::view::leads::{LeadForm, LeadLine, LinkEnd, RegionLine, RegionsView};
use workbench::{
    Access, CaseFile, Code, Error, Looking, PICTURES_ALL, Passphrase, Sha256, SystemEntropy, escaped,
};

use crate::arguments::{IndexCommand, Language, LeadCommand, Links, Opening, Part, Said};
use crate::case_commands::{access, open, read};
use crate::output::{counted, line, text_line};
use crate::surroundings::Surroundings;

/// Runs one command about leads.
pub fn run(command: LeadCommand, here: &Surroundings) -> Result<ExitCode, Error> {
    match command {
        LeadCommand::New { opening, kind, what, item, risk } => {
            let form = form_of(&what, new_form(kind.as_str(), &what)?)?;
            let case = open(&opening, here)?;
            let evidence = item
                .iter()
                .map(|item| leads::evidence_form(&case, item, &PartWanted::Whole, ""))
                .collect::<Result<Vec<_>, _>>()?;
            let lead = leads::lead_new(&case, &form, &evidence, here.now())?;
            if risk {
                leads::lead_risk(&case, lead, true, here.now())?;
            }
            changed(&opening, &case, lead)
        }
        LeadCommand::Show { opening, lead } => show(&opening, lead, here),
        LeadCommand::List { opening } => list(&opening, here),
        LeadCommand::Change { opening, lead, kind, what } => {
            let case = open(&opening, here)?;
            let mut before = leads::lead(&case, lead)?.form;
            if let Some(kind) = kind {
                before.kind = kind.to_string();
            }
            leads::lead_save(&case, lead, &form_of(&what, before)?, here.now())?;
            changed(&opening, &case, lead)
        }
        LeadCommand::Evidence { opening, lead, sha256, part, caption, remove } => {
            let case = open(&opening, here)?;
            if remove.is_empty() {
                let part = part_of(&part)?;
                let form = |item: &Sha256| leads::evidence_form(&case, item, &part, &caption);
                let forms = sha256.iter().map(form).collect::<Result<Vec<_>, _>>()?;
                leads::evidence_add(&case, lead, &forms, here.now())?;
            } else {
                remove_evidence(&case, lead, &remove, here)?;
            }
            changed(&opening, &case, lead)
        }
        LeadCommand::State { opening, lead, state } => {
            let case = open(&opening, here)?;
            let form = LeadForm { state: state.to_string(), ..leads::lead(&case, lead)?.form };
            leads::lead_save(&case, lead, &form, here.now())?;
            changed(&opening, &case, lead)
        }
        LeadCommand::Label { opening, lead: Some(lead), labels, off, .. } if !labels.is_empty() => {
            let case = open(&opening, here)?;
            let mut form = leads::lead(&case, lead)?.form;
            form.labels.retain(|label| !labels.contains(label));
            if !off {
                form.labels.extend(labels);
            }
            leads::lead_save(&case, lead, &form, here.now())?;
            changed(&opening, &case, lead)
        }
        LeadCommand::Label { opening, lang, .. } => vocabulary(&opening, lang),
        LeadCommand::Risk { opening, lead, take, lower } => {
            let case = open(&opening, here)?;
            if take {
                leads::lead_risk_take(&case, lead, here.now())?;
            } else {
                leads::lead_risk(&case, lead, !lower, here.now())?;
            }
            changed(&opening, &case, lead)
        }
    }
}

/// Takes away evidence of this lead and of no other.
fn remove_evidence(case: &CaseFile, lead: u32, remove: &[u64], here: &Surroundings) -> Result<(), Error> {
    let there = leads::lead(case, lead)?.evidence;
    if let Some(other) = remove.iter().find(|number| !there.iter().any(|one| one.evidence == **number)) {
        let message = format!("Lead {lead} has no evidence {other}.");
        return Err(Error::new(Code::NotFound, message, "See `zeef lead show`."));
    }
    leads::evidence_remove(case, remove, here.now())
}

fn new_form(kind: &str, said: &Said) -> Result<LeadForm, Error> {
    let Some(name) = said.name.clone() else {
        let hint = "Give it one with --name; a victim's is a code name, never the real one.";
        return Err(Error::new(Code::BadInput, "The lead has no name.", hint));
    };
    Ok(LeadForm {
        kind: kind.to_owned(),
        state: "open".to_owned(),
        name,
        labels: Vec::new(),
        text: String::new(),
        series: None,
        place: None,
        related: Vec::new(),
    })
}

/// Puts what was said over what is there.
fn form_of(said: &Said, mut form: LeadForm) -> Result<LeadForm, Error> {
    if let Some(name) = &said.name {
        form.name.clone_from(name);
    }
    if let Some(text) = &said.text {
        form.text.clone_from(text);
    }
    if let Some(labels) = &said.label {
        form.labels.clone_from(labels);
    }
    if let Some(series) = &said.series {
        form.series = Some(series.clone()).filter(|series| !series.is_empty());
    }
    if let Some(place) = &said.place {
        form.place = place_of(place)?;
    }
    if let Some(related) = &said.related {
        form.related.clone_from(related);
    }
    Ok(form)
}

fn place_of(text: &str) -> Result<Option<(f64, f64, u32)>, Error> {
    if text == "none" {
        return Ok(None);
    }
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let read = |parts: &[&str]| {
        let [latitude, longitude, radius] = parts else { return None };
        Some((latitude.parse().ok()?, longitude.parse().ok()?, radius.parse().ok()?))
    };
    read(&parts).map(Some).ok_or_else(|| {
        Error::new(Code::BadInput, "The place cannot be read.", "Write it as 52.3702,4.8952,500: degrees and metres.")
    })
}

fn part_of(part: &Part) -> Result<PartWanted, Error> {
    let numbers = |text: &str| text.split(',').map(|number| number.trim().parse().ok()).collect::<Option<Vec<u32>>>();
    let bad = |hint: &str| Error::new(Code::BadInput, "The region cannot be read.", hint);
    if let Some(text) = &part.region {
        return match numbers(text).as_deref() {
            Some(&[x, y, width, height]) => Ok(PartWanted::Box(x, y, width, height)),
            _ => Err(bad("Write it as X,Y,WIDTH,HEIGHT in pixels.")),
        };
    }
    if let Some(text) = &part.outline {
        let corner = |text: &str| match numbers(text).as_deref() {
            Some(&[x, y]) => Some((x, y)),
            _ => None,
        };
        let corners: Option<Vec<(u32, u32)>> = text.split_whitespace().map(corner).collect();
        return corners
            .map(PartWanted::Outline)
            .ok_or_else(|| bad("Write it as \"X,Y X,Y X,Y\": three corners or more, in pixels."));
    }
    if let Some(text) = &part.metadata {
        return match text.split_once(':') {
            Some((group, name)) => Ok(PartWanted::Metadata(group.to_owned(), name.to_owned())),
            None => {
                let hint = "Write it as GROUP:NAME, e.g. exif:BodySerialNumber; `zeef case why` tells them.";
                Err(Error::new(Code::BadInput, "The value of the metadata cannot be read.", hint))
            }
        };
    }
    Ok(PartWanted::Whole)
}

/// Tells a lead after a change.
fn changed(opening: &Opening, case: &CaseFile, lead: u32) -> Result<ExitCode, Error> {
    if opening.json {
        line(&leads::lead_shown(case, lead)?)?;
    } else {
        text_line(&line_text(&leads::lead(case, lead)?.line))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list(opening: &Opening, here: &Surroundings) -> Result<ExitCode, Error> {
    let lines = leads::leads(&read(opening, here)?)?;
    for one in &lines {
        if opening.json { line(one)? } else { text_line(&line_text(one))? }
    }
    if lines.is_empty() && !opening.json {
        text_line("There is no lead yet.")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn line_text(one: &LeadLine) -> String {
    let risk = match (one.risk.as_str(), &one.risk_by) {
        ("now", _) => "  A CHILD MAY BE AT RISK NOW".to_owned(),
        ("taken", Some(by)) => format!("  risk taken by {by}"),
        _ => String::new(),
    };
    format!(
        "{:>5}  {:9}  {:10}  {}  {}, {}{risk}",
        one.lead,
        one.kind,
        one.state,
        escaped(one.name.as_bytes()),
        counted(u64::from(one.items), "item", "items"),
        counted(u64::from(one.regions), "region", "regions"),
    )
}

fn show(opening: &Opening, lead: u32, here: &Surroundings) -> Result<ExitCode, Error> {
    let case = read(opening, here)?;
    let shown = leads::lead_shown(&case, lead)?;
    let decoder = here.decoder();
    let regions = workbench::lead_regions(&case, lead, looking(&decoder, here))?;
    if opening.json {
        line(&LeadWithRegions { shown, looks: regions })?;
    } else {
        show_text(&shown, &regions).iter().try_for_each(|text| text_line(text))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// All of a lead, and what its regions look like.
#[derive(serde::Serialize)]
struct LeadWithRegions {
    #[serde(flatten)]
    shown: LeadShown,
    looks: RegionsView,
}

/// Tells what the regions of a lead look like; of those that look like nothing else, only that they cannot be compared.
fn regions_text(regions: &RegionsView) -> Vec<String> {
    let line = |one: &RegionLine| {
        let own = format!("  item {}, region {}", one.number, one.region);
        let mut told: Vec<String> = one
            .alike
            .iter()
            .map(|other| {
                format!(
                    "{own} looks like lead {} ({}), item {}, region {}: distance {} of {}",
                    other.lead,
                    escaped(other.name.as_bytes()),
                    other.number,
                    other.region,
                    other.distance,
                    workbench::RADIUS
                )
            })
            .collect();
        match one.standing.as_str() {
            "poor" => told.push(format!("{own} shows too little: it has no usable digest")),
            "unknown" => told.push(format!("{own} cannot be compared: its source is not there")),
            _ => {}
        }
        told
    };
    regions.lines.iter().flat_map(line).collect()
}

fn show_text(shown: &LeadShown, regions: &RegionsView) -> Vec<String> {
    let (detail, form) = (&shown.detail, &shown.detail.form);
    let said = |text: &str| escaped(text.as_bytes());
    let mut out = vec![line_text(&detail.line), format!("  made by {}", detail.line.by)];
    out.extend(form.series.as_ref().map(|series| format!("  series {}", said(series))));
    out.extend(form.place.map(|(north, east, radius)| format!("  place {north}, {east}, within {radius} m")));
    if !form.labels.is_empty() {
        out.push(format!("  labels {}", form.labels.iter().map(|label| said(label)).collect::<Vec<_>>().join(", ")));
    }
    if !form.related.is_empty() {
        let related: Vec<String> = form.related.iter().map(ToString::to_string).collect();
        out.push(format!("  related to {}", related.join(", ")));
    }
    out.extend(form.text.lines().map(|text| format!("  | {}", said(text))));
    if !detail.evidence.is_empty() {
        out.push("Evidence".to_owned());
    }
    for one in &detail.evidence {
        let item = shown.items.get(&one.number).map(ToString::to_string).unwrap_or_default();
        let part = match (&one.region, &one.metadata) {
            (Some(region), _) => {
                let corners: Vec<String> = region.points.iter().map(|(x, y)| format!("{x},{y}")).collect();
                format!("  {} {}", if region.rectangle { "box" } else { "outline" }, corners.join(" "))
            }
            (None, Some((group, name, value))) => format!("  {group}:{name} = {value}"),
            (None, None) => String::new(),
        };
        out.push(format!("{:>5}  {item}{part}  {}  by {}", one.evidence, said(&one.caption), one.by));
    }
    let looks = regions_text(regions);
    if !looks.is_empty() {
        out.push("Regions that look alike".to_owned());
        out.extend(looks);
    }
    let clue = |clue: &workbench::view::leads::ClueLine| {
        format!("  {}: {}, {}", clue.kind, clue.value, counted(u64::from(clue.items), "item", "items"))
    };
    if !detail.clues.is_empty() {
        out.push("Clues that its items share".to_owned());
        out.extend(detail.clues.iter().map(clue));
    }
    let series = detail.set_series.iter().map(|one| format!("  {} ({})", one.name, one.count));
    if !detail.set_series.is_empty() {
        out.push("Series that sets name".to_owned());
        out.extend(series);
    }
    out.push("Log".to_owned());
    out.extend(detail.log.iter().map(|step| {
        let value = step.value.as_ref().map(|value| format!(" {}", said(value))).unwrap_or_default();
        format!("  {}  {}  {}{value}", step.at, step.by, step.what)
    }));
    out
}

fn vocabulary(opening: &Opening, lang: Language) -> Result<ExitCode, Error> {
    let vocabulary = leads::vocabulary();
    if opening.json {
        line(&vocabulary)?;
        return Ok(ExitCode::SUCCESS);
    }
    text_line(&format!("Vocabulary {}", vocabulary.id))?;
    let mut group = "";
    for label in &vocabulary.labels {
        let (of, text) = match lang {
            Language::En => (&label.group_en, &label.en),
            Language::Nl => (&label.group_nl, &label.nl),
        };
        if group != of {
            text_line(of)?;
            group = of;
        }
        text_line(&format!("  {:32}  {text}  ({})", label.code, label.kinds.join(", ")))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists links.
pub fn list_links(links: &Links, here: &Surroundings) -> Result<ExitCode, Error> {
    let opening = &links.opening;
    let decoder = here.decoder();
    let found = match &links.across {
        None => links::links_shown(&read(opening, here)?, links.lead, looking(&decoder, here))?,
        Some(index) => {
            // To open an index is logged, so that the case is opened for work.
            let access = access(opening, here)?;
            let case = workbench::open_case(&access, here.now())?;
            links::links_across_shown(&case, index, &secret(&access), here.now(), looking(&decoder, here))?
        }
    };
    for one in &found {
        if opening.json { line(one)? } else { text_line(&link_text(one))? }
    }
    if found.is_empty() && !opening.json {
        text_line("Nothing is shared.")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn link_text(shown: &LinkShown) -> String {
    let link = &shown.line;
    let end = |end: &LinkEnd, item: &Option<Sha256>| match end {
        LinkEnd::Item { number } => item.map_or_else(|| format!("item {number}"), |sha256| sha256.to_string()),
        LinkEnd::Lead { lead, name } => format!("lead {lead} ({})", escaped(name.as_bytes())),
        LinkEnd::Device { name } => format!("device {name}"),
        LinkEnd::Region { lead, name, number, region, .. } => {
            format!("lead {lead} ({}), item {number}, region {region}", escaped(name.as_bytes()))
        }
        LinkEnd::Case { number, lead: Some(lead) } => {
            format!("case {}, lead {}", escaped(number.as_bytes()), escaped(lead.as_bytes()))
        }
        LinkEnd::Case { number, lead: None } => format!("case {}", escaped(number.as_bytes())),
    };
    let distance = link.distance.map(|distance| format!(", distance {distance}")).unwrap_or_default();
    format!(
        "{:10}  {}  —  {}  {} ({}{distance})",
        link.kind,
        end(&link.from, &shown.from_item),
        end(&link.to, &shown.to_item),
        link.value,
        counted(u64::from(link.items), "item", "items"),
    )
}

/// Says how regions are worked out that nobody has looked at.
fn looking<'a>(decoder: &'a Path, here: &'a Surroundings) -> Looking<'a> {
    Looking { decoder, stop: &here.stop, pictures_max: PICTURES_ALL }
}

fn secret(access: &Access) -> Passphrase {
    links::index_secret(&access.passphrase, &access.user)
}

/// Adds a case to the index over cases.
pub fn index(command: &IndexCommand, here: &Surroundings) -> Result<ExitCode, Error> {
    let IndexCommand::Add { opening, index } = command;
    let access = access(opening, here)?;
    let case = workbench::open_case(&access, here.now())?;
    let decoder = here.decoder();
    let looking = looking(&decoder, here);
    let added = links::index_add(&case, index, &secret(&access), here.now(), &mut SystemEntropy, looking)?;
    if opening.json {
        line(&added)?;
    } else {
        text_line(&format!(
            "Added this case to the index, with {}, {}, {} and {}. The index has {}.",
            counted(added.items, "item", "items"),
            counted(added.serials, "serial number", "serial numbers"),
            counted(added.leads, "lead", "leads"),
            counted(added.regions, "region", "regions"),
            counted(added.cases, "case", "cases")
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
