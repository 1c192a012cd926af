use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
};

use super::FolderTransport;
use crate::{BadSettings, Message, Sender, Transport};

fn sender() -> Sender {
    Sender { name: "Example".into(), address: "noreply@localhost".into() }
}

fn transport(folder: &Path) -> Transport {
    Transport::Folder(FolderTransport::new(folder, sender()).unwrap())
}

fn message(subject: &str) -> Message {
    Message {
        to: "ada@example.com".into(),
        subject: subject.into(),
        text: "T\n".into(),
        html: "<p>T\n".into(),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn a_mail_becomes_a_file_that_only_its_owner_reads() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("data/mail");
    transport(&folder).deliver("7", &message("One"), 1_700_000_000).await.unwrap();

    assert_eq!(mode(&folder), 0o700);
    assert_eq!(names(&folder), ["7.eml"]);
    assert_eq!(mode(&folder.join("7.eml")), 0o600);
    let mail = fs::read_to_string(folder.join("7.eml")).unwrap();
    assert!(
        mail.contains("\r\nSubject: One\r\n") && mail.contains("\r\nMessage-ID: <7@localhost>\r\n"),
        "{mail}"
    );
    assert!(mail.ends_with("--=_7--\r\n"), "{mail}");
}

#[tokio::test]
async fn the_same_id_again_replaces_the_file() {
    let place = tempfile::tempdir().unwrap();
    let transport = transport(place.path());
    transport.deliver("7", &message("One"), 0).await.unwrap();
    transport.deliver("7", &message("Two"), 0).await.unwrap();
    assert_eq!(names(place.path()), ["7.eml"]);
    assert!(fs::read_to_string(place.path().join("7.eml")).unwrap().contains("Subject: Two"));
}

#[tokio::test]
async fn a_file_is_whole_whenever_it_is_seen() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().to_owned();
    let long = Message { text: "line\n".repeat(20_000), ..message("Long") };
    transport(&folder).deliver("7", &long, 0).await.unwrap();
    let writer = {
        let (folder, long) = (folder.clone(), long.clone());
        tokio::spawn(async move {
            let transport = transport(&folder);
            for _ in 0..20 {
                transport.deliver("7", &long, 0).await.unwrap();
            }
        })
    };
    let mut looks = 0;
    while !writer.is_finished() || looks == 0 {
        let seen = fs::read(folder.join("7.eml")).unwrap();
        assert!(seen.ends_with(b"--=_7--\r\n"), "{} bytes seen", seen.len());
        looks += 1;
        tokio::task::yield_now().await;
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn many_writers_of_one_mail_leave_one_file() {
    let place = tempfile::tempdir().unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let folder = place.path().to_owned();
        let transport = FolderTransport { folder, from: super::Originator::new(&sender()).unwrap() };
        writers.spawn(async move { transport.deliver("7", &message("One"), 0).await });
    }
    for result in writers.join_all().await {
        result.unwrap();
    }
    assert_eq!(names(place.path()), ["7.eml"]);
}

#[tokio::test]
async fn a_failed_write_is_temporary_and_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let transport = transport(place.path());
    // A folder in the file's place: the rename fails, also for root.
    fs::create_dir(place.path().join("7.eml")).unwrap();
    let failed = transport.deliver("7", &message("s3cret"), 0).await.unwrap_err();
    assert!(!failed.permanent);
    assert!(failed.reason.starts_with("cannot write to the mail folder: "), "{failed}");
    assert!(!failed.reason.contains("s3cret"));
    assert_eq!(names(place.path()), ["7.eml"]);

    fs::remove_dir(place.path().join("7.eml")).unwrap();
    transport.deliver("7", &message("One"), 0).await.unwrap();

    fs::remove_dir_all(place.path()).unwrap();
    assert!(!transport.deliver("7", &message("One"), 0).await.unwrap_err().permanent);
}

#[tokio::test]
async fn an_id_cannot_leave_the_folder() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("mail");
    let transport = transport(&folder);
    for id in ["../escaped", "/tmp/escaped", "..", "a/b", ""] {
        assert!(transport.deliver(id, &message("One"), 0).await.unwrap_err().permanent, "{id}");
    }
    assert_eq!(names(place.path()), ["mail"]);
    assert!(names(&folder).is_empty());
}

#[tokio::test]
async fn a_link_in_the_files_place_is_replaced_and_not_followed() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("target");
    fs::write(&target, "untouched").unwrap();
    let folder = place.path().join("mail");
    let transport = transport(&folder);
    symlink(&target, folder.join("7.eml")).unwrap();
    transport.deliver("7", &message("One"), 0).await.unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "untouched");
    assert!(fs::symlink_metadata(folder.join("7.eml")).unwrap().is_file());
}

#[test]
fn what_a_killed_process_left_is_swept_and_what_is_being_written_stays() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join(".7.123.0.tmp"), "half").unwrap();
    fs::write(place.path().join("7.eml"), "whole").unwrap();
    fs::write(place.path().join(".hidden"), "not ours").unwrap();
    let writing = fs::File::create(place.path().join(".8.124.0.tmp")).unwrap();
    writing.lock().unwrap();
    FolderTransport::new(place.path(), sender()).unwrap();
    assert_eq!(names(place.path()), [".8.124.0.tmp", ".hidden", "7.eml"]);
}

#[test]
fn a_folder_that_cannot_be_is_an_error_that_names_it() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    let error = FolderTransport::new(file.join("mail"), sender()).unwrap_err();
    assert!(matches!(error, BadSettings::Folder { .. }), "{error:?}");
    assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
    let bad = Sender { name: String::new(), address: "no address".into() };
    assert!(matches!(FolderTransport::new(place.path(), bad), Err(BadSettings::Sender)));
}
