//! Writes a list of made-up digests to the standard output, for measuring: `synthetic_list FIRST COUNT [KINDS]`, where
//! KINDS are some of md5, sha1 and sha256, with commas between. One number always has the same digests.

use std::io::Write;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse::<u64>().ok());
    let (Some(first), Some(count)) = (number(0), number(1)) else {
        eprintln!("usage: synthetic_list FIRST COUNT [md5,sha1,sha256]");
        std::process::exit(2);
    };
    let kinds = arguments.get(2).map_or("md5,sha1,sha256", String::as_str);
    let has = |kind: &str| kinds.split(',').any(|given| given == kind);
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    writeln!(out, "MD5,SHA1,SHA256,Size")?;
    for row in first..first + count {
        let md5 = if has("md5") { format!("{:016x}{:016x}", mixed(row), mixed(row ^ 1 << 60)) } else { String::new() };
        let sha1 = if has("sha1") {
            format!("{:016x}{:016x}{:08x}", mixed(row ^ 1 << 57), mixed(row ^ 1 << 56), mixed(row ^ 1 << 61) as u32)
        } else {
            String::new()
        };
        let sha256 = match has("sha256") {
            true => [62, 63, 58, 59].map(|bit| format!("{:016x}", mixed(row ^ 1 << bit))).concat(),
            false => String::new(),
        };
        writeln!(out, "{md5},{sha1},{sha256},{}", 1000 + row % 5_000_000)?;
    }
    out.flush()
}

/// Mixes the bits of a number (splitmix64), so that digests look like digests.
fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
