//! Mail that is owed, and sending it.

use mail::{FolderTransport, Sender, Transport};
use model::{Clock, Span};

use crate::{World, client, engines};

impl World {
    /// Sends what is due and answers the newest mail as a person reads it.
    pub(crate) async fn last_mail(&self) -> String {
        while self.accounts.send_due(&self.transport()).await.unwrap() > 0 {}
        let mails = self.accounts.mails(2).await.unwrap();
        let newest = &mails[0];
        let alone = mails.get(1).is_none_or(|other| other.created_at < newest.created_at);
        assert!(alone, "two mails of one instant: let time pass between them");
        read(&std::fs::read_to_string(self.mail_folder().join(format!("{}.eml", newest.id))).unwrap())
    }

    /// The token in the newest mail that links to this page.
    pub(crate) async fn last_link(&self, page: &str) -> String {
        let mail = self.last_mail().await;
        let token = mail.split(page).nth(1).unwrap_or_else(|| panic!("no {page} in {mail}"));
        let end = token.find(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)).unwrap();
        token[..end].to_owned()
    }

    /// Owes a mail to bob.
    async fn owe(&self) {
        self.mount("wolfpal").send_reset("bob@example.com", &client()).await.unwrap();
        self.accounts.see_to_asked().await.unwrap();
    }

    async fn delivered(&self) -> usize {
        let files = std::fs::read_dir(self.mail_folder());
        files.map_or(0, |files| {
            files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|e| e == "eml")).count()
        })
    }
}

/// Undoes quoted-printable (RFC 2045, section 6.7).
fn read(mail: &str) -> String {
    let mail = mail.replace("=\r\n", "");
    let mut parts = mail.split('=');
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        match part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                text.push(char::from(byte));
                text.push_str(&part[2..]);
            }
            None => {
                text.push('=');
                text.push_str(part);
            }
        }
    }
    text
}

/// A folder that is gone: trying again may help.
fn broken(world: &World) -> Transport {
    let folder = world.mail_folder().join("gone");
    let sender = Sender { name: String::new(), address: "noreply@site.example".into() };
    let transport = FolderTransport::new(&folder, sender).unwrap();
    std::fs::remove_dir(&folder).unwrap();
    Transport::Folder(transport)
}

engines! {
    async fn a_mail_is_sent_once_and_forgotten(world: World) {
        world.account("bob").await;
        world.owe().await;
        let owed = &world.accounts.mails(1).await.unwrap()[0];
        assert_eq!((owed.attempts, owed.sent_at, owed.sealed.is_some()), (0, None, true));
        assert_eq!(world.accounts.send_due(&world.transport()).await.unwrap(), 1);
        let sent = &world.accounts.mails(1).await.unwrap()[0];
        assert_eq!((sent.sent_at, &sent.sealed, sent.attempts), (Some(world.clock.now()), &None, 1));
        world.pass(Span::days(1));
        assert_eq!(world.accounts.send_due(&world.transport()).await.unwrap(), 0);
        assert_eq!(world.delivered().await, 1);
    }

    async fn a_mail_that_failed_is_tried_again_after_longer_and_longer_pauses(world: World) {
        world.account("bob").await;
        world.owe().await;
        let (begun, transport) = (world.clock.now(), broken(&world));
        let mut pauses = Vec::new();
        for attempt in 1..=12 {
            assert_eq!(world.accounts.send_due(&transport).await.unwrap(), 1, "attempt {attempt}");
            let row = &world.accounts.mails(1).await.unwrap()[0];
            assert!(row.attempts == attempt && row.sealed.is_some() && !row.last_error.is_empty(), "{row:?}");
            let pause = row.next_attempt_at - world.clock.now();
            pauses.push(pause.whole_seconds());
            world.pass(Span(pause.0 - 1));
            assert_eq!(world.accounts.send_due(&transport).await.unwrap(), 0, "before its time");
            world.pass(Span(1));
        }
        assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600, 3_600]);
        let waiting = world.accounts.mail_waiting().await.unwrap();
        assert_eq!((waiting.mails, waiting.oldest), (1, Some(world.clock.now() - begun)));
        assert_eq!(world.accounts.send_due(&world.transport()).await.unwrap(), 1);
        assert_eq!(world.accounts.mail_stats(), [("sent", 1), ("delayed", 12), ("given_up", 0)]);
        let waiting = world.accounts.mail_waiting().await.unwrap();
        assert_eq!((waiting.mails, waiting.oldest), (0, None));
        let row = &world.accounts.mails(1).await.unwrap()[0];
        assert!(row.sent_at.is_some() && row.last_error.is_empty(), "{row:?}");
    }

    async fn a_mail_that_fails_for_three_days_is_given_up(world: World) {
        world.account("bob").await;
        world.owe().await;
        let (begun, transport) = (world.clock.now(), broken(&world));
        let mut attempts = 0;
        while world.accounts.mails(1).await.unwrap()[0].failed_at.is_none() {
            attempts += world.accounts.send_due(&transport).await.unwrap();
            world.pass(Span::minutes(30));
        }
        let hours = (world.clock.now() - begun).whole_seconds() / 3_600;
        assert!((48..120).contains(&hours) && attempts == 80, "{attempts} attempts in {hours} hours");
        let row = &world.accounts.mails(1).await.unwrap()[0];
        assert!(row.sealed.is_some() && !row.last_error.is_empty());
        assert_eq!(world.accounts.send_due(&world.transport()).await.unwrap(), 0);
    }

    async fn a_mail_that_was_given_up_goes_out_when_somebody_says_so(world: World) {
        world.account("bob").await;
        world.owe().await;
        let id = world.accounts.mails(1).await.unwrap()[0].id.clone();
        let now = world.clock.now();
        world.db.write(db::Batch::from(store::outbox::given_up(&id, now, "broken"))).await.unwrap();
        assert_eq!(world.accounts.send_due(&world.transport()).await.unwrap(), 0);
        assert!(!world.accounts.retry_mail("nobody").await.unwrap());
        assert!(world.accounts.retry_mail(&id).await.unwrap());
        assert_eq!(world.accounts.send_due(&world.transport()).await.unwrap(), 1);
        // Once it is sent it is not sent again.
        assert!(!world.accounts.retry_mail(&id).await.unwrap());
        assert_eq!((world.accounts.send_due(&world.transport()).await.unwrap(), world.delivered().await), (0, 1));
    }

    async fn a_mail_that_can_never_be_sent_is_given_up_at_once(world: World) {
        world.account("bob").await;
        // An address that the rules let through and no mail server takes.
        world.tamper("bob", |bob| bob.email = Some("bob@[oops".into())).await;
        world.mount("wolfpal").send_reset("bob@[oops", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        assert_eq!(world.accounts.send_due(&world.transport()).await.unwrap(), 1);
        let row = &world.accounts.mails(1).await.unwrap()[0];
        assert!(row.failed_at.is_some() && row.sealed.is_some() && row.attempts == 1, "{row:?}");
        assert!(!row.last_error.contains("forgot-password"));
    }

    async fn a_mail_that_cannot_be_unsealed_is_given_up(world: World) {
        world.account("bob").await;
        for _ in 0..2 {
            world.owe().await;
        }
        // Sealed texts of two rows swapped: each is bound to its own.
        let rows = world.accounts.mails(2).await.unwrap();
        for (row, other) in [(&rows[0], &rows[1]), (&rows[1], &rows[0])] {
            let swap = "update outbox set sealed = $2 where id = $1";
            let statement = db::Statement::new(swap, db::params![row.id.as_str(), other.sealed.as_deref()]);
            world.db.write(db::Batch::from(statement)).await.unwrap();
        }
        assert_eq!(world.accounts.send_due(&world.transport()).await.unwrap(), 2);
        assert!(world.accounts.mails(2).await.unwrap().iter().all(|row| row.failed_at.is_some()));
        assert_eq!(world.delivered().await, 0);
    }

    async fn a_sender_that_died_leaves_its_mail_to_the_next(world: World) {
        world.account("bob").await;
        world.owe().await;
        let now = world.clock.now();
        // Claimed, and never heard of again.
        let id = world.accounts.mails(1).await.unwrap()[0].id.clone();
        let claim = store::outbox::claim(&id, now, now + Span::minutes(3));
        assert_eq!(world.db.write(db::Batch::from(claim)).await.unwrap().touched(0), 1);
        assert_eq!(world.accounts.send_due(&world.transport()).await.unwrap(), 0);
        world.pass(Span::minutes(3));
        assert_eq!(world.accounts.send_due(&world.transport()).await.unwrap(), 1);
    }

    async fn mail_for_a_change_that_did_not_happen_is_not_owed(world: World) {
        world.account("bob").await;
        let world = world.limited(accounts::Limits {
            mail: Some(model::Throttle { burst: 1, every: Span::hours(1) }), ..Default::default()
        }).await;
        for _ in 0..3 {
            world.owe().await;
        }
        assert_eq!(world.accounts.mails(10).await.unwrap().len(), 1);
        assert_eq!(world.events(model::EventKind::ResetSent).await.len(), 1);
    }
}

engines! { on disk
    async fn two_senders_send_every_mail_once(world: World) {
        for number in 0..40 {
            let name = format!("bob{number}");
            world.account(&name).await;
            world.mount("wolfpal").send_reset(&format!("{name}@example.com"), &client()).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
        }
        let other = world.second().await;
        let send = |accounts: accounts::Accounts, transport: Transport| {
            tokio::spawn(async move {
                let mut sent = 0;
                loop {
                    match accounts.send_due(&transport).await.unwrap() {
                        0 => break sent,
                        some => sent += some,
                    }
                }
            })
        };
        let both = [send(world.accounts.clone(), world.transport()), send(other.accounts.clone(), other.transport())];
        let mut sent = 0;
        for one in both {
            sent += one.await.unwrap();
        }
        assert_eq!((sent, world.delivered().await), (40, 40));
        assert!(world.accounts.mails(100).await.unwrap().iter().all(|row| row.attempts == 1 && row.sent_at.is_some()));
    }

    async fn what_is_owed_survives_a_restart(world: World) {
        world.account("bob").await;
        world.owe().await;
        let world = world.restarted().await;
        let token = world.last_link("/forgot-password/").await;
        assert!(world.mount("wolfpal").reset_is_live(&token).await.unwrap());
    }
}
