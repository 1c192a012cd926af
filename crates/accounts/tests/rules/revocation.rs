//! Whatever ends a session ends it at once: here, in every other process, and after a restart.

use std::collections::BTreeMap;

use accounts::{ChangeProfile, Failure, Grant, PasswordChange, ResetPassword, TokenUse};
use model::{EndReason, EventKind};

use crate::mounts::realm;
use crate::{PASSWORD, Verbs, World, client, engines, secret};

/// Everything that ends sessions, as seen by one account with a session at each mount and one more at
/// `wolfpal`, called `own`, from which its owner acts.
#[derive(Clone, Copy, Debug)]
enum Revocation {
    SignOut,
    PasswordChange,
    Rename,
    RenameAndPassword,
    Reset,
    SetPassword,
    Disable,
    Delete,
    PermitAdmin,
    ForbidMod,
    PermitUnclaimed,
    EndSession,
}

const ALL: [&str; 5] = ["argon", "goscrobble", "melon", "own", "wolfpal"];

impl Revocation {
    /// Whose tokens die, and why their sessions end.
    fn ends(self) -> (&'static [&'static str], EndReason) {
        match self {
            Self::SignOut => (&["own"], EndReason::SignedOut),
            Self::PasswordChange | Self::RenameAndPassword => (&ALL, EndReason::PasswordChanged),
            // Its tokens do not carry the name; the caller's own are replaced all the same.
            Self::Rename => (&["argon", "goscrobble", "melon", "own"], EndReason::UsernameChanged),
            Self::Reset => (&ALL, EndReason::PasswordReset),
            Self::SetPassword => (&ALL, EndReason::EndedByAdministrator),
            Self::Disable => (&ALL, EndReason::AccountDisabled),
            Self::Delete => (&ALL, EndReason::EndedByAdministrator),
            Self::PermitAdmin => (&["goscrobble", "melon"], EndReason::PermissionsChanged),
            Self::ForbidMod => (&["goscrobble"], EndReason::PermissionsChanged),
            Self::PermitUnclaimed => (&[], EndReason::PermissionsChanged),
            Self::EndSession => (&["own"], EndReason::EndedByAdministrator),
        }
    }

    /// How many sessions end: a changed profile keeps the caller's, a deleted account has none to end.
    fn sessions_ended(self) -> usize {
        match self {
            Self::PasswordChange | Self::RenameAndPassword | Self::Rename => self.ends().0.len() - 1,
            Self::Delete => 0,
            _ => self.ends().0.len(),
        }
    }

    async fn happens(self, world: &World, own: &Grant) {
        let (accounts, realm) = (&world.accounts, realm());
        let wolfpal = world.mount("wolfpal");
        let caller = wolfpal.caller(own).await;
        let change = |username, password: bool| ChangeProfile {
            username,
            password: password
                .then(|| PasswordChange { current: secret(PASSWORD), new: secret("new password") }),
            client: client(),
        };
        match self {
            Self::SignOut => wolfpal.sign_out(&caller, &client()).await.unwrap(),
            Self::PasswordChange => _ = wolfpal.change_profile(&caller, change(None, true)).await.unwrap(),
            Self::Rename => _ = wolfpal.change_profile(&caller, change(Some("robert"), false)).await.unwrap(),
            Self::RenameAndPassword => {
                _ = wolfpal.change_profile(&caller, change(Some("robert"), true)).await.unwrap();
            }
            Self::Reset => {
                wolfpal.send_reset("bob@example.com", &client()).await.unwrap();
                world.accounts.see_to_asked().await.unwrap();
                let token = &world.last_link("/forgot-password/").await;
                let password = secret("new password");
                wolfpal.reset_password(ResetPassword { token, password, client: client() }).await.unwrap();
            }
            Self::SetPassword => {
                _ = accounts.set_password(&realm, "bob", secret("new password")).await.unwrap();
            }
            Self::Disable => _ = accounts.disable(&realm, "bob").await.unwrap(),
            Self::Delete => _ = accounts.delete(&realm, "bob").await.unwrap(),
            Self::PermitAdmin => _ = accounts.permit(&realm, "bob", "Admin").await.unwrap(),
            Self::ForbidMod => _ = accounts.forbid(&realm, "bob", "MOD").await.unwrap(),
            Self::PermitUnclaimed => _ = accounts.permit(&realm, "bob", "servers.view").await.unwrap(),
            Self::EndSession => assert!(accounts.end_session(caller.session().unwrap()).await.unwrap()),
        }
    }
}

/// Which of these tokens a process believes.
async fn believed(world: &World, tokens: &BTreeMap<&'static str, String>) -> Vec<&'static str> {
    let mut believed = Vec::new();
    for (name, token) in tokens {
        let mount = world.mount(if *name == "own" { "wolfpal" } else { name });
        match mount.check(token).await {
            Ok(_) => believed.push(*name),
            Err(Failure::Unauthenticated(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    believed
}

async fn revoke(world: World, revocation: Revocation) {
    let bob = world.account_with("bob", &["mod"]).await;
    let (mut tokens, mut grants) = (BTreeMap::new(), BTreeMap::new());
    for name in ALL {
        let mount = world.mount(if name == "own" { "wolfpal" } else { name });
        let grant = mount.enter("bob").await;
        tokens.insert(name, mount.token(&grant, TokenUse::Access));
        grants.insert(name, grant);
    }
    let other = world.second().await;
    assert_eq!(believed(&other, &tokens).await, ALL);
    assert_eq!(believed(&world, &tokens).await, ALL);
    revocation.happens(&world, &grants["own"]).await;
    let (dead, reason) = revocation.ends();
    let live: Vec<_> = ALL.into_iter().filter(|name| !dead.contains(name)).collect();
    assert_eq!(believed(&world, &tokens).await, live, "here");
    other.accounts.follow_once().await.unwrap();
    assert_eq!(believed(&other, &tokens).await, live, "in another process");
    let ended = world.events(EventKind::SessionEnded).await;
    assert_eq!(ended.len(), revocation.sessions_ended(), "{ended:?}");
    assert!(
        ended.iter().all(|event| event.detail == reason.as_str() && event.account.as_ref() == Some(&bob.id))
    );
    let world = world.restarted().await;
    assert_eq!(believed(&world, &tokens).await, live, "after a restart");
    // A refresh token is worth as much as the access token beside it, unless it may have its successor again.
    for (name, grant) in grants.iter().filter(|(name, _)| ["goscrobble", "wolfpal"].contains(name)) {
        assert_eq!(world.mount(name).renew(grant).await.is_ok(), live.contains(name), "refreshing {name}");
    }
}

engines! { on disk
    async fn sign_out(world: World) {
        revoke(world, Revocation::SignOut).await;
    }
    async fn password_change(world: World) {
        revoke(world, Revocation::PasswordChange).await;
    }
    async fn rename(world: World) {
        revoke(world, Revocation::Rename).await;
    }
    async fn rename_and_password_change(world: World) {
        revoke(world, Revocation::RenameAndPassword).await;
    }
    async fn reset(world: World) {
        revoke(world, Revocation::Reset).await;
    }
    async fn password_set_by_an_administrator(world: World) {
        revoke(world, Revocation::SetPassword).await;
    }
    async fn disabling(world: World) {
        revoke(world, Revocation::Disable).await;
    }
    async fn deleting(world: World) {
        revoke(world, Revocation::Delete).await;
    }
    async fn a_permission_that_two_mounts_claim(world: World) {
        revoke(world, Revocation::PermitAdmin).await;
    }
    async fn a_permission_that_one_mount_claims(world: World) {
        revoke(world, Revocation::ForbidMod).await;
    }
    async fn a_permission_that_no_mount_claims(world: World) {
        revoke(world, Revocation::PermitUnclaimed).await;
    }
    async fn an_administrators_order(world: World) {
        revoke(world, Revocation::EndSession).await;
    }
}
