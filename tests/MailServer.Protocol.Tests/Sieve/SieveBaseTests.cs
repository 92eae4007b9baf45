using MailServer.Protocol.Sieve.Matching;
using static MailServer.Protocol.Tests.Sieve.SieveBed;

namespace MailServer.Protocol.Tests.Sieve;

/// <summary>The base language (RFC 5228), with comparators, relational (RFC 5231), subaddress (RFC 5233), regex and ihave (RFC 5463).</summary>
public sealed class SieveBaseTests
{
    [Theory]
    [InlineData("", "keep*")]
    [InlineData("keep;", "keep")]
    [InlineData("keep; keep;", "keep")]
    [InlineData("discard;", "discard")]
    [InlineData("discard; keep;", "discard; keep")]
    [InlineData("stop; discard;", "keep*")]
    [InlineData("if true { stop; } discard;", "keep*")]
    [InlineData("redirect \"x@example.net\";", "redirect x@example.net")]
    [InlineData("redirect \"X <x@example.net>\";", "redirect x@example.net")]
    [InlineData("redirect \"x@example.net\"; redirect \"X@EXAMPLE.NET\"; keep;", "redirect x@example.net; keep")]
    // To the sender it is legal too.
    [InlineData("redirect \"ada@example.com\";", "redirect ada@example.com")]
    [InlineData("if false { discard; } elsif true { keep; } elsif true { stop; } else { discard; }", "keep")]
    [InlineData("if false { discard; } elsif false { discard; } else { keep; }", "keep")]
    [InlineData("if true { if false { } else { keep; } } else { discard; }", "keep")]
    [InlineData("require \"fileinto\"; fileinto \"Work\"; fileinto \"Work\"; fileinto \"work\";", "fileinto Work; fileinto work")]
    [InlineData("require \"fileinto\"; fileinto \"inbox\"; fileinto \"InBox/x\"; fileinto \"inboxes\";", "fileinto INBOX; fileinto INBOX/x; fileinto inboxes")]
    [InlineData("require [\"fileinto\", \"copy\"]; fileinto :copy \"Work\"; redirect :copy \"a@b.example\";", "fileinto Work; redirect copy a@b.example; keep*")]
    [InlineData("require [\"fileinto\", \"mailbox\", \"imap4flags\"]; fileinto :create :flags \"\\\\seen x\" \"A\";", "fileinto A [\\Seen x] create")]
    [InlineData("require [\"fileinto\", \"special-use\", \"mailbox\"]; fileinto :specialuse \"\\\\Junk\" :create \"Spam\";", "fileinto Spam create use=\\Junk")]
    [InlineData("require [\"fileinto\", \"mailboxid\"]; fileinto :mailboxid \"F1\" \"Old\";", "fileinto Old id=F1")]
    [InlineData("require \"reject\"; reject \"no\";", "reject no")]
    [InlineData("require \"ereject\"; ereject \"no\"; discard;", "ereject no; discard")]
    [InlineData("require \"reject\"; reject \"no\"; reject \"no\";", "error: the message is refused twice")]
    [InlineData("require \"reject\"; keep; reject \"no\";", "error: the message is refused and also delivered or answered")]
    [InlineData("require [\"reject\", \"fileinto\"]; reject \"no\"; fileinto \"A\";", "error: the message is refused and also delivered or answered")]
    [InlineData("require [\"reject\", \"vacation\"]; reject \"no\"; vacation \"away\";", "error: the message is refused and also delivered or answered")]
    public void Actions_are_gathered_in_order(string script, string actions) => Assert.Equal(actions, Do(script));

    [Theory]
    [InlineData("header \"subject\" \"make money fast\"", true)]
    [InlineData("header :comparator \"i;octet\" \"subject\" \"make money fast\"", false)]
    [InlineData("header :contains \"SUBJECT\" \"MONEY\"", true)]
    [InlineData("header :contains \"subject\" \"\"", true)]
    [InlineData("header :contains \"x-absent\" \"\"", false)]
    [InlineData("header :matches \"subject\" \"m?ke*F*t\"", true)]
    [InlineData("header :matches \"subject\" \"m?ke\"", false)]
    [InlineData("header :matches \"subject\" \"*\"", true)]
    [InlineData("header :matches \"subject\" \"*\\\\?*\"", false)]
    [InlineData("header [\"x\", \"subject\"] [\"a\", \"make money fast\"]", true)]
    [InlineData("address \"from\" \"ada+news@example.com\"", true)]
    [InlineData("address :all \"from\" \"Ada Lovelace <ada+news@example.com>\"", false)]
    [InlineData("address :localpart \"from\" \"ada+news\"", true)]
    [InlineData("address :domain [\"from\", \"to\"] \"EXAMPLE.NET\"", true)]
    [InlineData("address :localpart \"cc\" [\"dora\"]", true)]
    [InlineData("address \"cc\" \"eve@example.org\"", true)]
    [InlineData("address :contains \"subject\" \"money\"", false)]
    [InlineData("exists \"subject\"", true)]
    [InlineData("exists [\"subject\", \"x-absent\"]", false)]
    [InlineData("size :over 100", true)]
    [InlineData("size :under 100", false)]
    [InlineData("size :over 1M", false)]
    [InlineData("not true", false)]
    [InlineData("allof (true, true)", true)]
    [InlineData("allof (true, false)", false)]
    [InlineData("anyof (false, true)", true)]
    [InlineData("anyof (false)", false)]
    public void Tests_of_the_base_language(string test, bool holds) => Assert.Equal(holds, Holds(test));

    [Theory]
    [InlineData("envelope \"from\" \"ada@example.com\"", true)]
    [InlineData("envelope :domain [\"to\", \"from\"] \"example.org\"", true)]
    [InlineData("envelope :localpart \"to\" \"ada\"", false)]
    [InlineData("header :comparator \"i;ascii-numeric\" \"x-n\" \"5\"", true)]
    [InlineData("header :comparator \"i;ascii-numeric\" \"x-n\" \"06\"", false)]
    [InlineData("header :value \"gt\" :comparator \"i;ascii-numeric\" \"x-n\" \"4\"", true)]
    [InlineData("header :value \"lt\" :comparator \"i;ascii-numeric\" \"x-n\" \"10\"", true)]
    [InlineData("header :value \"ge\" \"x-w\" \"b\"", true)]
    [InlineData("header :value \"ne\" \"x-w\" \"BCD\"", false)]
    [InlineData("header :comparator \"i;ascii-numeric\" \"x-w\" \"abc\"", true)]
    [InlineData("header :value \"gt\" :comparator \"i;ascii-numeric\" \"x-w\" \"99999999999999999999\"", true)]
    [InlineData("header :count \"eq\" :comparator \"i;ascii-numeric\" [\"x-n\", \"x-w\", \"x-q\"] \"2\"", true)]
    [InlineData("address :count \"ge\" :comparator \"i;ascii-numeric\" [\"to\", \"cc\"] \"3\"", true)]
    [InlineData("address :count \"gt\" :comparator \"i;ascii-numeric\" [\"to\", \"cc\"] \"3\"", false)]
    [InlineData("address :detail \"to\" \"\"", false)]
    [InlineData("address :user \"to\" \"ben\"", true)]
    [InlineData("address :detail \"to\" \"list\"", true)]
    [InlineData("header :comparator \"i;unicode-casemap\" :contains \"subject\" \"STRASSE ÄRGER\"", true)]
    [InlineData("header :comparator \"i;unicode-casemap\" :matches \"subject\" \"* ä?GER\"", true)]
    [InlineData("header :contains \"subject\" \"Ärger\"", true)]
    [InlineData("header :contains \"subject\" \"ärger\"", false)]
    public void Comparators_relations_and_parts(string test, bool holds) => Assert.Equal(holds, Holds(
        test,
        "envelope relational subaddress comparator-i;ascii-numeric comparator-i;unicode-casemap",
        """
        To: ben+list@example.org, <carl@example.org>
        Cc: undisclosed: x@example.org;
        X-N: 005
        X-W: bcd
        Subject: =?utf-8?Q?strasse_=C3=84rger?=

        """));

    [Fact]
    public void The_null_sender_is_the_empty_string_whatever_part_is_asked_for()
    {
        foreach (var part in (string[])["", ":all", ":localpart", ":domain"])
        {
            Assert.True(Holds($"envelope {part} \"from\" \"\"", "envelope", Message, new TestFacts { Sender = "" }));
            Assert.False(Holds($"envelope {part} \"from\" \"\"", "envelope"));
        }

        Assert.Equal("1:24: the envelope has no part 'auth'; use \"from\" or \"to\"", Error("require \"envelope\"; if envelope \"auth\" \"x\" { stop; }"));
    }

    [Theory]
    [InlineData("<@a.example,@b.example:ada@example.com>", true)]
    [InlineData("@a.example:ada@example.com", true)]
    [InlineData("<ada@example.com", false)]
    [InlineData("a.example:ada@example.com", false)]
    [InlineData("<@.a:ada@example.com>", false)]
    [InlineData("ada@@example.com", false)]
    [InlineData("ada", false)]
    public void Source_routes_are_ignored_and_what_is_no_path_matches_nothing(string path, bool holds)
    {
        Assert.Equal(holds, Holds("envelope :contains \"from\" \"\"", "envelope", Message, new TestFacts { Sender = path }));
        Assert.Equal(holds, Holds("envelope :localpart \"from\" \"ada\"", "envelope", Message, new TestFacts { Sender = path }));
    }

    [Theory]
    // Encoded words, white space around them, folding, an unknown charset and raw octets.
    [InlineData("Subject: =?utf-8?B?w6k=?= x", "é x")]
    [InlineData("Subject:\n   =?iso-8859-1?Q?=E9?=\n =?utf-8?Q?_y?=  ", "é y")]
    [InlineData("Subject: a\n\tb", "a\tb")]
    [InlineData("Subject: =?x-nothing?Q?abc?= d", "=?x-nothing?Q?abc?= d")]
    [InlineData("Subject: é", "é")]
    [InlineData("Subject:", "")]
    public void Header_values_are_decoded_and_trimmed(string field, string value) =>
        Assert.True(Holds($"header :comparator \"i;octet\" \"subject\" \"{value}\"", "", field + "\n\n"), field);

    [Theory]
    [InlineData("To: Terri Butler MP, Member for Griffith <x@example.org>", true)]
    [InlineData("To: (comment) x@example.org (other)", true)]
    [InlineData("To: group: <@route.example:x@example.org>;", true)]
    [InlineData("To: \"x\"@example.org", true)]
    [InlineData("To: not an address, ,;<>", false)]
    [InlineData("To: x@", false)]
    [InlineData("To: <x>", false)]
    public void What_is_no_address_is_skipped(string field, bool holds)
    {
        Assert.Equal(holds, Holds("address \"to\" \"x@example.org\"", "", field + "\n\n"));
        Assert.Equal(holds, Holds("address \"resent-from\" \"x@example.org\"", "", field.Replace("To:", "Resent-From:", StringComparison.Ordinal) + "\n\n"));
    }

    [Fact]
    public void Local_parts_may_be_UTF8() => Assert.True(Holds("address :localpart \"from\" \"jürgen\"", "", "From: jürgen@example.org\n\n"));

    [Theory]
    [InlineData("$${hex:40}", "$@")]
    [InlineData("${hex: 40 }", "@")]
    [InlineData("${HEX: 40}", "@")]
    [InlineData("${hex:40", "${hex:40")]
    [InlineData("${hex:400}", "${hex:400}")]
    [InlineData("${hex:4${hex:30}}", "${hex:40}")]
    [InlineData("${unicode:40}", "@")]
    [InlineData("${ unicode:40}", "${ unicode:40}")]
    [InlineData("${UNICODE:40}", "@")]
    [InlineData("${UnICoDE:0000040}", "@")]
    [InlineData("${Unicode:Cool}", "${Unicode:Cool}")]
    [InlineData("${hex:C3 A9 20}${unicode:1F600 41}", "é 😀A")]
    public void Characters_can_be_encoded(string written, string meant) =>
        Assert.Equal($"reject {meant}", Do($"require [\"reject\", \"encoded-character\"]; reject \"{written}\";"));

    [Theory]
    [InlineData("${unicode:200000}")]
    [InlineData("${Unicode:DF01}")]
    [InlineData("${unicode:FFFFFFFFFFFFFFFFFF}")]
    [InlineData("${hex:C3}")]
    public void An_encoded_character_must_exist(string text) =>
        Assert.Matches("^1:39: .*(Unicode|UTF-8)", Error($"require \"encoded-character\"; redirect \"{text}\";"));

    [Theory]
    [InlineData("*", "", "|")]
    [InlineData("*-*-*", "a-b-c-d", "a-b-c-d|a|b|c-d")]
    [InlineData("**", "ab", "ab||ab")]
    [InlineData("a?c", "abc", "abc|b")]
    [InlineData("?*?", "é😀x", "é😀x|é|😀|x")]
    [InlineData("\\\\*?", "*x", "*x|x")]
    [InlineData("*b*", "aaabbb", "aaabbb|aaa|bb")]
    [InlineData("*ab", "aabab", "aabab|aab")]
    public void Wildcards_take_as_little_as_possible(string pattern, string text, string matches)
    {
        var count = matches.Count(c => c == '|');
        var all = string.Join('|', Enumerable.Range(0, count + 1).Select(i => $"${{{i}}}"));
        Assert.Equal(matches, Value($"if string :matches \"{text}\" \"{pattern}\" {{ set \"v\" \"{all}\"; }}"));
    }

    [Theory]
    [InlineData("^[^[:lower:]]+$", "ABC 1", true)]
    [InlineData("^[^[:lower:]]+$", "aBC", false)]
    [InlineData("(foo|bar){2}", "xfoobar", true)]
    [InlineData("a{2,3}b", "ab", false)]
    [InlineData("me(\\\\+.*)?@company\\\\.com", "me+x@company.com", true)]
    [InlineData("[]x-]", "]", true)]
    [InlineData("a.c", "abc", true)]
    [InlineData("^\\\\[list\\\\]", "[list] x", true)]
    [InlineData("[[:digit:]]{4}", "1999", true)]
    [InlineData("a{x", "a{x", true)]
    [InlineData("x$", "x", true)]
    [InlineData("[\\\\w.-]+", "-", true)]
    public void Regular_expressions_are_extended_ones(string pattern, string text, bool matches) =>
        Assert.Equal(matches, Holds($"string :comparator \"i;octet\" :regex \"{text}\" \"{pattern}\"", "variables regex"));

    [Theory]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("[a")]
    [InlineData("*a")]
    [InlineData("a{300}")]
    [InlineData("((a{200}){200}){200}")]
    [InlineData("(?=a)b")]
    [InlineData("(a)\\\\1")]
    [InlineData("a\\\\")]
    [InlineData("[[:nothing:]]")]
    [InlineData("a{3,2}")]
    public void A_regular_expression_that_cannot_be_used_is_an_error(string pattern) =>
        Assert.Contains("regular expression", Error($"require \"regex\"; if header :regex \"a\" \"{pattern}\" {{ stop; }}"), StringComparison.Ordinal);

    [Fact]
    public void Groups_of_a_regular_expression_set_variables() =>
        Assert.Equal("Ab-cd|Ab|cd", Value("if string :regex \"x Ab-cd x\" \"([a-z]+)-([a-z]+)\" { set \"v\" \"${0}|${1}|${2}\"; }", "regex"));

    [Fact]
    public void Comparison_orders_code_points()
    {
        Assert.True(SieveComparators.Compare("\uFFFD", "\U00010000", SieveComparator.Octet) < 0);
        Assert.True(SieveComparators.Compare("a", "ab", SieveComparator.Octet) < 0);
        Assert.Equal(0, SieveComparators.Compare("", "x", SieveComparator.AsciiNumeric));
    }

    [Theory]
    [InlineData("require \"ihave\"; if ihave \"fileinto\" { fileinto \"A\"; } else { keep; }", "fileinto A")]
    [InlineData("require \"ihave\"; if ihave \"vnd.nothing\" { nothing :x \"a\"; } else { keep; }", "keep")]
    [InlineData("require \"ihave\"; if allof (ihave \"vnd.nothing\", nothing \"a\") { discard; }", "keep*")]
    [InlineData("require \"ihave\"; if not ihave [\"copy\", \"vnd.nothing\"] { discard; }", "discard")]
    // RFC 5463 §4: not for what changes how scripts are read.
    [InlineData("require \"ihave\"; if ihave \"variables\" { discard; }", "keep*")]
    [InlineData("require \"ihave\"; if ihave [\"copy\", \"encoded-character\"] { discard; }", "keep*")]
    [InlineData("require [\"ihave\", \"variables\"]; if ihave \"variables\" { discard; }", "discard")]
    [InlineData("require \"ihave\"; nothing;", "error: the command 'nothing' is not known")]
    [InlineData("require \"ihave\"; if true { error \"broken\"; }", "error: broken")]
    public void A_script_can_ask_for_extensions(string script, string actions) => Assert.Equal(actions, Do(script));

    [Fact]
    public void A_wrong_argument_is_an_error_in_spite_of_ihave() =>
        Assert.Contains("1:27: 'fileinto' expects a string here (the name of the folder), not a number", Errors("require \"ihave\"; fileinto 1;").Select(e => e.ToString()));
}
