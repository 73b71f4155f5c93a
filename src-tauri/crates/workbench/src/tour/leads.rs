//! The leads of the demonstration: what two made-up people have drawn, said and found out in the drawn pictures, each by the
//! operations that a window or a terminal uses.

use std::collections::BTreeMap;

use casefile::{CaseFile, Entropy, UserRole};
use demo::ModelCase;
use domain::{Sha256, UserName};

use super::USER;
use crate::leads::{PartWanted, evidence_form};
use crate::view::leads::{EvidenceForm, LeadForm};
use crate::{Access, Error, Setting, clues, leads};

/// The two who have worked in the case. Nobody is meant by them.
const ANNA: &str = "anna";
const BRAM: &str = "bram";

/// Folders of the drawn telephones, and of what came by a chat.
const FIRST: &str = "telephone-1/DCIM/100POLD";
const SECOND: &str = "telephone-2/DCIM/101VK";
const CHAT: &str = "laptop/chat";
/// Serial number of the second telephone, and the seconds by which its clock is ahead.
const SECOND_SERIAL: &str = "VK2-0093317";
const SECOND_AHEAD: i32 = 120;

/// Adds two people to the case, has each of them work in it, and opens it for its user again. The case must be open nowhere
/// else.
pub(super) fn add_leads(
    case: CaseFile,
    access: &Access,
    model: &ModelCase,
    setting: &Setting<'_>,
    entropy: &mut dyn Entropy,
) -> Result<CaseFile, Error> {
    let name = |text: &str| -> UserName { text.parse().expect("the name is a literal that follows the rules") };
    for (who, role) in [(ANNA, UserRole::Investigator), (BRAM, UserRole::TeamLead)] {
        crate::add_user(&case, &name(who), role, &access.passphrase, (setting.now)(), entropy)?;
    }
    drop(case);
    let items: BTreeMap<String, Sha256> = model
        .truth
        .iter()
        .filter_map(|truth| Some((truth.path.shown(), truth.digests?.sha256)))
        .collect();
    let open = |who: &str| {
        let (case_dir, passphrase) = (access.case_dir.clone(), access.passphrase.clone());
        let access = Access { case_dir, user: name(who), passphrase };
        crate::open_case(&access, (setting.now)())
    };
    let desk = |who: &str| Ok::<_, Error>(Desk { case: open(who)?, items: &items, setting });
    let [willow, room] = as_anna(&desk(ANNA)?)?;
    as_bram(&desk(BRAM)?, willow, room)?;
    open(USER)
}

fn as_anna(desk: &Desk<'_>) -> Result<[u32; 2], Error> {
    let willow = LeadForm {
        state: "followed".to_owned(),
        labels: labels(&["person.age-child", "school.badge", "clothing.shirt-print"]),
        text: "The badge stands in two pictures of one afternoon.".to_owned(),
        series: Some("Willow series".to_owned()),
        ..form("victim", "Willow")
    };
    let willow = desk.lead(
        &willow,
        &[
            desk.drawn(&first(18), (126, 210, 186, 142), "badge")?,
            desk.outlined(&first(18), &[(232, 150), (270, 62), (356, 40), (440, 66), (482, 150), (440, 238), (300, 238)])?,
            desk.drawn(&first(12), (404, 276, 120, 100), "badge")?,
            desk.whole(&first(48))?,
            desk.whole(&first(24))?,
        ],
    )?;
    leads::lead_risk(&desk.case, willow, true, desk.now())?;
    let room = LeadForm {
        labels: labels(&["furnishing.curtain-patterned", "building.window-single", "room.living-room"]),
        place: Some((52.1601, 4.4970, 2_000)),
        ..form("place", "Room with striped curtain")
    };
    let room = desk.lead(
        &room,
        &[
            desk.drawn(&first(33), (200, 24, 300, 184), "curtain")?,
            desk.drawn(&first(33), (36, 48, 144, 200), "window")?,
            desk.drawn(&first(30), (60, 160, 262, 212), "lamp")?,
            desk.whole(&first(6))?,
            desk.whole(&first(9))?,
            desk.whole(&second(51))?,
        ],
    )?;
    let device = LeadForm {
        labels: labels(&["device.phone"]),
        ..form("device", "Fotofoon 7, PF7-4410826")
    };
    let mut evidence = vec![desk.metadata(&first(9), "exif", "BodySerialNumber")?];
    for number in [0, 3, 9, 15, 21, 27, 36, 39] {
        evidence.push(desk.whole(&first(number))?);
    }
    desk.lead(&device, &evidence)?;
    desk.change(room, |form| form.state = "followed".to_owned())?;
    Ok([willow, room])
}

fn as_bram(desk: &Desk<'_>, willow: u32, room: u32) -> Result<(), Error> {
    leads::lead_risk_take(&desk.case, willow, desk.now())?;
    let bag = LeadForm { labels: labels(&["product.bag-shopping"]), ..form("object", "Square blue bag") };
    // The small picture came by a chat. Its curtain is the one that Anna drew round, which nobody has noticed yet.
    let received = format!("{CHAT}/ontvangen-033.jpg");
    desk.lead(
        &bag,
        &[
            desk.drawn(&second(60), (236, 220, 148, 142), "bag")?,
            desk.drawn(&received, (175, 21, 262, 161), "behind the bag")?,
        ],
    )?;
    let label = LeadForm {
        state: "shared".to_owned(),
        labels: labels(&["text.product-label", "text.language-known"]),
        ..form("text", "Label on a bottle")
    };
    desk.lead(
        &label,
        &[
            desk.drawn(&second(81), (30, 320, 380, 120), "two lines of text")?,
            desk.drawn(&second(75), (300, 240, 60, 40), "colour of the label")?,
        ],
    )?;
    let cedar = LeadForm {
        state: "identified".to_owned(),
        labels: labels(&["person.age-child"]),
        text: "Known to the school.".to_owned(),
        ..form("victim", "Cedar")
    };
    let cedar = desk.lead(
        &cedar,
        &[desk.drawn(&second(69), (300, 30, 220, 164), "face")?, desk.drawn(&second(78), (250, 244, 252, 112), "ball")?],
    )?;
    let same = LeadForm {
        labels: labels(&["relation.same-room"]),
        related: vec![willow, room, cedar],
        ..form("relation", "Willow and Cedar: same room")
    };
    desk.lead(&same, &[])?;
    desk.add(room, &[desk.drawn(&first(36), (0, 60, 640, 116), "blind")?])?;
    desk.clock_of(SECOND_SERIAL, SECOND_AHEAD, "A clock on the wall in two pictures.")
}

fn first(number: u32) -> String {
    format!("{FIRST}/IMG_{:04}.JPG", 1200 + number)
}

fn second(number: u32) -> String {
    format!("{SECOND}/IMG_{:04}.JPG", 1200 + number)
}

fn form(kind: &str, name: &str) -> LeadForm {
    LeadForm {
        kind: kind.to_owned(),
        state: "open".to_owned(),
        name: name.to_owned(),
        labels: Vec::new(),
        text: String::new(),
        series: None,
        place: None,
        related: Vec::new(),
    }
}

fn labels(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

/// The case as one person works in it.
struct Desk<'a> {
    case: CaseFile,
    items: &'a BTreeMap<String, Sha256>,
    setting: &'a Setting<'a>,
}

impl Desk<'_> {
    fn now(&self) -> domain::UtcTime {
        (self.setting.now)()
    }

    fn lead(&self, form: &LeadForm, evidence: &[EvidenceForm]) -> Result<u32, Error> {
        leads::lead_new(&self.case, form, evidence, self.now())
    }

    fn add(&self, lead: u32, evidence: &[EvidenceForm]) -> Result<(), Error> {
        leads::evidence_add(&self.case, lead, evidence, self.now()).map(drop)
    }

    fn change(&self, lead: u32, change: impl FnOnce(&mut LeadForm)) -> Result<(), Error> {
        let mut form = leads::lead(&self.case, lead)?.form;
        change(&mut form);
        leads::lead_save(&self.case, lead, &form, self.now())
    }

    fn part(&self, path: &str, part: &PartWanted, caption: &str) -> Result<EvidenceForm, Error> {
        let item = self.items.get(path).expect("the model case has every file that is named here");
        evidence_form(&self.case, item, part, caption)
    }

    fn whole(&self, path: &str) -> Result<EvidenceForm, Error> {
        self.part(path, &PartWanted::Whole, "")
    }

    fn drawn(&self, path: &str, (x, y, width, height): (u32, u32, u32, u32), caption: &str) -> Result<EvidenceForm, Error> {
        self.part(path, &PartWanted::Box(x, y, width, height), caption)
    }

    fn outlined(&self, path: &str, points: &[(u32, u32)]) -> Result<EvidenceForm, Error> {
        self.part(path, &PartWanted::Outline(points.to_vec()), "print of the shirt")
    }

    fn metadata(&self, path: &str, group: &str, name: &str) -> Result<EvidenceForm, Error> {
        self.part(path, &PartWanted::Metadata(group.to_owned(), name.to_owned()), "")
    }

    /// Says how far the clock of the device with a serial number is ahead.
    fn clock_of(&self, serial: &str, ahead: i32, reason: &str) -> Result<(), Error> {
        let line = clues::time_line(&self.case, &clues::rows_of(&self.case)?, None)?;
        let device = line.devices.iter().find(|device| device.name.contains(serial));
        let device = device.expect("the model case has pictures of both telephones");
        clues::clock_set(&self.case, &device.device, ahead, reason, self.now())
    }
}
