//! Mail that somebody asked for by typing an address: noted at once, seen to afterwards.

use model::Span;

use crate::{World, client, engines};

const EMAIL: &str = "bob@example.com";

impl World {
    async fn ask(&self) {
        self.mount("wolfpal").send_reset(EMAIL, &client()).await.unwrap();
    }

    async fn owed(&self) -> usize {
        self.accounts.see_to_asked().await.unwrap();
        self.accounts.mails(100).await.unwrap().len()
    }
}

engines! {
    async fn nothing_is_looked_up_before_the_answer(world: World) {
        world.account("bob").await;
        world.ask().await;
        assert_eq!(world.accounts.mails(1).await.unwrap(), vec![]);
        assert_eq!(world.owed().await, 1);
        assert_eq!(world.owed().await, 1, "once");
    }

    async fn what_is_asked_for_again_before_anybody_looked_is_one_mail(world: World) {
        world.account("bob").await;
        for _ in 0..3 {
            world.ask().await;
        }
        world.mount("wolfpal").send_reset("BOB@example.com", &client()).await.unwrap();
        world.mount("goscrobble").send_reset(EMAIL, &client()).await.unwrap();
        // One of each product: their mails lead to different pages.
        assert_eq!(world.owed().await, 2);
        world.ask().await;
        assert_eq!(world.owed().await, 3);
    }

    async fn of_many_rows_for_one_mail_none_is_left(world: World) {
        world.account("bob").await;
        for _ in 0..150 {
            world.ask().await;
        }
        assert_eq!(world.owed().await, 1);
        assert_eq!(world.number("select count(*) from one_time_token where kind = 'mail_asked'", vec![]).await, 0);
    }

    async fn it_is_forgotten_after_an_hour(world: World) {
        world.account("bob").await;
        world.ask().await;
        world.pass(Span::minutes(61));
        assert_eq!(world.owed().await, 0);
    }

    async fn of_whoever_came_to_be_meanwhile_it_is(world: World) {
        world.ask().await;
        world.account("bob").await;
        assert_eq!(world.owed().await, 1);
    }

    async fn more_than_are_looked_at_together_are_seen_to(world: World) {
        for number in 0..1_100 {
            world.mount("wolfpal").send_reset(&format!("nobody{number}@example.com"), &client()).await.unwrap();
        }
        assert!(world.accounts.see_to_asked().await.unwrap(), "mails that are owed come in between");
        assert!(!world.accounts.see_to_asked().await.unwrap());
        assert_eq!(world.number("select count(*) from event where kind = 'reset_ignored'", vec![]).await, 1_100);
    }

    async fn what_cannot_be_read_or_served_here_holds_nothing_up(world: World) {
        world.account("bob").await;
        // More than are looked at together.
        for _ in 0..1_100 {
            world.ask().await;
            world.pass(Span::seconds(1));
        }
        world.execute("update one_time_token set payload = replace(payload, 'wolfpal', 'gone')").await;
        world.ask().await;
        assert_eq!(world.owed().await, 1);
    }
}

engines! { on disk
    async fn it_survives_a_restart(world: World) {
        world.account("bob").await;
        world.ask().await;
        let world = world.restarted().await;
        assert_eq!(world.owed().await, 1);
    }

    async fn nodes_see_to_it_once(world: World) {
        world.account("bob").await;
        for round in 1..=10 {
            world.ask().await;
            let other = world.second().await;
            let both = [world.accounts.clone(), other.accounts.clone()].map(|accounts| {
                tokio::spawn(async move { accounts.see_to_asked().await.unwrap() })
            });
            for one in both {
                one.await.unwrap();
            }
            assert_eq!(world.owed().await, round);
        }
    }
}
