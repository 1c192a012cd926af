//! Melon's three roles, which are permissions seen from its side.

use model::Permissions;

/// The permission of role Pass.
const PASS: &str = "pass";
/// The permissions that a role follows from; a token names the role, so changing one of them ends it.
pub(crate) const DECIDING: &[&str] = &[Permissions::ADMIN, PASS];

/// What an account is to Melon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Admin,
    User,
    Pass,
}

impl Role {
    /// The role that permissions amount to.
    pub(crate) fn of(permissions: &Permissions) -> Self {
        if permissions.holds(Permissions::ADMIN) {
            Self::Admin
        } else if permissions.holds(PASS) {
            Self::Pass
        } else {
            Self::User
        }
    }

    /// Reads the name of a role, spelled as Melon spells it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Admin, Self::User, Self::Pass].into_iter().find(|role| role.name() == text)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::User => "User",
            Self::Pass => "Pass",
        }
    }

    /// What an account that is given this role may do from now on. Permissions that no role follows from
    /// stay, and so do all of them if it has the role already.
    pub(crate) fn instead_in(self, held: &Permissions) -> Permissions {
        if Self::of(held) == self {
            return held.clone();
        }
        let roles = [Self::Admin, Self::User, Self::Pass].map(Self::permissions);
        let names = roles.iter().flat_map(Permissions::as_slice);
        let others = names.fold(held.clone(), |held, name| held.without(name));
        self.permissions().as_slice().iter().fold(others, |held, name| held.with(name))
    }

    /// What a new account of this role may do.
    pub(crate) fn permissions(self) -> Permissions {
        match self {
            Self::Admin => Permissions::new([Permissions::ADMIN.to_owned()]),
            Self::User => Permissions::of_a_newcomer(),
            Self::Pass => Permissions::new([PASS.to_owned()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_and_its_permissions_are_each_others() {
        for role in [Role::Admin, Role::User, Role::Pass] {
            assert_eq!(Role::of(&role.permissions()), role);
            assert_eq!(Role::parse(role.name()), Some(role));
        }
        for text in ["", "admin", "ADMIN", "Server", "Admin ", "User\0"] {
            assert_eq!(Role::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_role_takes_the_place_of_another_and_of_nothing_else() {
        let of = |list: &[&str]| Permissions::new(list.iter().map(ToString::to_string));
        for (held, role, expected) in [
            (&["user"][..], Role::Admin, &["admin"][..]),
            (&["Admin", "nodes.*", "PASS", "User"], Role::Pass, &["nodes.*", "pass"]),
            (&["nodes.*", "ADMIN"], Role::User, &["nodes.*", "user"]),
            (&["nodes.*", "ADMIN", "user"], Role::Admin, &["nodes.*", "ADMIN", "user"]),
            (&["nodes.*"], Role::User, &["nodes.*"]),
            (&["admin.*"], Role::Admin, &["admin.*", "admin"]),
        ] {
            assert_eq!(role.instead_in(&of(held)).as_slice(), expected, "{held:?} {role:?}");
        }
    }

    #[test]
    fn permissions_of_other_contracts_are_read_in_any_case() {
        let of = |list: &[&str]| Role::of(&Permissions::new(list.iter().map(ToString::to_string)));
        assert_eq!(of(&["pass", "ADMIN"]), Role::Admin);
        assert_eq!(of(&["user", "Pass"]), Role::Pass);
        assert_eq!(of(&["admin.*", "nodes.*"]), Role::User);
        assert_eq!(of(&[]), Role::User);
    }
}
