//! Races between processes on one database: what reads several rows to decide still decides once.

use accounts::{ChangeProfile, Failure, Refusal, SignedIn, UpdateMember};
use db::params;
use model::{EventKind, Span};

use crate::mounts::realm;
use crate::races::{USES, at_once, winner};
use crate::realms::permissions;
use crate::{PASSWORD, Verbs, World, client, engines, secret};

const ROUNDS: usize = 200;

/// Three processes.
async fn three(world: World) -> [World; 3] {
    let (second, third) = (world.second().await, world.second().await);
    [world, second, third]
}

engines! { on disk
    async fn an_administrator_is_left_whoever_goes_where(world: World) {
        let names: Vec<_> = (0..4).map(|number| format!("root{number}")).collect();
        let mut all = Vec::new();
        for name in &names {
            world.account_with(name, &["admin"]).await;
            all.push(world.caller_at("wolfpal", name).await);
        }
        let worlds = three(world).await;
        for round in 0..ROUNDS {
            let answers = at_once(|number| {
                // Each takes it from the next, or goes.
                let (caller, victim) = (all[number % 4].clone(), all[(number + 1) % 4].account.id.clone());
                let wolfpal = worlds[number % 3].mount("wolfpal");
                async move {
                    if number % 8 < 4 {
                        let change = UpdateMember { permissions: Some(permissions(&["user"])), ..Default::default() };
                        wolfpal.update_member(&caller, &victim, change, &client()).await.map(drop)
                    } else {
                        wolfpal.disable_own(&caller, &client()).await
                    }
                }
            })
            .await;
            for answer in answers {
                match answer {
                    Ok(()) | Err(Failure::Refused(Refusal::LastAdministrator)) => {}
                    Err(Failure::Unauthenticated(_) | Failure::Overloaded { .. }) => {}
                    other => panic!("{other:?}"),
                }
            }
            let left = "select count(*) from account where administrator and not disabled";
            assert_eq!(worlds[0].number(left, vec![]).await, 1, "round {round}");
            let again = "update account set administrator = $1, disabled = $2, permissions = $3, version = version + 1";
            let again = db::Statement::new(again, params![true, false, permissions(&["admin"]).to_json()]);
            worlds[0].db.write(again.into()).await.unwrap();
        }
    }

    async fn no_session_survives_the_password_it_was_opened_with(world: World) {
        world.account("bob").await;
        let worlds = three(world).await;
        let mut current = PASSWORD.to_owned();
        for round in 0..ROUNDS / 4 {
            let next = format!("password of round {round}");
            let answers = at_once(|number| {
                let (world, old, new) = (worlds[number % 3].accounts.clone(), current.clone(), next.clone());
                let argon = worlds[number % 3].mount("argon");
                async move {
                    if number == 5 {
                        _ = world.set_password(&realm(), "bob", secret(&new)).await.unwrap();
                        return None;
                    }
                    match argon.try_password("bob", &old).await {
                        Ok(SignedIn::Complete(grant)) => Some(grant),
                        Err(Failure::Refused(Refusal::WrongCredentials) | Failure::Overloaded { .. }) => None,
                        other => panic!("{other:?}"),
                    }
                }
            })
            .await;
            let live = "select count(*) from session where ended_at is null";
            assert_eq!(worlds[0].number(live, vec![]).await, 0, "round {round}");
            for world in &worlds {
                world.accounts.follow_once().await.unwrap();
            }
            for (number, grant) in answers.iter().enumerate().filter_map(|(number, grant)| Some((number, grant.as_ref()?))) {
                let argon = worlds[(number + 1) % 3].mount("argon");
                assert!(argon.check(&argon.access(grant)).await.is_err(), "round {round}");
            }
            current = next;
        }
    }

    async fn one_name_is_one_new_name_on_every_node(world: World) {
        let mut callers = Vec::new();
        for number in 0..USES {
            let name = format!("n{number}");
            world.account(&name).await;
            callers.push(world.caller_at("argon", &name).await);
        }
        let worlds = three(world).await;
        for round in 1..=ROUNDS {
            let begun = worlds[0].last_event().await;
            let answers = at_once(|number| {
                let (argon, caller) = (worlds[number % 3].mount("argon"), callers[number].clone());
                let username = format!("{}{round}", ["straße", "STRASSE"][number % 2]);
                async move {
                    let change = ChangeProfile { username: Some(&username), password: None, client: client() };
                    argon.change_profile(&caller, change).await
                }
            })
            .await;
            winner(answers, &[Refusal::NameTaken]);
            assert_eq!(worlds[0].since(begun, EventKind::UsernameChanged).await, 1);
            worlds[0].pass(Span::minutes(1));
            for world in &worlds {
                world.accounts.follow_once().await.unwrap();
            }
        }
    }

    async fn there_are_as_many_invites_as_there_may_be_and_no_more(world: World) {
        let worlds = three(world).await;
        for round in 0..ROUNDS {
            for turn in 0..2 {
                let answers = at_once(|number| {
                    let accounts = worlds[number % 3].accounts.clone();
                    async move { accounts.create_invite(&realm()).await }
                })
                .await;
                let mut made = 0;
                for answer in answers {
                    match answer {
                        Ok(_) => made += 1,
                        Err(Failure::Refused(Refusal::TooManyInvites)) => {}
                        other => panic!("{other:?}"),
                    }
                }
                assert_eq!(made, [16, 9][turn], "round {round}");
            }
            worlds[0].pass(Span::minutes(11));
        }
    }

    async fn a_bucket_holds_what_it_holds_on_every_node(world: World) {
        let burst = model::Throttle { burst: 5, every: Span::hours(1) };
        let limits = accounts::Limits { per_account: Some(burst), per_address: Some(burst), ..Default::default() };
        let worlds = three(world.limited(limits).await).await;
        for round in 0..ROUNDS {
            let answers = at_once(|number| {
                let argon = worlds[number % 3].mount("argon");
                // Sixteen names from one address, then one name from sixteen.
                let (name, from) = if round % 2 == 0 {
                    (format!("r{round}n{number}"), format!("10.0.0.{}", round % 200))
                } else {
                    (format!("r{round}"), format!("10.{}.{round}.{number}", 1 + round / 200))
                };
                async move {
                    argon.attempt(accounts::Login::Username(&name), "wrong", crate::from(&from)).await
                }
            })
            .await;
            let passed = answers.into_iter().filter(|answer| match answer {
                Err(Failure::Refused(Refusal::WrongCredentials)) => true,
                Err(Failure::Refused(Refusal::Throttled { .. })) => false,
                other => panic!("{other:?}"),
            });
            assert_eq!(passed.count(), 5, "round {round}");
        }
    }

    async fn every_mail_is_sent_once_whoever_sends(world: World) {
        const MAILS: usize = 120;
        for number in 0..MAILS {
            let name = format!("bob{number}");
            world.account(&name).await;
            world.mount("wolfpal").send_reset(&format!("{name}@example.com"), &client()).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
        }
        let worlds = three(world).await;
        let senders: Vec<_> = worlds
            .iter()
            .map(|world| {
                let (accounts, transport) = (world.accounts.clone(), world.transport());
                tokio::spawn(async move {
                    let mut tried = 0;
                    loop {
                        match accounts.send_due(&transport).await.unwrap() {
                            0 => return tried,
                            some => tried += some,
                        }
                        // One that had nothing to do did not stop while something was due: see the sum.
                    }
                })
            })
            .collect();
        let mut tried = 0;
        for sender in senders {
            tried += sender.await.unwrap();
        }
        assert_eq!(tried, MAILS);
        let mails = worlds[0].accounts.mails(1_000).await.unwrap();
        assert!(mails.len() == MAILS && mails.iter().all(|mail| mail.attempts == 1 && mail.sent_at.is_some()));
    }
}
