//! Being told of a sign-in from a new device, and saying that it was somebody else.

use accounts::{CheckRefused, Client, Grant, Limits, Login, Refusal, SignedIn};
use model::{EndReason, EventKind, Span, Throttle};

use crate::races::{at_once, winner};
use crate::{PASSWORD, Verbs, World, client, engines, refused, unbelieved};

const PAGE: &str = "/not-me/";

fn device(address: &str, program: &str) -> Client {
    Client { address: address.parse().unwrap(), user_agent: program.into() }
}

impl World {
    /// An account that was used before, from the usual address.
    async fn used(&self, name: &str) -> Grant {
        self.account(name).await;
        self.mount("wolfpal").enter(name).await
    }

    async fn enter_from(&self, name: &str, address: &str, program: &str) -> Grant {
        self.pass(Span::seconds(1));
        match self
            .mount("wolfpal")
            .attempt(Login::Username(name), PASSWORD, device(address, program))
            .await
            .unwrap()
        {
            SignedIn::Complete(grant) => grant,
            other @ SignedIn::SecondStep { .. } => panic!("{other:?}"),
        }
    }

    /// How many mails of a kind are owed or sent.
    async fn told(&self, kind: &str) -> usize {
        self.accounts.mails(1_000).await.unwrap().into_iter().filter(|mail| mail.kind == kind).count()
    }

    async fn not_me(&self, token: &str) -> Result<(), accounts::Failure> {
        self.mount("wolfpal").not_me(token, &client()).await.map(|_| ())
    }
}

engines! {
    async fn only_what_is_new_in_both_is_told_and_only_once(world: World) {
        world.used("bob").await;
        assert_eq!(world.told("new_device_told").await, 0, "the first sign-in is no news");
        world.enter_from("bob", "192.0.2.1", "another").await;
        world.enter_from("bob", "::ffff:192.0.2.1", "a third").await;
        world.enter_from("bob", "203.0.113.9", "tests").await;
        assert_eq!(world.told("new_device_told").await, 0);
        world.enter_from("bob", "198.51.100.7", "curl/8").await;
        assert_eq!(world.told("new_device_told").await, 1);
        let mail = world.last_mail().await;
        assert!(mail.contains("198.51.100.7") && mail.contains("curl 8") && mail.contains("bob"), "{mail}");
        assert_eq!(world.accounts.mails(1).await.unwrap()[0].recipient, "bob@example.com");
        world.enter_from("bob", "198.51.100.7", "curl/9").await;
        world.enter_from("bob", "198.51.100.8", "curl/8").await;
        assert_eq!(world.told("new_device_told").await, 1);
        // What is known of one account is news of another.
        world.used("eve").await;
        world.enter_from("eve", "198.51.100.7", "curl/8").await;
        assert_eq!(world.told("new_device_told").await, 2);
    }

    async fn a_refused_sign_in_tells_nobody(world: World) {
        world.used("bob").await;
        let wolfpal = world.mount("wolfpal");
        for number in 0..5 {
            let guess = wolfpal.attempt(Login::Username("bob"), "wrong", device(&format!("198.51.100.{number}"), "x")).await;
            assert_eq!(refused(guess), Refusal::WrongCredentials);
        }
        // Nor does a mount that has no such mail, or an address that nobody confirmed.
        world.argon().attempt(Login::Username("bob"), PASSWORD, device("198.51.100.9", "y")).await.unwrap();
        let world = world.under(|terms| terms.mounts[1].require_confirmed_email = false).await;
        world.tamper("bob", |bob| bob.email_confirmed = false).await;
        world.enter_from("bob", "203.0.113.9", "z").await;
        assert_eq!(world.accounts.mails(9).await.unwrap(), vec![]);
    }

    async fn the_code_decides_not_the_password(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let wolfpal = world.mount("wolfpal");
        let there = || device("198.51.100.7", "curl/8");
        let Ok(SignedIn::SecondStep { ticket }) = wolfpal.attempt(Login::Username("bob"), PASSWORD, there()).await else {
            panic!("no second step")
        };
        assert_eq!(world.told("new_device_told").await, 0);
        let finish = accounts::SecondStep { ticket: &ticket, code: &codes.now(&world), client: there() };
        wolfpal.second_step(finish).await.unwrap();
        assert_eq!(world.told("new_device_told").await, 1);
    }

    async fn nobody_is_told_without_end(world: World) {
        world.used("bob").await;
        let two = Throttle { burst: 2, every: Span::hours(1) };
        let world = world.limited(Limits { mail: Some(two), ..Default::default() }).await;
        for number in 0..9 {
            world.enter_from("bob", &format!("198.51.100.{number}"), &format!("program {number}")).await;
        }
        assert_eq!(world.told("new_device_told").await, 2);
        assert_eq!(world.number("select count(*) from one_time_token", vec![]).await, 2);
        world.pass(Span::hours(1));
        world.enter_from("bob", "203.0.113.1", "late").await;
        assert_eq!(world.told("new_device_told").await, 3);
    }

    async fn it_ends_exactly_that_session_once_and_owes_a_reset(world: World) {
        let own = world.used("bob").await;
        let wolfpal = world.mount("wolfpal");
        let first = world.enter_from("bob", "198.51.100.7", "curl/8").await;
        let token = world.last_link(PAGE).await;
        assert_eq!(token.len(), 40);
        let second = world.enter_from("bob", "203.0.113.9", "wget").await;
        let later = world.last_link(PAGE).await;
        world.pass(Span::seconds(1));
        // A second mail does not end the first one's link, and looking at a link uses nothing up.
        let shown = wolfpal.mailed(model::OneTimeKind::NotMe, &token).await.unwrap().unwrap();
        assert_eq!(shown.session, Some(("198.51.100.7".into(), "curl/8".into())));
        world.not_me(&token).await.unwrap();
        assert_eq!(unbelieved(wolfpal.check(&wolfpal.access(&first)).await), CheckRefused::SessionEnded);
        assert_eq!(refused(wolfpal.renew(&first).await), Refusal::RefreshRefused);
        for grant in [&own, &second] {
            wolfpal.caller(grant).await;
        }
        let mail = world.accounts.mails(1).await.unwrap().remove(0);
        assert_eq!((&*mail.kind, &*mail.recipient), ("reset_sent", "bob@example.com"));
        assert!(wolfpal.reset_is_live(&world.last_link("/forgot-password/").await).await.unwrap());
        assert_eq!(refused(world.not_me(&token).await), Refusal::TokenUnknown);
        assert_eq!(world.told("reset_sent").await, 1);
        let ended = world.events(EventKind::SessionEnded).await;
        assert_eq!((ended.len(), &*ended[0].detail), (1, EndReason::NotMe.as_str()));
        world.pass(Span::seconds(1));
        world.not_me(&later).await.unwrap();
        assert_eq!(unbelieved(wolfpal.check(&wolfpal.access(&second)).await), CheckRefused::SessionEnded);
        wolfpal.caller(&own).await;
    }

    async fn a_link_is_good_for_a_week_also_after_its_session(world: World) {
        world.used("bob").await;
        for (address, spare, outcome) in [("198.51.100.7", 1, true), ("203.0.113.9", 0, false)] {
            world.enter_from("bob", address, address).await;
            let token = world.last_link(PAGE).await;
            world.pass(Span(Span::days(7).0 - spare));
            assert_eq!(crate::fault_free(&world.not_me(&token).await), outcome);
        }
        assert_eq!(world.told("reset_sent").await, 1);
        for other in ["", "x", "\0", &"A".repeat(40)] {
            assert_eq!(refused(world.not_me(other).await), Refusal::TokenUnknown);
        }
    }

    async fn what_the_stranger_asked_for_is_worth_nothing(world: World) {
        world.used("bob").await;
        let grant = world.enter_from("bob", "198.51.100.7", "curl/8").await;
        let token = world.last_link(PAGE).await;
        world.pass(Span::seconds(1));
        let wolfpal = world.mount("wolfpal");
        wolfpal.change_email(&wolfpal.caller(&grant).await, "stranger@example.com", &client()).await.unwrap();
        let theirs = world.last_link("/change-email/").await;
        world.pass(Span::seconds(1));
        world.not_me(&token).await.unwrap();
        assert_eq!(refused(wolfpal.confirm_email_change(&theirs, &client()).await), Refusal::TokenUnknown);
    }

    async fn the_session_ends_also_when_no_more_mail_is_sent(world: World) {
        world.used("bob").await;
        let one = Throttle { burst: 1, every: Span::hours(1) };
        let world = world.limited(Limits { mail_per_address: Some(one), ..Default::default() }).await;
        let grant = world.enter_from("bob", "198.51.100.7", "curl/8").await;
        let token = world.last_link(PAGE).await;
        let wolfpal = world.mount("wolfpal");
        wolfpal.send_reset("nobody@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        world.not_me(&token).await.unwrap();
        assert_eq!(unbelieved(wolfpal.check(&wolfpal.access(&grant)).await), CheckRefused::SessionEnded);
    }

    async fn one_link_is_one_reset(world: World) {
        world.used("bob").await;
        for round in 1..=50 {
            let address = format!("198.51.100.{round}");
            world.enter_from("bob", &address, &address).await;
            let token = world.last_link(PAGE).await;
            let answers = at_once(|_| {
                let (wolfpal, token) = (world.mount("wolfpal"), token.clone());
                async move { wolfpal.not_me(&token, &client()).await }
            })
            .await;
            winner(answers, &[Refusal::TokenUnknown]);
            assert_eq!(world.told("reset_sent").await, round);
            assert_eq!(world.events(EventKind::SessionEnded).await.len(), round);
        }
    }
}
