//! Reads every file of a source once, for its three digests, and nothing else: `digest_folder SOURCE THREADS`.
//!
//! For `make bench`, beside hashdeep. Prints one JSON object: files, bytes, refused, and the XOR of all SHA-256 values, by
//! which two runs can be compared. Members of archives inside the source are not read.

use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError, mpsc};

use evidence::{Found, FoundContent, Limits, ReadBuffer, Readable, Source};

/// Files that wait for a thread.
const QUEUE_FILES: usize = 256;

#[derive(Default)]
struct Sum {
    files: u64,
    bytes: u64,
    refused: u64,
    sha256_xor: [u8; 32],
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.refused += other.refused;
        self.sha256_xor.iter_mut().zip(other.sha256_xor).for_each(|(mine, theirs)| *mine ^= theirs);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, threads] = &arguments[..] else {
        return Err("usage: digest_folder SOURCE THREADS".into());
    };
    let source = Source::open(Path::new(source))?;
    let limits = Limits::default();
    let (sender, receiver) = mpsc::sync_channel::<Readable>(QUEUE_FILES);
    let receiver = Mutex::new(receiver);
    let threads: usize = threads.parse()?;
    let mut total = Sum::default();
    std::thread::scope(|scope| -> Result<(), Box<dyn Error>> {
        let readers: Vec<_> = (0..threads).map(|_| scope.spawn(|| read_all(&receiver, &limits))).collect();
        source.walk(&limits, &mut |Found { content, .. }| match content {
            FoundContent::Readable(readable) => match sender.send(readable) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            },
            FoundContent::Refused(_) => {
                total.refused += 1;
                ControlFlow::Continue(())
            }
        })?;
        drop(sender);
        for reader in readers {
            total.add(&reader.join().map_err(|_| "a reading thread ended")?);
        }
        Ok(())
    })?;
    let xor: String = total.sha256_xor.iter().map(|byte| format!("{byte:02x}")).collect();
    let Sum { files, bytes, refused, .. } = total;
    println!(r#"{{"files":{files},"bytes":{bytes},"refused":{refused},"sha256_xor":"{xor}"}}"#);
    Ok(())
}

fn read_all(receiver: &Mutex<mpsc::Receiver<Readable>>, limits: &Limits) -> Sum {
    let mut buffer = ReadBuffer::new();
    let mut sum = Sum::default();
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(readable) = next else {
            return sum;
        };
        match readable.read(limits, &mut buffer) {
            Ok(reading) => {
                let digests = reading.digests;
                sum.add(&Sum { files: 1, bytes: digests.size_bytes, refused: 0, sha256_xor: digests.sha256.0 });
            }
            Err(_) => sum.refused += 1,
        }
    }
}
