//! A certificate whose files change under it.

use rcgen::{CertifiedKey as Pair, generate_simple_self_signed};
use tempfile::TempDir;

use super::*;

fn files(folder: &TempDir) -> TlsFiles {
    TlsFiles { cert: folder.path().join("cert.pem"), key: folder.path().join("key.pem") }
}

/// Replaces both files, as programs that fetch certificates do.
fn renew(files: &TlsFiles) {
    let Pair { cert, signing_key } = generate_simple_self_signed(["x.example".to_owned()]).unwrap();
    for (path, text) in [(&files.cert, cert.pem()), (&files.key, signing_key.serialize_pem())] {
        let beside = path.with_extension("new");
        fs::write(&beside, text).unwrap();
        fs::rename(&beside, path).unwrap();
    }
}

fn shown(certificate: &Certificate) -> Vec<u8> {
    certificate.shown.0.read().unwrap().cert[0].to_vec()
}

#[test]
fn files_that_changed_are_read_once_and_a_bad_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(&folder);
    renew(&files);
    let mut certificate = Certificate::new(load(files.clone()).unwrap());
    let first = shown(&certificate);
    assert!(!certificate.look().unwrap());
    renew(&files);
    assert!(certificate.look().unwrap());
    let second = shown(&certificate);
    assert_ne!(first, second);
    assert!(!certificate.look().unwrap());
    // Half a renewal: the mistake is told once, and the next change is looked at again.
    let old_key = fs::read(&files.key).unwrap();
    renew(&files);
    let new_key = fs::read(&files.key).unwrap();
    fs::write(&files.key, old_key).unwrap();
    assert!(matches!(certificate.look(), Err(BadTls::Unusable { .. })));
    assert!(!certificate.look().unwrap());
    assert_eq!(shown(&certificate), second);
    fs::remove_file(&files.key).unwrap();
    assert!(matches!(certificate.look(), Err(BadTls::Unreadable { .. })));
    fs::write(&files.key, new_key).unwrap();
    assert!(certificate.look().unwrap());
    assert_ne!(shown(&certificate), second);
}

#[test]
fn keys_of_every_form_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(&folder);
    renew(&files);
    assert!(load(files.clone()).is_ok());
    let text = fs::read_to_string(&files.key).unwrap();
    // Comments and other entries around it do not matter.
    fs::write(&files.key, format!("a comment\n{text}\n")).unwrap();
    assert!(load(files.clone()).is_ok());
    for broken in ["", "nonsense", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"] {
        fs::write(&files.key, broken).unwrap();
        assert!(load(files.clone()).is_err(), "{broken:?}");
    }
}
