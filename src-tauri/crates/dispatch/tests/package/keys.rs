//! Keys: made, opened with the right passphrase alone, and never shown.

use dispatch::package::{Fault, KeyError, Signer, new_identity, new_signing_key, recipient_of, verify};

use crate::desk::{Desk, PASSPHRASE, head, now, signer};

#[test]
fn a_signing_key_opens_with_its_passphrase_alone() {
    let (secret, public) = new_signing_key(PASSPHRASE).unwrap();
    let opened = Signer::read(&secret, PASSPHRASE).unwrap();
    assert!(public.contains(&opened.public()) && public.contains(&opened.key_id()), "{public}");
    assert_eq!((opened.public().len(), opened.key_id().len()), (56, 16));
    assert!(!secret.contains(&opened.public()));
    let read = |text: &str, passphrase: &str| Signer::read(text, passphrase).unwrap_err();
    assert_eq!(read(&secret, "another"), KeyError::WrongPassphrase);
    assert_eq!(read(&secret, ""), KeyError::Passphrase);
    assert_eq!(read(&secret, &"x".repeat(1025)), KeyError::Passphrase);
    assert_eq!(new_signing_key("").unwrap_err(), KeyError::Passphrase);
    for text in ["", "untrusted comment: x", "a\nb", &public, "untrusted comment: x\n====\n", &secret[..100]] {
        assert_eq!(read(text, PASSPHRASE), KeyError::NotASigningKey, "{text}");
    }
    let bare = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    let text = bare.sk.to_box(None).unwrap().into_string();
    assert_eq!(read(&text, PASSPHRASE), KeyError::NotProtected);
}

#[test]
fn a_key_is_not_shown_by_a_message() {
    let shown = format!("{:?}", signer());
    assert_eq!(shown, format!("Signer({})", signer().key_id()));
    let desk = Desk::new();
    desk.write("good", &head());
    let secret = desk.mine.0.lines().last().unwrap();
    let broken = &secret[..secret.len() - 1];
    let error = verify(&desk.path("good"), broken, &desk.leads, now()).unwrap_err();
    assert!(matches!(error.fault, Fault::Identity { .. }));
    assert!(!format!("{error} {error:?}").contains(&broken[20..]));
}

#[test]
fn files_of_reading_keys_hold_comments_and_a_few_keys() {
    let desk = Desk::new();
    desk.write("good", &head());
    let read = |identity: &str| verify(&desk.path("good"), identity, &desk.leads, now()).map_err(|error| error.fault);
    assert!(read(&format!("# created: today\n\n  {}  \n{}", desk.other.0, desk.mine.0)).is_ok());
    let many: String = (0..17).map(|_| new_identity().0.to_string()).collect();
    for text in ["", "# nothing\n", &desk.mine.1, &many, "AGE-SECRET-KEY-1QQQQ"] {
        assert!(matches!(read(text), Err(Fault::Identity { .. })), "{text}");
    }
    assert_eq!(recipient_of(&format!(" {}\n", desk.mine.1)).unwrap(), desk.mine.1);
    assert_eq!(recipient_of("age1x").unwrap_err(), KeyError::NotARecipient);
}
