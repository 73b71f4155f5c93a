//! Holds the TypeScript of what crosses to the window fresh: `ui/src/backend/types.ts` is written from these types.

use std::path::Path;

use ts_rs::{Config, TS};

use super::{detail, foreign, grid, leads, remark, window};

/// Gives one exported declaration a type, in the order of the lists below.
fn declarations() -> String {
    // Counts and numbers of items stay far below 2^53, so a plain number holds them.
    let config = Config::default().with_large_int("number");
    let mut text = String::from(
        "// Written by a test from the types of the workbench (`view`): change them there, then run the tests of the\n\
         // workbench with ZEEF_WRITE_TYPES=1.\n\n",
    );
    macro_rules! export {
        ($($ty:ty),* $(,)?) => {
            $(
                text.push_str("export ");
                text.push_str(&<$ty>::decl(&config));
                text.push_str("\n\n");
            )*
        };
    }
    export!(
        detail::SentenceCode,
        detail::Sentence,
        detail::ItemDetail,
        detail::NoteView,
        detail::NearView,
        detail::MatchView,
        detail::PlaceView,
        detail::StoryStep,
        detail::Strip,
        detail::SetAge,
        detail::NumbersView,
        detail::Counted,
        detail::SourceNumbers,
        detail::DayView,
        detail::NoticeView,
        grid::Shelf,
        grid::Facet,
        grid::FacetPick,
        grid::Order,
        grid::ViewQuery,
        grid::ViewHead,
        grid::TileSuggestion,
        grid::Tile,
        grid::TileState,
        grid::FacetGroup,
        grid::FacetValue,
        grid::ShelfCount,
        grid::Facets,
        grid::SavedView,
        grid::NoteDraft,
        grid::Target,
        grid::Overwrite,
        grid::DecidePreview,
        grid::Others,
        grid::DecideDone,
        grid::Mark,
        grid::UndoLabel,
        grid::UndoState,
        grid::HiddenLine,
        grid::RefusedLine,
        grid::RefusedList,
        leads::LabelView,
        leads::VocabularyView,
        leads::LeadForm,
        leads::LeadLine,
        leads::RegionView,
        leads::EvidenceForm,
        leads::EvidenceView,
        leads::LeadStep,
        leads::LeadDetail,
        leads::ClueLine,
        leads::PlaceShown,
        leads::MapPoint,
        leads::DeviceLine,
        leads::TimeLine,
        leads::MadeHereLine,
        leads::MadeHere,
        leads::LinkLine,
        leads::LinkEnd,
        leads::RegionsView,
        leads::RegionLine,
        leads::RegionAlike,
        leads::RecipientView,
        leads::ExportForm,
        leads::ExportLine,
        leads::ExportSample,
        crate::exports::NewKey,
        leads::SampleItem,
        leads::ExportPreview,
        leads::ExportCheck,
        leads::QualificationLine,
        leads::ReportDone,
        window::Startup,
        window::Settings,
        window::RecentCase,
        window::SchemeView,
        remark::Remark,
        remark::Figure,
        remark::RemarkCode,
        window::CategoryView,
        window::NewCaseForm,
        window::CaseHead,
        window::JobKind,
        window::JobState,
        window::JobStage,
        window::JobView,
        window::JobOutcome,
        window::RematchOutcome,
        window::SyncLineView,
        window::EnrolmentView,
        window::PublisherLine,
        window::WaitingLine,
        window::SetLine,
        window::MissingSet,
        window::ImportPreview,
        window::ImportForm,
        foreign::ForeignForm,
        foreign::ForeignLook,
        foreign::OpinionView,
        foreign::VicsDone,
        window::SecurityLine,
        window::SecurityTopic,
        window::SecurityStanding,
        window::UserLine,
        window::Ticket,
        window::RevealForm,
        window::WindowError,
        window::Event,
    );
    text
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the generated file is no case media")]
fn the_types_of_the_window_are_those_of_the_workbench() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/backend/types.ts");
    let wanted = declarations();
    if std::env::var_os("ZEEF_WRITE_TYPES").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "ui/src/backend/types.ts is not what the workbench says: run `ZEEF_WRITE_TYPES=1 cargo test --workspace --lib the_types_of`"
    );
}
