//! Inviting newcomers.

use accounts::{Admission, CheckRefused, Limits, Refusal, Registration, ServerClaims};
use model::{EventKind, Span, Throttle};
use serde_json::json;

use crate::mounts::realm;
use crate::{Verbs, World, client, engines, from, refused};

impl World {
    async fn redeem(&self, code: &str) -> Result<ServerClaims, accounts::Failure> {
        self.mount("melon").redeem_invite(code, &client()).await
    }

    async fn join(&self, name: &str, secret: &str) -> Result<accounts::Registered, accounts::Failure> {
        self.mount("melon").register_with(name, None, Admission::Invited(secret)).await
    }
}

engines! {
    async fn a_code_makes_one_account(world: World) {
        let code = world.accounts.create_invite(&realm()).await.unwrap();
        assert!(code.len() == 4 && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()), "{code}");
        let server = world.redeem(&code).await.unwrap();
        assert_eq!(refused(world.redeem(&code).await), Refusal::InviteUnknown);
        world.join("bob", &server.jti).await.unwrap();
        assert_eq!(refused(world.join("eve", &server.jti).await), Refusal::InviteUnknown);
        assert_eq!(world.events(EventKind::InviteRedeemed).await.len(), 1);
        assert_eq!(world.events(EventKind::InviteRefused).await.len(), 1);
        assert_eq!(world.number("select count(*) from one_time_token", vec![]).await, 0);
    }

    async fn a_refused_registration_does_not_cost_the_invite(world: World) {
        world.account("bob").await;
        let code = world.accounts.create_invite(&realm()).await.unwrap();
        let server = world.redeem(&code).await.unwrap();
        assert_eq!(refused(world.join("BOB", &server.jti).await), Refusal::NameTaken);
        assert_eq!(refused(world.join("", &server.jti).await), Refusal::UsernameUnusable);
        world.join("eve", &server.jti).await.unwrap();
    }

    async fn code_and_what_it_is_exchanged_for_are_good_for_ten_minutes_each(world: World) {
        let (early, late) = (world.accounts.create_invite(&realm()).await.unwrap(), world.accounts.create_invite(&realm()).await.unwrap());
        world.pass(Span(Span::minutes(10).0 - 1));
        let first = world.redeem(&early).await.unwrap();
        world.pass(Span(1));
        assert_eq!(refused(world.redeem(&late).await), Refusal::InviteUnknown);
        world.pass(Span(Span::minutes(10).0 - 2));
        let third = world.redeem(&world.accounts.create_invite(&realm()).await.unwrap()).await.unwrap();
        world.join("bob", &first.jti).await.unwrap();
        world.pass(Span::minutes(10));
        assert_eq!(refused(world.join("eve", &third.jti).await), Refusal::InviteUnknown);
    }

    async fn twenty_five_codes_wait_at_once_and_expiry_frees_their_places(world: World) {
        let mut codes = Vec::new();
        for _ in 0..25 {
            codes.push(world.accounts.create_invite(&realm()).await.unwrap());
            world.pass(Span::seconds(1));
        }
        codes.sort();
        codes.dedup();
        assert_eq!((codes.len(), world.accounts.invites(&realm()).await.unwrap().len()), (25, 25));
        assert_eq!(refused(world.accounts.create_invite(&realm()).await), Refusal::TooManyInvites);
        // One is used: one more may be made. The first expires: one more.
        world.redeem(&codes[7]).await.unwrap();
        world.accounts.create_invite(&realm()).await.unwrap();
        assert_eq!(refused(world.accounts.create_invite(&realm()).await), Refusal::TooManyInvites);
        world.pass(Span(Span::minutes(10).0 - Span::seconds(25).0));
        world.accounts.create_invite(&realm()).await.unwrap();
        assert_eq!(refused(world.accounts.create_invite(&realm()).await), Refusal::TooManyInvites);
        world.pass(Span::minutes(10));
        assert_eq!(world.accounts.invites(&realm()).await.unwrap().len(), 0);
        for _ in 0..25 {
            world.accounts.create_invite(&realm()).await.unwrap();
        }
        assert_eq!(refused(world.accounts.create_invite(&realm()).await), Refusal::TooManyInvites);
    }

    async fn a_code_that_comes_up_again_is_no_trouble(world: World) {
        // Two processes with one seed draw alike.
        let (one, two, three) = (world.seeded(99).await, world.seeded(99).await, world.seeded(99).await);
        world.accounts.create_invite(&realm()).await.unwrap();
        let drawn = one.create_invite(&realm()).await.unwrap();
        // While it waits, another is drawn; once it is over, it may come back, into any place.
        assert_ne!(two.create_invite(&realm()).await.unwrap(), drawn);
        world.pass(Span::minutes(10));
        assert_eq!(three.create_invite(&realm()).await.unwrap(), drawn);
        world.redeem(&drawn).await.unwrap();
    }

    async fn another_realm_may_draw_the_same_code(world: World) {
        let world = world.under(|terms| {
            let mut elsewhere = crate::mounts::plain("elsewhere", Span::hours(1));
            elsewhere.realm = model::Realm::new("other");
            terms.mounts.push(elsewhere);
        }).await;
        let (one, two) = (world.seeded(99).await, world.seeded(99).await);
        let here = one.create_invite(&realm()).await.unwrap();
        let there = two.create_invite(&model::Realm::new("other")).await.unwrap();
        assert_eq!(here, there);
        world.mount("elsewhere").redeem_invite(&there, &client()).await.unwrap();
        world.redeem(&here).await.unwrap();
    }

    async fn only_administrators_invite_and_only_where_somebody_may_register(world: World) {
        world.account_with("root", &["admin"]).await;
        world.account("bob").await;
        let melon = world.mount("melon");
        let bob = melon.caller(&melon.enter("bob").await).await;
        assert_eq!(refused(melon.invite(&bob, &client()).await), Refusal::NotPermitted);
        let root = melon.caller(&melon.enter("root").await).await;
        let code = melon.invite(&root, &client()).await.unwrap();
        let made = world.events(EventKind::InviteCreated).await;
        assert_eq!((made.len(), made[0].account.as_ref()), (1, Some(&root.account.id)));
        let world = world.under(|terms| terms.mounts[2].registration = Registration::Closed).await;
        let melon = world.mount("melon");
        assert_eq!(refused(melon.invite(&root, &client()).await), Refusal::RegistrationClosed);
        assert_eq!(refused(world.redeem(&code).await), Refusal::InviteUnknown);
    }

    async fn guesses_are_counted_for_each_address_and_in_all(world: World) {
        let (three, five) = (Throttle { burst: 3, every: Span::minutes(1) }, Throttle { burst: 5, every: Span::minutes(1) });
        let limits = Limits { invite_per_address: Some(three), invite_in_all: Some(five), ..Default::default() };
        let world = world.limited(limits).await;
        let melon = world.mount("melon");
        let (first, second) = (world.accounts.create_invite(&realm()).await.unwrap(), world.accounts.create_invite(&realm()).await.unwrap());
        let guess = |code: &'static str, address: &'static str| {
            let melon = melon.clone();
            async move { refused(melon.redeem_invite(code, &from(address)).await) }
        };
        // A right one is no guess.
        melon.redeem_invite(&first, &from("192.0.2.1")).await.unwrap();
        for wrong in ["????", "", "0000 "] {
            assert_eq!(guess(wrong, "192.0.2.1").await, Refusal::InviteUnknown);
        }
        let held = refused(melon.redeem_invite(&second, &from("192.0.2.1")).await);
        assert_eq!(held, Refusal::Throttled { retry_after: Span::minutes(1) });
        for address in ["192.0.2.2", "192.0.2.3"] {
            assert_eq!(guess("????", address).await, Refusal::InviteUnknown);
        }
        let held = refused(melon.redeem_invite(&second, &from("192.0.2.4")).await);
        assert_eq!(held, Refusal::Throttled { retry_after: Span::minutes(1) });
        world.pass(Span::minutes(1));
        melon.redeem_invite(&second, &from("192.0.2.4")).await.unwrap();
    }

    async fn a_code_is_read_as_it_is_written_and_good_for_nothing_else(world: World) {
        let code = world.accounts.create_invite(&realm()).await.unwrap();
        assert_eq!(refused(world.join("bob", &code).await), Refusal::InviteUnknown, "a code is no server token");
        let server = world.redeem(&code).await.unwrap();
        assert_eq!(refused(world.redeem(&server.jti).await), Refusal::InviteUnknown);
        assert_eq!(refused(world.mount("wolfpal").confirm_email(&server.jti, &client()).await), Refusal::TokenUnknown);
    }

    async fn a_server_token_is_good_at_its_own_mount_and_until_it_says(world: World) {
        let melon = world.mount("melon");
        let code = world.accounts.create_invite(&realm()).await.unwrap();
        let claims = serde_json::to_value(world.redeem(&code).await.unwrap()).unwrap();
        let with = |key: &str, value: serde_json::Value| {
            let mut claims = claims.clone();
            claims["exp"] = json!(melon.now().seconds() + 600);
            claims[key] = value;
            melon.sign(&claims).unwrap()
        };
        let token = with("iat", json!(0));
        assert_eq!(melon.open_server_token(&token).unwrap(), claims["jti"]);
        for other in [with("mnt", json!("argon")), with("use", json!("access")), with("use", json!("refresh")), with("jti", json!(1))] {
            assert_eq!(melon.open_server_token(&other).unwrap_err(), CheckRefused::Invalid);
        }
        assert_eq!(world.mount("argon").open_server_token(&token).unwrap_err(), CheckRefused::Invalid);
        assert!(melon.check(&token).await.is_err());
        world.pass(Span::minutes(10));
        assert_eq!(melon.open_server_token(&token).unwrap_err(), CheckRefused::Expired);
    }
}
