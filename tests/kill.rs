//! A load that is killed at a call of the system resumes, and ends as one that was not.

use std::process::Command;

mod house;

use house::{House, lines, program, zeef_ok};

/// Calls at which the program is killed, and at which of their occurrences. Whole rooms are killed at every call by
/// their own tests; here the whole way is, at a sample.
const KILLS: [(&str, &[u32]); 4] =
    [("fdatasync", &[1, 3, 6]), ("pwrite64", &[2, 40, 300]), ("fsync", &[1]), ("sendmsg", &[1, 25])];

#[test]
fn a_killed_load_resumes_to_the_same_case() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: needs strace");
        return;
    }
    let whole = House::new();
    let model = whole.model();
    whole.new_case();
    whole.add(model.media.to_str().unwrap(), &[]);
    let expected = whole.status();

    let killed = House::new();
    killed.import(model.ordinary.to_str().unwrap(), "ordinary", "good", &[]);
    killed.import(model.national.to_str().unwrap(), "national", "known", &[]);
    killed.new_case();
    let sets = killed.path("sets");
    let mut kills = 0;
    for (call, places) in KILLS {
        for place in places {
            let arguments = killed.arguments("add", &[model.media.to_str().unwrap(), "--sets", &sets]);
            let out = Command::new("strace")
                .args(["-f", "-qq", "-e", &format!("trace={call}"), "-o", "/dev/null"])
                .args(["-e", &format!("inject={call}:signal=SIGKILL:when={place}")])
                .arg(program("zeef"))
                .args(&arguments)
                .output()
                .unwrap();
            kills += u32::from(!out.status.success());
        }
    }
    assert!(kills >= 3, "only {kills} loads were killed");
    killed.add(model.media.to_str().unwrap(), &[]);
    let status = killed.status();
    for key in ["occurrences", "items", "shown", "hidden", "refused", "conflicts", "decoded", "stacks", "known_decoded"]
    {
        assert_eq!(status[key], expected[key], "{key}");
    }
    assert_eq!(killed.case("verify", &[]).remove(0)["sound"], true);
    let list = lines(&zeef_ok(&["set", "list", "--sets", &sets, "--json"]));
    assert_eq!(list.len(), 2);
}
