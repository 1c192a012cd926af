//! Every word of the pages, in English. A translation is a copy of this file.

use super::{Ask, Labels, Note, Notes, PasswordWords, Words};

pub(super) const WORDS: Words = Words {
    language: "en",
    confirm: Ask {
        title: "Confirm your e-mail address",
        lead: "One more step: press the button to confirm that mail to this address reaches you.",
        button: "Confirm address",
        aside: "If you did not make this account, close this page. Nothing happens then.",
        done: Note {
            title: "Your e-mail address is confirmed",
            paragraphs: &["You can close this page and sign in."],
        },
        gone: Note {
            title: GONE,
            paragraphs: &[
                ONCE,
                "If you have pressed the button before, your address is confirmed already: just sign in. If not, \
                 sign in where you made the account and ask for a new link there.",
            ],
        },
    },
    reset: Ask {
        title: "Choose a new password",
        lead: "Once it is set, you are signed out everywhere and can sign in with the new password.",
        button: "Set new password",
        aside: "If you did not ask for this, close this page. Your password stays as it is.",
        done: Note {
            title: "Your password has been changed",
            paragraphs: &[
                "All sessions of your account have ended: you are signed out on every device, and so is \
                 everybody else.",
                "You can close this page and sign in with the new password.",
            ],
        },
        gone: Note {
            title: GONE,
            paragraphs: &[
                ONCE,
                "If you have set a new password with it, just sign in. If not, ask for a new link where you \
                 sign in.",
            ],
        },
    },
    email: Ask {
        title: "Confirm your new e-mail address",
        lead: "Press the button to make this the address of your account. The old one is told.",
        button: "Use this address",
        aside: "If you did not ask for this, close this page. The address stays as it is.",
        done: Note {
            title: "Your e-mail address has been changed",
            paragraphs: &["From now on mail goes to the new address. You can close this page."],
        },
        gone: Note {
            title: GONE,
            paragraphs: &[
                ONCE,
                "If you have pressed the button before, the new address is in force already. If not, ask for \
                 the change again in your account.",
            ],
        },
    },
    not_me: Ask {
        title: "Did somebody else sign in?",
        lead: "Press the button to end that session at once. Choose a new password after that.",
        button: "It was not me: end the session",
        aside: "If it was you, close this page. Nothing happens then.",
        done: Note {
            title: "That session has ended",
            paragraphs: &[
                "Whoever opened it is signed out.",
                "A link to choose a new password is on its way to your e-mail address. Please use it: whoever \
                 signed in knows your present password. If no mail comes, ask for a new password where you \
                 sign in.",
            ],
        },
        gone: Note {
            title: GONE,
            paragraphs: &[
                ONCE,
                "If you have pressed the button before, that session has ended, and a link to choose a new \
                 password was mailed to you. If you are not sure, change your password.",
            ],
        },
    },
    not_me_without_mail: Note {
        title: "That session has ended",
        paragraphs: &[
            "Whoever opened it is signed out.",
            "No mail was sent this time. Please change your password where you sign in: whoever signed in \
             knows your present one.",
        ],
    },
    labels: Labels {
        account: "Account",
        new_email: "New address",
        address: "From the network address",
        program: "With the program",
    },
    password: PasswordWords {
        new: "New password",
        repeat: "New password again",
        hint: |min| format!("At least {}. Best is one that you use nowhere else.", characters(min)),
        wrong: "Error: ",
        missing: "Enter a new password.",
        too_short: |min| format!("This password is too short. It needs at least {}.", characters(min)),
        too_long: "This password is too long. Use a shorter one.",
        too_common: "This password is easy to guess: it is common, or a name of yours or of this site. Use another one.",
        differ: "The two passwords differ. Enter the same one twice.",
    },
    notes: Notes {
        foreign: Note {
            title: "This did not come from our page",
            paragraphs: &[
                "Another page sent this form, so nothing was done.",
                "Open the link in your mail and press the button there.",
            ],
        },
        bad_form: Note {
            title: "This form cannot be read",
            paragraphs: &["Nothing was done. Open the link in your mail again."],
        },
        throttled: Note {
            title: "Too many attempts",
            paragraphs: &["Nothing was done. Please wait a while, then open the link in your mail again."],
        },
        busy: Note {
            title: "The server is busy",
            paragraphs: &[
                "Nothing was done. Please try again in a moment; the link in your mail still works.",
            ],
        },
        broken: Note {
            title: "Something went wrong",
            paragraphs: &["This is a fault of the server. It was noted. Please try again later."],
        },
        refused: Note {
            title: "This is not possible",
            paragraphs: &["Nothing was done. Open the link in your mail again, or ask for a new one."],
        },
        not_found: Note {
            title: "There is no such page",
            paragraphs: &["Check that the whole link from your mail was opened, up to its end."],
        },
        method: Note {
            title: "This page cannot be used like that",
            paragraphs: &["Open the link in your mail with a browser."],
        },
        too_large: Note {
            title: "That was too much to read",
            paragraphs: &["Nothing was done. Open the link in your mail again and enter less."],
        },
    },
};

const GONE: &str = "This link does not work (any more)";

/// The same for a link that was used, is too old or never existed: which of them is nobody else's business.
const ONCE: &str = "It works once and for a limited time, and a newer link ends the one before.";

fn characters(count: usize) -> String {
    format!("{count} {}", if count == 1 { "character" } else { "characters" })
}
