//! Plays a decoder that lies, for the tests; it is part of nothing that is delivered.
//!
//! The last part of the name under which it is started says which lie it tells; see `tests/liars/mod.rs`.

#![allow(missing_docs, clippy::unwrap_used, reason = "a player of the tests may fail loudly")]

#[allow(dead_code)]
#[path = "../tests/pictures/made.rs"]
mod made;

use std::os::fd::RawFd;
use std::path::Path;

use domain::{Camera, Facts, ImageHash, RefusalCode};
use evidence::Confinement;
use evidence::protocol::{
    Answer, EXIT_MEMORY, FACTS_BYTES_MAX, Hello, Job, MESSAGE_BYTES_MAX, Outcome, Ready, SHARED_BYTES,
    THUMBNAIL_BYTES_MAX, Task,
};
use nix::libc;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, send};

fn main() {
    let name = std::env::args().next().unwrap();
    let lie = Path::new(&name).file_name().unwrap().to_str().unwrap().to_owned();
    let (_, memory): (Hello, RawFd) = hear().unwrap();
    greet(&lie);
    let mut damage = lie.strip_prefix("damaged-").map(|seed| {
        let seed: u64 = seed.parse().unwrap();
        made::Draw::from_seed(seed)
    });
    while let Some((job, _)) = hear::<Job>() {
        let facts = serde_json::to_vec(&facts(&lie)).unwrap();
        let thumbnail = made::flat_jpeg(4, 0xc0, &[100], None);
        tell(&lie, &job, facts, thumbnail, memory, damage.as_mut());
    }
}

/// Says how it is confined; most liars have a filter, so that the kernel does not contradict them.
fn greet(lie: &str) {
    if lie == "dies-at-hello" {
        std::process::exit(0);
    }
    if lie != "says-confined-and-is-not" {
        filter();
    }
    let confinement = Confinement {
        landlock_abi: if lie == "no-landlock" { 0 } else { 1 },
        seccomp: true,
        no_new_privs: true,
        net_namespace: false,
        ipc_namespace: false,
        user_namespace: false,
        user: "65534".to_owned(),
        memory_bytes: 1,
    };
    match lie {
        "unconfined" => say(&serde_json::to_vec(&Ready::Unconfined("no such thing here".to_owned())).unwrap()),
        "rubbish-hello" => say(b"{"),
        _ => say(&serde_json::to_vec(&Ready::Confined(confinement)).unwrap()),
    }
}

/// Installs a filter that allows everything.
fn filter() {
    use seccompiler::{SeccompAction, SeccompFilter, TargetArch};
    let architecture = TargetArch::try_from(std::env::consts::ARCH).unwrap();
    // No call has this number.
    let rules = std::collections::BTreeMap::from([(4095, Vec::new())]);
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::KillProcess, architecture).unwrap();
    let program: seccompiler::BpfProgram = filter.try_into().unwrap();
    seccompiler::apply_filter(&program).unwrap();
}

fn facts(lie: &str) -> Facts {
    Facts {
        width: if lie == "picture-huge" { u32::MAX } else { 4 },
        height: 4,
        exif_orientation: 1,
        frames: None,
        pdq: None,
        image_hash: ImageHash(1),
        camera: Camera::default(),
        gps: None,
        taken: None,
        metadata: Vec::new(),
        remarks: Vec::new(),
    }
}

/// Answers a job as the lie has it.
fn tell(
    lie: &str,
    job: &Job,
    mut facts: Vec<u8>,
    mut thumbnail: Vec<u8>,
    memory: RawFd,
    mut damage: Option<&mut made::Draw>,
) {
    let (mut facts_bytes, mut thumbnail_bytes, mut size, mut id) = (facts.len(), thumbnail.len(), (4, 4), job.id);
    match lie {
        "facts-too-long" => facts_bytes = FACTS_BYTES_MAX + 1,
        "facts-far-too-long" => facts_bytes = usize::MAX,
        "facts-too-short" => facts_bytes -= 1,
        "facts-of-rubbish" => facts.fill(b'{'),
        "thumbnail-too-long" => thumbnail_bytes = THUMBNAIL_BYTES_MAX + 1,
        "thumbnail-of-nothing" => thumbnail_bytes = 0,
        "thumbnail-of-another-size" => size = (4, 5),
        "thumbnail-huge" => size = (u32::MAX, 4),
        "other-job" => id += 1,
        "exit" => std::process::exit(0),
        "abort" => std::process::abort(),
        "out-of-memory" => std::process::exit(EXIT_MEMORY),
        // SAFETY: closes the one descriptor over which this program speaks.
        "closes-its-socket" => unsafe {
            libc::close(0);
        },
        // SAFETY: waits for a signal, for as long as it takes the parent to send one.
        "never" => unsafe {
            libc::pause();
        },
        _ => {}
    }
    if let Some(draw) = &mut damage {
        match draw.below(3) {
            0 => draw.damage(&mut facts),
            1 => draw.damage(&mut thumbnail),
            _ => {}
        }
    }
    write(memory, 0, &facts);
    if lie == "exit-in-the-middle" {
        std::process::exit(1);
    }
    write(memory, FACTS_BYTES_MAX, &thumbnail);
    let outcome = match lie {
        "refusal-not-its-own" => Outcome::Refused { code: RefusalCode::NoSandbox, detail: "x".to_owned() },
        "disk-fails" => Outcome::Refused { code: RefusalCode::Unreadable, detail: "reading failed".to_owned() },
        "ugly-reason" => {
            Outcome::Refused { code: RefusalCode::Undecodable, detail: "a\n\u{1b}[2J\u{202e}b".to_owned() }
        }
        // Rendered pixels are whatever lies in the shared memory, which is nothing.
        "rendered-too-wide" => Outcome::Rendered { width: 65, height: 4 },
        "rendered-huge" => Outcome::Rendered { width: u32::MAX, height: u32::MAX },
        "rendered-over-the-room" => Outcome::Rendered { width: 64, height: 64 },
        "rendered-of-nothing" => Outcome::Rendered { width: 0, height: 4 },
        "pixels-for-facts" => Outcome::Rendered { width: 4, height: 4 },
        "facts-for-pixels" => Outcome::Decoded { facts_bytes, thumbnail_bytes, width: size.0, height: size.1 },
        _ if matches!(job.task, Task::Render(_)) => Outcome::Rendered { width: 4, height: 4 },
        _ => Outcome::Decoded { facts_bytes, thumbnail_bytes, width: size.0, height: size.1 },
    };
    let mut message = serde_json::to_vec(&Answer { id, outcome }).unwrap();
    if let Some(draw) = damage
        && draw.below(3) == 0
    {
        draw.damage(&mut message);
        message.truncate(MESSAGE_BYTES_MAX);
    }
    match lie {
        "rubbish" => say(b"\xff\xfe\0"),
        "empty-message" => say(b""),
        "long-message" => say(&[message.as_slice(), &vec![b' '; 2 * MESSAGE_BYTES_MAX]].concat()),
        "two-answers-in-one" => say(&message.repeat(2)),
        "answers-twice" => {
            say(&message);
            say(&message);
        }
        _ => say(&message),
    }
}

/// Writes to the shared memory.
fn write(memory: RawFd, at: usize, bytes: &[u8]) {
    assert!(at + bytes.len() <= SHARED_BYTES);
    // SAFETY: the pointer and the length belong together.
    let written = unsafe { libc::pwrite(memory, bytes.as_ptr().cast(), bytes.len(), at as libc::off_t) };
    assert_eq!(written, bytes.len() as isize);
}

fn say(message: &[u8]) {
    // Nobody may listen any more, which is the end of the play.
    if send(0, message, MsgFlags::MSG_NOSIGNAL).is_err() {
        std::process::exit(0);
    }
}

/// Waits for a message with its descriptor.
fn hear<M: serde::de::DeserializeOwned>() -> Option<(M, RawFd)> {
    let mut bytes = [0; MESSAGE_BYTES_MAX];
    let mut control = nix::cmsg_space!([RawFd; 1]);
    let mut parts = [std::io::IoSliceMut::new(&mut bytes)];
    let message = recvmsg::<()>(0, &mut parts, Some(&mut control), MsgFlags::empty()).ok()?;
    let length = message.bytes;
    let descriptor = message.cmsgs().ok()?.find_map(|message| match message {
        ControlMessageOwned::ScmRights(list) => list.first().copied(),
        _ => None,
    });
    Some((serde_json::from_slice(bytes.get(..length)?).ok()?, descriptor?))
}
