use super::*;

fn key(typed: &str) -> String {
    match EmailAddress::parse(typed) {
        Ok(email) => email.key,
        Err(fault) => panic!("{typed:?}: {fault}"),
    }
}

#[test]
fn an_address_is_kept_as_typed_and_its_key_ignores_case() {
    for (typed, address, expected) in [
        ("ada@example.com", "ada@example.com", "ada@example.com"),
        (" Ada.Lovelace+chat@Example.COM\n", "Ada.Lovelace+chat@Example.COM", "ada.lovelace+chat@example.com"),
        ("ŽOFIE@example.com", "ŽOFIE@example.com", "žofie@example.com"),
        ("Z\u{30c}ofie@example.com", "Žofie@example.com", "žofie@example.com"),
        ("ada@MÜNCHEN.example", "ada@MÜNCHEN.example", "ada@xn--mnchen-3ya.example"),
        ("ada@xn--MNCHEN-3ya.example", "ada@xn--MNCHEN-3ya.example", "ada@xn--mnchen-3ya.example"),
        ("用户@例子.测试", "用户@例子.测试", "用户@xn--fsqu00a.xn--0zwm56d"),
        ("ada@intranet", "ada@intranet", "ada@intranet"),
        ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"),
    ] {
        let email = EmailAddress::parse(typed).unwrap_or_else(|fault| panic!("{typed}: {fault}"));
        assert_eq!((email.address(), email.key()), (address, expected));
    }
}

#[test]
fn look_alikes_are_different_people() {
    let kelvin = EmailAddress::parse("\u{212a}ate@example.com").unwrap();
    assert_eq!(kelvin.address(), "\u{212a}ate@example.com");
    for (one, other) in [
        ("kate@example.com", "\u{212a}ate@example.com"),
        ("ida@example.com", "\u{130}da@example.com"),
        ("ida@example.com", "ıda@example.com"),
        ("sam@example.com", "\u{17f}am@example.com"),
        ("ada@example.com", "аda@example.com"),
        ("ada@example.com", "ａda@example.com"),
        ("strasse@example.com", "straße@example.com"),
        ("a.da@example.com", "ada@example.com"),
        ("ada+x@example.com", "ada@example.com"),
        ("ada@example.com", "ada@ехample.com"),
    ] {
        assert_ne!(key(one), key(other));
    }
}

#[test]
fn a_key_is_its_own_key() {
    for typed in ["Ada@Example.com", "\u{212a}İŽſ@MÜNCHEN.example", "用户@例子.测试", "ΣΑΣ@example.com"] {
        assert_eq!(key(&key(typed)), key(typed), "{typed}");
    }
}

#[test]
fn what_mail_cannot_be_sent_to_is_refused() {
    for typed in ["", " \t\u{a0}\n"] {
        assert_eq!(EmailAddress::parse(typed), Err(EmailFault::Empty), "{typed:?}");
    }
    for typed in [
        "ada",
        "@example.com",
        "ada@",
        "ada@@example.com",
        "ada@example..com",
        "ada@.example.com",
        "ada@-example.com",
        "ada@exa_mple.com",
        "ada lovelace@example.com",
        "ada@exam ple.com",
        "ada\u{a0}x@example.com",
        "\"ada lovelace\"@example.com",
        "ada@[192.0.2.1]",
        "ada@[IPv6:2001:db8::1]",
        "ada@192.0.2.1",
        "ada@１９２.0.2.1",
        "ada@example.com,eve@example.com",
        "ada@example.com;eve@example.com",
        "Ada <ada@example.com>",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada\n@example.com",
        "ada\0@example.com",
        "ada\u{202e}@example.com",
        "ada\u{200b}@example.com",
        "ada@exam\u{ad}ple.com",
        "ada@xn--a.example",
        "ada(comment)@example.com",
        "\"ada\"@example.com",
        "mailto:",
        "mailto:ada@example.com,eve@example.com",
        "...@example.com",
        "ada@example.com eve@example.com",
    ] {
        assert_eq!(EmailAddress::parse(typed), Err(EmailFault::NotAnAddress), "{typed:?}");
    }
}

#[test]
fn an_address_is_the_same_with_what_copying_adds_to_its_ends() {
    for typed in [
        "\u{200b}ada@acme.example",
        "ada@acme.example\u{200b}",
        "\u{202a}ada@acme.example\u{202c}",
        "\u{feff}ada@acme.example",
        "\u{200e}ada@acme.example\u{200f}",
        "\u{a0}ada@acme.example\u{3000}",
        "mailto:ada@acme.example",
        " MAILTO:ada@acme.example?subject=Hello",
        "<ada@acme.example>",
        "<mailto:ada@acme.example>,",
        "(ada@acme.example).",
        "\"ada@acme.example\"",
        "'ada@acme.example'",
        "„ada@acme.example“",
        "ada@acme.example.",
        "ada@acme.example;",
        "ada@acme.example 。",
        ", ada@acme.example",
        ";ada@acme.example;",
    ] {
        let email = EmailAddress::parse(typed).unwrap_or_else(|fault| panic!("{typed:?}: {fault}"));
        assert_eq!((email.address(), email.key()), ("ada@acme.example", "ada@acme.example"), "{typed:?}");
    }
    assert_eq!(key("'tis@acme.example"), "'tis@acme.example");
    assert_eq!(EmailAddress::parse(&"<'".repeat(100_000)), Err(EmailFault::TooLong));
}

#[test]
fn local_parts_are_no_stricter_than_mail_is() {
    for (typed, mailbox) in [
        ("taro..yamada@docomo.example", "\"taro..yamada\"@docomo.example"),
        ("taro.@docomo.example", "\"taro.\"@docomo.example"),
        (".taro@docomo.example", "\".taro\"@docomo.example"),
        ("taro.yamada@docomo.example", "taro.yamada@docomo.example"),
        ("i\u{307}brahim@acme.example", "i\u{307}brahim@acme.example"),
        ("Z\u{30c}ofie@MÜNCHEN.example", "Žofie@xn--mnchen-3ya.example"),
    ] {
        let email = EmailAddress::parse(typed).unwrap_or_else(|fault| panic!("{typed:?}: {fault}"));
        assert_eq!(email.mailbox().to_string(), mailbox);
        assert_eq!(EmailAddress::parse(email.key()).unwrap().key(), email.key());
    }
    assert_ne!(key("taro.@docomo.example"), key("taro@docomo.example"));
    assert_ne!(key("i\u{307}brahim@acme.example"), key("ibrahim@acme.example"));
}

#[test]
fn limits_on_mail_count_the_inbox() {
    for (key, inbox) in [
        ("ada@acme.example", "ada@acme.example"),
        ("ada+one@acme.example", "ada@acme.example"),
        ("ada+one+two@acme.example", "ada@acme.example"),
        ("ada+@acme.example", "ada@acme.example"),
        ("+ada@acme.example", "+ada@acme.example"),
    ] {
        assert_eq!(inbox_key(key), inbox);
    }
}

#[test]
fn an_address_has_at_most_254_bytes_in_ascii_too() {
    let long_in_ascii = format!("{}@{}.com", "a".repeat(60), ["ü"; 28].join("."));
    assert!(long_in_ascii.len() < EmailAddress::MAX_BYTES);
    assert_eq!(EmailAddress::parse(&long_in_ascii), Err(EmailFault::TooLong));
    assert_eq!(EmailFault::TooLong.to_string(), "must have at most 254 bytes");
}

#[test]
fn an_address_has_at_most_254_bytes() {
    let of = |length: usize| {
        let labels = ["d".repeat(60), "e".repeat(60), "f".repeat(60)].join(".");
        let address = format!("ada@{labels}.");
        let rest = length - address.len();
        EmailAddress::parse(&(address + &"g".repeat(rest)))
    };
    assert!(of(240).is_ok());
    assert!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(64))).is_ok());
    assert_eq!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(65))), Err(EmailFault::NotAnAddress));
    let long = format!("{}@example.com", "a.".repeat(130));
    assert_eq!(EmailAddress::parse(&long), Err(EmailFault::TooLong));
    assert_eq!(EmailAddress::parse(&"a".repeat(1_000_000)), Err(EmailFault::TooLong));
}
