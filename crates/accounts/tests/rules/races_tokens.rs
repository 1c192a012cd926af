//! Of many parallel uses of one token one wins.

use accounts::{Admission, Refusal, ResetPassword, TokenUse};
use db::params;
use model::{EventKind, Span};

use crate::mounts::realm;
use crate::races::{ROUNDS, USES, at_once, winner};
use crate::{Verbs, World, client, engines, secret};

/// One refresh token, presented to these processes in turn: one lineage.
async fn refresh(processes: &[World], rounds: usize) {
    let world = &processes[0];
    world.account("bob").await;
    let wolfpal = world.mount("wolfpal");
    for _ in 0..rounds {
        let first = wolfpal.enter("bob").await;
        let (begun, sid) = (world.last_event().await, first.private_claims(TokenUse::Refresh).sid);
        let answers = at_once(|number| {
            let (mount, first) = (processes[number % processes.len()].mount("wolfpal"), first.clone());
            async move {
                let next = mount.renew(&first).await.unwrap();
                (
                    mount.access(&next),
                    mount.token(&next, TokenUse::Refresh),
                    mount.refresh_letters(&next),
                    next,
                )
            }
        })
        .await;
        let (access, jwt, letters, _) = &answers[0];
        assert!(answers.iter().all(|other| (&other.0, &other.1, &other.2) == (access, jwt, letters)));
        wolfpal.check(access).await.unwrap();
        assert!(wolfpal.check(&wolfpal.access(&first)).await.is_err());
        assert_eq!(world.since(begun, EventKind::SessionRefreshed).await, 1);
        assert_eq!(world.since(begun, EventKind::SessionEnded).await, 0);
        let sql = "select generation from session where id = $1 and ended_at is null";
        assert_eq!(world.number(sql, params![sid.to_string()]).await, 1);
    }
}

engines! { on disk
    async fn one_refresh_token_is_one_lineage(world: World) {
        refresh(&[world], ROUNDS).await;
    }

    async fn one_refresh_token_is_one_lineage_in_two_processes(world: World) {
        let other = world.second().await;
        refresh(&[world, other], 100).await;
    }

    async fn one_stolen_refresh_token_ends_one_session_once(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        for _ in 0..ROUNDS / 10 {
            let first = wolfpal.enter("bob").await;
            let second = wolfpal.renew(&first).await.unwrap();
            world.pass(Span::seconds(11));
            let begun = world.last_event().await;
            let answers = at_once(|_| {
                let (wolfpal, first) = (wolfpal.clone(), first.clone());
                async move { wolfpal.renew(&first).await.is_err() }
            })
            .await;
            assert_eq!(answers, [true; USES]);
            assert!(wolfpal.check(&wolfpal.access(&second)).await.is_err());
            assert_eq!(world.since(begun, EventKind::SessionEnded).await, 1);
        }
    }

    async fn one_invite_code_is_one_invitation(world: World) {
        for round in 1..=ROUNDS {
            let code = world.accounts.create_invite(&realm()).await.unwrap();
            let begun = world.last_event().await;
            let answers = at_once(|_| {
                let (melon, code) = (world.mount("melon"), code.clone());
                async move { melon.redeem_invite(&code, &client()).await }
            })
            .await;
            winner(answers, &[Refusal::InviteUnknown]);
            assert_eq!(world.since(begun, EventKind::InviteRedeemed).await, 1);
            assert_eq!(world.since(begun, EventKind::InviteRefused).await, 15);
            let sql = "select count(*) from one_time_token where kind = 'server'";
            assert_eq!(world.number(sql, params![]).await, round as i64);
        }
    }

    async fn one_server_token_is_one_account(world: World) {
        for round in 1..=ROUNDS {
            let code = world.accounts.create_invite(&realm()).await.unwrap();
            let server = world.mount("melon").redeem_invite(&code, &client()).await.unwrap().jti;
            let begun = world.last_event().await;
            let answers = at_once(|number| {
                let (melon, server, name) = (world.mount("melon"), server.clone(), format!("r{round}n{number}"));
                async move { melon.register_with(&name, None, Admission::Invited(&server)).await }
            })
            .await;
            winner(answers, &[Refusal::InviteUnknown]);
            assert_eq!(world.since(begun, EventKind::AccountCreated).await, 1);
            assert_eq!(world.number("select count(*) from account", params![]).await, round as i64);
            assert_eq!(world.number("select count(*) from session", params![]).await, round as i64);
        }
    }

    async fn one_reset_token_is_one_new_password(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        for _ in 0..ROUNDS {
            wolfpal.send_reset("bob@example.com", &client()).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
            let token = world.last_link("/forgot-password/").await;
            let begun = world.last_event().await;
            let answers = at_once(|number| {
                let (wolfpal, token) = (wolfpal.clone(), token.clone());
                async move {
                    let password = secret(&format!("password {number}"));
                    wolfpal.reset_password(ResetPassword { token: &token, password, client: client() }).await
                }
            })
            .await;
            let (number, ()) = winner(answers, &[Refusal::TokenUnknown]);
            assert_eq!(world.since(begun, EventKind::PasswordReset).await, 1);
            // The one who was told that it worked is the one whose password it is now.
            wolfpal.try_password("bob", &format!("password {number}")).await.unwrap();
            world.pass(Span::seconds(1));
        }
        let mails = "select count(*) from outbox where kind = 'password_changed'";
        assert_eq!(world.number(mails, params![]).await, ROUNDS as i64);
    }

    async fn one_activation_token_confirms_once(world: World) {
        let wolfpal = world.mount("wolfpal");
        for round in 1..=ROUNDS {
            let email = format!("bob{round}@example.com");
            let name = format!("bob{round}");
            wolfpal.register_with(&name, Some(&email), Admission::Own).await.unwrap();
            let token = world.last_link("/activate-account/").await;
            let begun = world.last_event().await;
            let answers = at_once(|_| {
                let (wolfpal, token) = (wolfpal.clone(), token.clone());
                async move { wolfpal.confirm_email(&token, &client()).await }
            })
            .await;
            winner(answers, &[Refusal::TokenUnknown]);
            assert_eq!(world.since(begun, EventKind::EmailConfirmed).await, 1);
            let sql = "select version from account where username = $1 and email_confirmed";
            assert_eq!(world.number(sql, params![name]).await, 1, "changed once");
            world.pass(Span::seconds(1));
        }
    }
}
