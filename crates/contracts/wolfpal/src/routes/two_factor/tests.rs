use super::attachment;

#[test]
fn a_site_cannot_break_out_of_its_file_name() {
    for (site, name) in [
        ("WolfPal", "wolfpal-backup-codes.txt"),
        ("My Goals 2.0", "my goals 2.0-backup-codes.txt"),
        ("a\"; filename=\"evil.exe", "a filenameevil.exe-backup-codes.txt"),
        ("../x\r\ny", "..xy-backup-codes.txt"),
        ("狼", "-backup-codes.txt"),
    ] {
        assert_eq!(attachment(site), format!("attachment; filename=\"{name}\""));
    }
}
