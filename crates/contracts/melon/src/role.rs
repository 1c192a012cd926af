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
    fn permissions_of_other_contracts_are_read_in_any_case() {
        let of = |list: &[&str]| Role::of(&Permissions::new(list.iter().map(ToString::to_string)));
        assert_eq!(of(&["pass", "ADMIN"]), Role::Admin);
        assert_eq!(of(&["user", "Pass"]), Role::Pass);
        assert_eq!(of(&["admin.*", "nodes.*"]), Role::User);
        assert_eq!(of(&[]), Role::User);
    }
}
