//! Switching the second factor on and off.

use accounts::{Admission, CheckRefused, Prepared, Refusal};
use crypto::totp_code;
use data_encoding::BASE32_NOPAD;
use model::{Clock, EventKind, Span};

use crate::{Verbs, World, client, engines, refused, unbelieved};

/// An authenticator and a sheet of backup codes.
pub(crate) struct Codes {
    secret: Vec<u8>,
    pub(crate) backup: Vec<String>,
}

impl Codes {
    pub(crate) fn of(prepared: &Prepared) -> Self {
        let secret = BASE32_NOPAD.decode(prepared.secret.as_bytes()).unwrap();
        Self { secret, backup: prepared.backup_codes.clone() }
    }

    /// What the authenticator shows.
    pub(crate) fn now(&self, world: &World) -> String {
        self.off_by(world, 0)
    }

    /// What it shows so many steps of 30 seconds later.
    pub(crate) fn off_by(&self, world: &World, steps: i64) -> String {
        totp_code(&self.secret, world.clock.now().seconds() / 30 + steps)
    }

    /// Six digits that are no code of about now.
    pub(crate) fn wrong(&self, world: &World) -> String {
        let near: Vec<_> = (-3..=3).map(|steps| self.off_by(world, steps)).collect();
        (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
    }
}

impl World {
    /// Gives an account a second factor; a minute later none of its codes is used up.
    pub(crate) async fn two_factor(&self, name: &str) -> Codes {
        let wolfpal = self.mount("wolfpal");
        let caller = wolfpal.caller(&wolfpal.enter(name).await).await;
        let codes = Codes::of(&wolfpal.prepare_two_factor(&caller, &client()).await.unwrap());
        wolfpal.enable_two_factor(&caller, &codes.now(self), &client()).await.unwrap();
        self.pass(Span::minutes(1));
        codes
    }
}

engines! {
    async fn preparing_changes_nothing_until_the_first_right_code(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let caller = wolfpal.caller(&wolfpal.enter("bob").await).await;
        assert_eq!(refused(wolfpal.enable_two_factor(&caller, "000000", &client()).await), Refusal::TwoFactorNotInitialised);
        assert_eq!(refused(wolfpal.backup_codes(&caller).await), Refusal::TwoFactorNotInitialised);
        let codes = Codes::of(&wolfpal.prepare_two_factor(&caller, &client()).await.unwrap());
        wolfpal.enter("bob").await;
        for wrong in [codes.wrong(&world), codes.off_by(&world, 1), codes.off_by(&world, -2), codes.backup[0].clone(),
            String::new(), "１２３４５６".into()] {
            assert_eq!(refused(wolfpal.enable_two_factor(&caller, &wrong, &client()).await), Refusal::CodeWrong);
        }
        wolfpal.enter("bob").await;
        assert_eq!(world.events(EventKind::TwoFactorEnabled).await.len(), 0);
    }

    async fn what_is_prepared_can_be_scanned_and_written_down(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let caller = wolfpal.caller(&wolfpal.enter("bob").await).await;
        let prepared = wolfpal.prepare_two_factor(&caller, &client()).await.unwrap();
        assert_eq!(prepared.secret.len(), 32);
        assert!(prepared.uri.starts_with("otpauth://totp/wolfpal:bob%40example.com?"), "{}", prepared.uri);
        assert!(prepared.uri.contains(&format!("secret={}&", prepared.secret)), "{}", prepared.uri);
        assert_eq!(prepared.backup_codes.len(), 4);
        assert!(prepared.backup_codes.iter().all(|code| code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit())));
        assert_eq!(wolfpal.backup_codes(&caller).await.unwrap(), prepared.backup_codes);
        let again = wolfpal.prepare_two_factor(&caller, &client()).await.unwrap();
        assert_ne!(again.secret, prepared.secret);
        // The earlier one is worth nothing now.
        let stale = Codes::of(&prepared).now(&world);
        assert_eq!(refused(wolfpal.enable_two_factor(&caller, &stale, &client()).await), Refusal::CodeWrong);
        wolfpal.enable_two_factor(&caller, &Codes::of(&again).now(&world), &client()).await.unwrap();
    }

    async fn one_in_force_is_not_replaced_but_taken_off_first(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let old = world.two_factor("bob").await;
        let grant = wolfpal.finish(&wolfpal.ticket("bob").await, &old.now(&world)).await.unwrap();
        let caller = wolfpal.caller(&grant).await;
        let new = Codes::of(&wolfpal.prepare_two_factor(&caller, &client()).await.unwrap());
        world.pass(Span::minutes(1));
        assert_eq!(refused(wolfpal.finish(&wolfpal.ticket("bob").await, &new.now(&world)).await), Refusal::CodeWrong);
        // Whoever copied an access token cannot put a factor of their own in its place.
        let replaced = wolfpal.enable_two_factor(&caller, &new.now(&world), &client()).await;
        assert_eq!(refused(replaced), Refusal::TwoFactorNotInitialised);
        wolfpal.finish(&wolfpal.ticket("bob").await, &old.now(&world)).await.unwrap();
        world.pass(Span::minutes(1));
        wolfpal.disable_two_factor(&caller, &old.now(&world), &client()).await.unwrap();
        world.pass(Span::minutes(1));
        // What was prepared is gone with it.
        let late = wolfpal.enable_two_factor(&caller, &new.now(&world), &client()).await;
        assert_eq!(refused(late), Refusal::TwoFactorNotInitialised);
        let new = Codes::of(&wolfpal.prepare_two_factor(&caller, &client()).await.unwrap());
        wolfpal.enable_two_factor(&caller, &new.now(&world), &client()).await.unwrap();
        world.pass(Span::minutes(1));
        for gone in [old.now(&world), old.backup[0].clone()] {
            assert_eq!(refused(wolfpal.finish(&wolfpal.ticket("bob").await, &gone).await), Refusal::CodeWrong);
        }
        wolfpal.finish(&wolfpal.ticket("bob").await, &new.now(&world)).await.unwrap();
        wolfpal.finish(&wolfpal.ticket("bob").await, &new.backup[3]).await.unwrap();
    }

    async fn switching_it_on_ends_every_other_session_and_tells_the_owner(world: World) {
        world.account("bob").await;
        let (wolfpal, argon) = (world.mount("wolfpal"), world.mount("argon"));
        let here = wolfpal.enter("bob").await;
        let (there, elsewhere) = (wolfpal.enter("bob").await, argon.enter("bob").await);
        let caller = wolfpal.caller(&here).await;
        let codes = Codes::of(&wolfpal.prepare_two_factor(&caller, &client()).await.unwrap());
        wolfpal.enable_two_factor(&caller, &codes.now(&world), &client()).await.unwrap();
        wolfpal.caller(&here).await;
        assert_eq!(unbelieved(wolfpal.check(&wolfpal.access(&there)).await), CheckRefused::SessionEnded);
        assert_eq!(unbelieved(argon.check(&argon.access(&elsewhere)).await), CheckRefused::SessionEnded);
        world.pass(Span::minutes(1));
        wolfpal.disable_two_factor(&caller, &codes.now(&world), &client()).await.unwrap();
        let kinds: Vec<_> = world.accounts.mails(9).await.unwrap().into_iter().map(|mail| mail.kind).collect();
        assert_eq!(kinds, ["two_factor_disabled", "two_factor_enabled"]);
    }

    async fn the_code_that_enabled_it_is_used_up(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let caller = wolfpal.caller(&wolfpal.enter("bob").await).await;
        let codes = Codes::of(&wolfpal.prepare_two_factor(&caller, &client()).await.unwrap());
        let code = codes.now(&world);
        wolfpal.enable_two_factor(&caller, &code, &client()).await.unwrap();
        assert_eq!(refused(wolfpal.finish(&wolfpal.ticket("bob").await, &code).await), Refusal::CodeWrong);
        assert_eq!(refused(wolfpal.disable_two_factor(&caller, &code, &client()).await), Refusal::CodeWrong);
        assert!(wolfpal.caller(&wolfpal.finish(&wolfpal.ticket("bob").await, &codes.backup[0]).await.unwrap()).await
            .account.two_factor);
    }

    async fn a_ticket_from_before_cannot_be_finished_after(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let codes = world.two_factor("bob").await;
        let early = wolfpal.ticket("bob").await;
        let grant = wolfpal.finish(&wolfpal.ticket("bob").await, &codes.backup[0]).await.unwrap();
        wolfpal.disable_two_factor(&wolfpal.caller(&grant).await, &codes.now(&world), &client()).await.unwrap();
        world.pass(Span::minutes(1));
        assert_eq!(refused(wolfpal.finish(&early, &codes.now(&world)).await), Refusal::TicketUnknown);
    }

    async fn it_comes_off_with_a_code_of_its_own_only(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let caller = wolfpal.caller(&wolfpal.enter("bob").await).await;
        assert_eq!(refused(wolfpal.disable_two_factor(&caller, "000000", &client()).await), Refusal::TwoFactorNotInitialised);
        let codes = world.two_factor("bob").await;
        for wrong in [codes.backup[0].clone(), codes.wrong(&world), codes.off_by(&world, 1)] {
            assert_eq!(refused(wolfpal.disable_two_factor(&caller, &wrong, &client()).await), Refusal::CodeWrong);
        }
        assert!(world.stored("bob").await.two_factor.enabled());
        wolfpal.disable_two_factor(&caller, &codes.now(&world), &client()).await.unwrap();
        // The code is used up, also for a second factor that is put in force right afterwards.
        assert_eq!(world.stored("bob").await.two_factor.last_step, world.clock.now().seconds() / 30);
        wolfpal.enter("bob").await;
        world.mount("argon").enter("bob").await;
        assert_eq!(world.number("select count(*) from backup_code", vec![]).await, 0);
        assert_eq!(refused(wolfpal.backup_codes(&caller).await), Refusal::TwoFactorNotInitialised);
    }

    async fn guessing_codes_from_inside_is_counted_too(world: World) {
        world.account("bob").await;
        let burst = model::Throttle { burst: 3, every: Span::hours(3) };
        let limits = accounts::Limits { second_factor: Some(burst), ..Default::default() };
        let world = world.limited(limits).await;
        let wolfpal = world.mount("wolfpal");
        let caller = wolfpal.caller(&wolfpal.enter("bob").await).await;
        let codes = world.two_factor("bob").await;
        for _ in 0..3 {
            let wrong = codes.wrong(&world);
            assert_eq!(refused(wolfpal.disable_two_factor(&caller, &wrong, &client()).await), Refusal::CodeWrong);
        }
        // One counter: of taking it off, of putting it in force, and of signing in.
        let right = codes.now(&world);
        let throttled = |refusal| matches!(refusal, Refusal::Throttled { .. });
        assert!(throttled(refused(wolfpal.disable_two_factor(&caller, &right, &client()).await)));
        assert!(throttled(refused(wolfpal.finish(&wolfpal.ticket("bob").await, &right).await)));
        world.account("eve").await;
        let eve = wolfpal.caller(&wolfpal.enter("eve").await).await;
        let hers = Codes::of(&wolfpal.prepare_two_factor(&eve, &client()).await.unwrap());
        for _ in 0..3 {
            assert_eq!(refused(wolfpal.enable_two_factor(&eve, &hers.wrong(&world), &client()).await), Refusal::CodeWrong);
        }
        assert!(throttled(refused(wolfpal.enable_two_factor(&eve, &hers.now(&world), &client()).await)));
        world.pass(Span::hours(3));
        wolfpal.disable_two_factor(&caller, &codes.now(&world), &client()).await.unwrap();
    }

    async fn an_account_without_address_shows_its_name(world: World) {
        let world = world.under(|terms| terms.mounts[1].require_confirmed_email = false).await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.register_with("bob", None, Admission::Own).await.unwrap().grant.unwrap();
        let prepared = wolfpal.prepare_two_factor(&wolfpal.caller(&grant).await, &client()).await.unwrap();
        assert!(prepared.uri.starts_with("otpauth://totp/wolfpal:bob?"), "{}", prepared.uri);
    }
}
