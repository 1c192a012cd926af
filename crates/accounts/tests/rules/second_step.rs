//! The second step of a sign-in.

use accounts::{Limits, Refusal};
use model::{EventKind, Span, Throttle};

use crate::mounts::realm;
use crate::{Verbs, World, client, engines, refused, secret};

engines! {
    async fn a_ticket_is_good_once(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let wolfpal = world.mount("wolfpal");
        let ticket = wolfpal.ticket("bob").await;
        let grant = wolfpal.finish(&ticket, &codes.now(&world)).await.unwrap();
        wolfpal.caller(&grant).await;
        world.pass(Span::minutes(1));
        for code in [codes.now(&world), codes.backup[0].clone()] {
            assert_eq!(refused(wolfpal.finish(&ticket, &code).await), Refusal::TicketUnknown);
        }
    }

    async fn a_ticket_is_good_for_five_tries(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let wolfpal = world.mount("wolfpal");
        let ticket = wolfpal.ticket("bob").await;
        for _ in 0..5 {
            assert_eq!(refused(wolfpal.finish(&ticket, &codes.wrong(&world)).await), Refusal::CodeWrong);
        }
        assert_eq!(refused(wolfpal.finish(&ticket, &codes.now(&world)).await), Refusal::TicketUnknown);
        assert_eq!(world.events(EventKind::SignInRefused).await.len(), 5);
        // The fifth try may be the right one.
        let ticket = wolfpal.ticket("bob").await;
        for _ in 0..4 {
            refused(wolfpal.finish(&ticket, &codes.wrong(&world)).await);
        }
        wolfpal.finish(&ticket, &codes.now(&world)).await.unwrap();
    }

    async fn a_ticket_is_good_for_a_quarter_of_an_hour(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let wolfpal = world.mount("wolfpal");
        let (early, late) = (wolfpal.ticket("bob").await, wolfpal.ticket("bob").await);
        world.pass(Span(Span::minutes(15).0 - 1));
        wolfpal.finish(&early, &codes.now(&world)).await.unwrap();
        world.pass(Span(1));
        assert_eq!(refused(wolfpal.finish(&late, &codes.backup[0]).await), Refusal::TicketUnknown);
    }

    async fn only_the_code_of_now_and_the_one_before_are_right(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        world.pass(Span::minutes(5));
        let wolfpal = world.mount("wolfpal");
        for steps in [-3, -2, 1, 2] {
            let answer = wolfpal.finish(&wolfpal.ticket("bob").await, &codes.off_by(&world, steps)).await;
            assert_eq!(refused(answer), Refusal::CodeWrong, "{steps}");
        }
        for steps in [-1, 0] {
            wolfpal.finish(&wolfpal.ticket("bob").await, &codes.off_by(&world, steps)).await.unwrap();
        }
    }

    async fn a_code_is_good_once_whatever_the_ticket(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let wolfpal = world.mount("wolfpal");
        let (code, before) = (codes.now(&world), codes.off_by(&world, -1));
        let held = wolfpal.ticket("bob").await;
        wolfpal.finish(&wolfpal.ticket("bob").await, &code).await.unwrap();
        for replayed in [&code, &before] {
            assert_eq!(refused(wolfpal.finish(&held, replayed).await), Refusal::CodeWrong);
            assert_eq!(refused(wolfpal.finish(&wolfpal.ticket("bob").await, replayed).await), Refusal::CodeWrong);
        }
        world.pass(Span::seconds(30));
        assert_eq!(refused(wolfpal.finish(&held, &code).await), Refusal::CodeWrong);
        wolfpal.finish(&held, &codes.now(&world)).await.unwrap();
    }

    async fn a_backup_code_is_good_once_and_only_for_its_account(world: World) {
        world.account("bob").await;
        world.account("eve").await;
        let (bobs, eves) = (world.two_factor("bob").await, world.two_factor("eve").await);
        let wolfpal = world.mount("wolfpal");
        assert_eq!(refused(wolfpal.finish(&wolfpal.ticket("eve").await, &bobs.backup[0]).await), Refusal::CodeWrong);
        let grant = wolfpal.finish(&wolfpal.ticket("bob").await, &bobs.backup[0]).await.unwrap();
        assert_eq!(refused(wolfpal.finish(&wolfpal.ticket("bob").await, &bobs.backup[0]).await), Refusal::CodeWrong);
        let mut left = wolfpal.backup_codes(&wolfpal.caller(&grant).await).await.unwrap();
        left.sort();
        let mut others = bobs.backup[1..].to_vec();
        others.sort();
        assert_eq!(left, others);
        for code in &bobs.backup[1..] {
            wolfpal.finish(&wolfpal.ticket("bob").await, code).await.unwrap();
        }
        assert_eq!(world.events(EventKind::BackupCodeUsed).await.len(), 4);
        wolfpal.finish(&wolfpal.ticket("eve").await, &eves.backup[0]).await.unwrap();
    }

    async fn a_ticket_dies_with_the_password_it_was_won_with(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let wolfpal = world.mount("wolfpal");
        let ticket = wolfpal.ticket("bob").await;
        world.accounts.set_password(&realm(), "bob", secret("another password")).await.unwrap();
        assert_eq!(refused(wolfpal.finish(&ticket, &codes.now(&world)).await), Refusal::TicketUnknown);
    }

    async fn a_ticket_dies_with_its_account(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let wolfpal = world.mount("wolfpal");
        let ticket = wolfpal.ticket("bob").await;
        world.accounts.delete(&realm(), "bob").await.unwrap();
        assert_eq!(refused(wolfpal.finish(&ticket, &codes.now(&world)).await), Refusal::TicketUnknown);
    }

    async fn a_ticket_of_a_disabled_account_stays_dead(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let wolfpal = world.mount("wolfpal");
        let ticket = wolfpal.ticket("bob").await;
        world.accounts.disable(&realm(), "bob").await.unwrap();
        assert_eq!(refused(wolfpal.finish(&ticket, &codes.now(&world)).await), Refusal::TicketUnknown);
        world.accounts.enable(&realm(), "bob").await.unwrap();
        assert_eq!(refused(wolfpal.finish(&ticket, &codes.backup[0]).await), Refusal::TicketUnknown);
    }

    async fn a_ticket_dies_whatever_is_changed_of_the_account(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let wolfpal = world.mount("wolfpal");
        let ticket = wolfpal.ticket("bob").await;
        world.accounts.permit(&realm(), "bob", "admin").await.unwrap();
        assert_eq!(refused(wolfpal.finish(&ticket, &codes.now(&world)).await), Refusal::TicketUnknown);
    }

    async fn nothing_but_a_ticket_is_a_ticket(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.finish(&wolfpal.ticket("bob").await, &codes.backup[0]).await.unwrap();
        wolfpal.send_reset("bob@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        let mailed = world.last_link("/forgot-password/").await;
        let ticket = wolfpal.ticket("bob").await;
        let letters = wolfpal.refresh_letters(&grant);
        for other in [&mailed, &letters, &wolfpal.access(&grant), &ticket[..63], &ticket.to_uppercase(), "", "\0"] {
            assert_eq!(refused(wolfpal.finish(other, &codes.now(&world)).await), Refusal::TicketUnknown);
        }
        // A ticket is good for nothing else either.
        assert!(!wolfpal.reset_is_live(&ticket).await.unwrap());
        assert_eq!(refused(wolfpal.confirm_email(&ticket, &client()).await), Refusal::TokenUnknown);
        wolfpal.finish(&ticket, &codes.now(&world)).await.unwrap();
    }

    async fn wrong_codes_are_counted_over_all_tickets(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let burst = Throttle { burst: 7, every: Span::hours(3) };
        let world = world.limited(Limits { second_factor: Some(burst), ..Default::default() }).await;
        let wolfpal = world.mount("wolfpal");
        for _ in 0..7 {
            let wrong = codes.wrong(&world);
            assert_eq!(refused(wolfpal.finish(&wolfpal.ticket("bob").await, &wrong).await), Refusal::CodeWrong);
        }
        let ticket = wolfpal.ticket("bob").await;
        let refusal = refused(wolfpal.finish(&ticket, &codes.now(&world)).await);
        assert_eq!(refusal, Refusal::Throttled { retry_after: Span::hours(3) });
        // Being held up took no try from the ticket.
        world.pass(Span::hours(3));
        wolfpal.finish(&wolfpal.ticket("bob").await, &codes.now(&world)).await.unwrap();
        // A right code gave back its own try and no other.
        refused(wolfpal.finish(&wolfpal.ticket("bob").await, &codes.wrong(&world)).await);
        let refusal = refused(wolfpal.finish(&wolfpal.ticket("bob").await, &codes.wrong(&world)).await);
        assert!(matches!(refusal, Refusal::Throttled { .. }), "{refusal:?}");
    }

    async fn a_day_of_guessing_has_eighteen_codes_looked_at_however_often_the_owner_signs_in(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let limit = Throttle { burst: 10, every: Span::hours(3) };
        let world = world.limited(Limits { second_factor: Some(limit), ..Default::default() }).await;
        let wolfpal = world.mount("wolfpal");
        let (mut looked_at, mut owner_in) = (0, 0);
        for quarter in 0..24 * 4 {
            // The owner is quicker, as long as there is a try left.
            let own = wolfpal.finish(&wolfpal.ticket("bob").await, &codes.now(&world)).await;
            owner_in += usize::from(own.is_ok());
            for _ in 0..if quarter == 0 { 9 } else { 2 } {
                let guess = wolfpal.finish(&wolfpal.ticket("bob").await, &codes.wrong(&world)).await;
                looked_at += usize::from(refused(guess) == Refusal::CodeWrong);
            }
            world.pass(Span::minutes(15));
        }
        assert!((17..=18).contains(&looked_at), "{looked_at}");
        assert!(owner_in > 1, "{owner_in}");
        assert!(!world.events(EventKind::WrongCodesTold).await.is_empty());
    }
}
