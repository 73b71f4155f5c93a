//! Measures the table: how long each kind of question takes over N invented items, in processor time of one thread, and
//! what they take in memory.
//!
//! `cargo run --example table_rate -- 1000000`

use domain::{MediaClass, Sha256, SourceId};
use review::table::{Decided, Facet, Likeness, Marked, Order, Pick, Query, Row, Shelf, State, Table, Text, Urgency};

const CAMERAS: [&str; 5] = ["Canon EOS 5D", "iPhone 12", "SM-G991B", "Pixel 6", "DSC-RX100"];
const TYPES: [&str; 4] = ["image/jpeg", "image/png", "video/mp4", "image/heic"];

/// A draw that is the same in every run (SplitMix64: Steele, Lea and Flood, 2014).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

fn put(table: &mut Table, number: u32, draw: &mut Draw) {
    let mut sha256 = [0; 32];
    sha256[..8].copy_from_slice(&draw.next().to_be_bytes());
    let hidden = draw.below(10) < 4;
    let kind = draw.below(4) as usize;
    let path = format!("DCIM/{:03}/{}/IMG_{:07}.jpg", number / 4_000, draw.below(20), draw.below(9_999_999));
    let row = Row {
        number,
        sha256: Sha256(sha256),
        rule: if hidden { State::Hidden } else { State::Shown },
        urgency: if !hidden && draw.below(100) == 0 { Urgency::Odd } else { Urgency::Plain },
        reason: if hidden { "known" } else { "new" },
        set: hidden.then_some("National"),
        known: hidden.then_some("1"),
        likeness: (!hidden && draw.below(50) == 0).then_some(Likeness { category: "2", distance: 12 }),
        class: if kind == 2 { MediaClass::Video } else { MediaClass::Picture },
        media_type: TYPES[kind],
        size_bytes: draw.below(8_000_000),
        sources: &[SourceId(1 + i64::from(number / 250_000))],
        first: Some((SourceId(1 + i64::from(number / 250_000)), path.as_bytes())),
        more_paths: &[],
        date: (draw.below(10) > 0).then(|| 1_200_000_000 + draw.below(500_000_000) as i64),
        camera: (draw.below(3) > 0).then(|| CAMERAS[draw.below(5) as usize]),
        pixels: Some((4_000, 3_000)),
        has_picture: !hidden,
        decision: (!hidden && draw.below(4) == 0).then_some(Decided { category: "3", by: "anna", own_before: None }),
        stack: (!hidden && draw.below(3) == 0).then(|| number - number % 5 + 1),
        marks: Marked { bookmark: draw.below(100) == 0, ..Marked::default() },
        note: "",
        seen: draw.below(20) == 0,
    };
    table.put(&row).expect("the numbers are in order");
}

/// Gives the processor time of this thread in milliseconds, as Linux counts it.
fn thread_ms() -> f64 {
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time; no case media")]
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
    let nanos: f64 = text.split(' ').next().and_then(|text| text.parse().ok()).expect("its first word is a number");
    nanos / 1e6
}

fn timed<T>(what: &str, work: impl Fn() -> T) {
    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let start = thread_ms();
            std::hint::black_box(work());
            thread_ms() - start
        })
        .collect();
    let first = times[0];
    times.sort_by(f64::total_cmp);
    println!("{what:<48} first {first:>7.1} ms, median {:>7.1} ms", times[times.len() / 2]);
}

fn main() {
    let items: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let mut table = Table::with_room(items as usize);
    let mut draw = Draw(42);
    let start = thread_ms();
    (1..=items).for_each(|number| put(&mut table, number, &mut draw));
    println!("{items} items put in {:.2} s", (thread_ms() - start) / 1e3);
    let shown = Query::shelf(Shelf::Shown);
    for order in [Order::Review, Order::Number, Order::Time, Order::Size, Order::Place, Order::Likeness, Order::Camera]
    {
        timed(&format!("open, {order:?}"), || table.open(&Query { order, ..shown.clone() }));
    }
    timed("open, stacked, review", || table.open(&Query { stacked: true, order: Order::Review, ..shown.clone() }));
    for text in ["img_01", "dcim/001", "canon", "-canon size>2m year:2012-2014", "sha256:ab"] {
        timed(&format!("open, text `{text}`"), || table.open(&Query { text: Text::parse(text), ..shown.clone() }));
    }
    let pick = |facet, value: &str| Pick { facet, values: vec![value.to_owned()] };
    let picked = Query { picks: vec![pick(Facet::Year, "2012"), pick(Facet::Type, "image/jpeg")], ..shown.clone() };
    timed("open, two filters, by date", || table.open(&Query { order: Order::Time, ..picked.clone() }));
    timed("facets", || table.facets(&shown));
    timed("facets, two filters", || table.facets(&picked));
    timed("facets, text", || table.facets(&Query { text: Text::parse("img_01"), ..shown.clone() }));
    timed("shelves", || table.shelves());
    let found = table.open(&shown);
    timed("what settled and arrived", || found.compared(&table.meeting(&shown)));
    timed("200 tiles", || found.behind_run(items / 4, 200).iter().filter_map(|number| table.item(*number)).count());
    timed("place of an item", || table.place_of(items / 2, &found, &shown));
    (1..=256).for_each(|number| put(&mut table, items + number, &mut draw));
    let start = thread_ms();
    table.prepare();
    println!("all orders put right after 256 new items in {:.1} ms", thread_ms() - start);
    println!("{:.0} bytes an item", table.bytes() as f64 / f64::from(items));
}
