//! Where the links in a mount's mails lead: to the product's own pages, or to ours.

use accounts::{MailedToken, MountPolicy};
use config::{Link, LinkSettings};
use crypto::Alphabet;
use model::Span;
use pages::Page;

use crate::compose::Problem;

/// Lays the settings over the links of a policy, and gives it those that no product has a page for: both
/// begin with a sign-in that its owner did not make.
pub(crate) fn lay_over(
    policy: &mut MountPolicy,
    links: &LinkSettings,
    public_url: &str,
) -> Result<(), Problem> {
    let name = policy.name.clone();
    let ours = |page| pages::link(public_url, &name, page);
    let mailed =
        |lifetime, page| MailedToken { alphabet: Alphabet::UrlSafe, length: 43, lifetime, link: ours(page) };
    policy.not_me = Some(mailed(Span::days(7), Page::NotMe));
    policy.reset.get_or_insert_with(|| mailed(Span::hours(1), Page::Reset));
    for (form, setting, page, what) in [
        (&mut policy.confirmation, &links.confirm, Page::Confirm, "confirm"),
        (&mut policy.reset, &links.reset, Page::Reset, "reset"),
        (&mut policy.email_change, &links.email, Page::Email, "email"),
        (&mut policy.not_me, &links.not_me, Page::NotMe, "not_me"),
    ] {
        let Some(form) = form else { continue };
        match setting {
            None => {}
            Some(Link::Ours) => form.link = ours(page),
            Some(Link::At(template)) => template.clone_into(&mut form.link),
        }
        mail::link(&form.link, "x").map_err(|error| format!("mounts.{name}.links.{what}: {error}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://auth.example.com/";

    fn laid(mut policy: MountPolicy, links: &LinkSettings) -> MountPolicy {
        lay_over(&mut policy, links, URL).unwrap();
        policy
    }

    fn links(policy: &MountPolicy) -> [Option<&str>; 4] {
        [&policy.confirmation, &policy.reset, &policy.email_change, &policy.not_me]
            .map(|form| form.as_ref().map(|form| form.link.as_str()))
    }

    #[test]
    fn products_keep_their_pages_unless_told_otherwise() {
        let policy = laid(wolfpal::policy(URL), &LinkSettings::default());
        assert_eq!(
            links(&policy),
            [
                Some("https://auth.example.com/activate-account/{token}"),
                Some("https://auth.example.com/forgot-password/{token}"),
                Some("https://auth.example.com/account/email-change/{token}"),
                Some("https://auth.example.com/pages/wolfpal/not-me/{token}"),
            ]
        );
    }

    #[test]
    fn a_mount_without_a_page_for_a_new_password_has_ours() {
        let policy = laid(argon::policy(URL), &LinkSettings::default());
        let [confirm, reset, email, not_me] = links(&policy);
        assert_eq!((confirm, email), (None, None));
        assert_eq!(reset, Some("https://auth.example.com/pages/argon/reset/{token}"));
        assert_eq!(not_me, Some("https://auth.example.com/pages/argon/not-me/{token}"));
    }

    #[test]
    fn ours_keeps_the_form_of_the_token() {
        let all = || Some(Link::Ours);
        let settings = LinkSettings { confirm: all(), reset: all(), email: all(), not_me: all() };
        let policy = laid(wolfpal::policy(URL), &settings);
        let page = |page: &str| format!("https://auth.example.com/pages/wolfpal/{page}/{{token}}");
        let expected = ["confirm", "reset", "email", "not-me"].map(page);
        assert_eq!(links(&policy), expected.each_ref().map(|link| Some(link.as_str())));
        let (own, laid) = (wolfpal::policy(URL).reset.unwrap(), policy.reset.unwrap());
        assert_eq!((own.length, own.lifetime), (laid.length, laid.lifetime));
    }

    #[test]
    fn a_link_that_is_none_is_told_with_its_place() {
        let at = |link: &str| LinkSettings { not_me: Some(Link::At(link.into())), ..LinkSettings::default() };
        for (link, why) in [("https://x.example/", "{token}"), ("mine/{token}", "https://")] {
            let error = lay_over(&mut argon::policy(URL), &at(link), URL).unwrap_err().to_string();
            assert!(error.starts_with("mounts.argon.links.not_me: ") && error.contains(why), "{error}");
        }
        let policy = laid(argon::policy(URL), &at("https://x.example/{token}"));
        assert_eq!(links(&policy)[3], Some("https://x.example/{token}"));
    }
}
