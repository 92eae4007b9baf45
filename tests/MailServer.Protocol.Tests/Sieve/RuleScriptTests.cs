using System.Text;
using CsCheck;
using MailServer.Protocol.Sieve.Rules;
using static MailServer.Protocol.Tests.Sieve.SieveBed;

namespace MailServer.Protocol.Tests.Sieve;

/// <summary>The script of the page: rules are written as Sieve and read back, and nothing else is taken for rules.</summary>
public sealed class RuleScriptTests
{
    private static readonly Gen<string> Value = Gen.OneOfConst("a", "invoice", "not me", "boss@example.org", "\"quoted\"", "\\", "{", "é", "\U0001F600", "*", "a?b", "${x}", "#", "text:", "[x]", "/*").Array[1, 3].Select(static v => string.Join(' ', v));

    private static readonly Gen<RuleCondition> Compared = Gen.Select(
        Gen.OneOfConst(RuleSubject.From, RuleSubject.To, RuleSubject.Subject, RuleSubject.List, RuleSubject.Header), Gen.OneOfConst(RuleMatch.Is, RuleMatch.Contains, RuleMatch.Matches), Gen.Bool, Value,
        static (subject, match, isNegated, value) => new RuleCondition(
            subject, subject == RuleSubject.List && match == RuleMatch.Is ? RuleMatch.Contains : match, isNegated, value, subject == RuleSubject.Header ? "X-Mailer" : ""));

    private static readonly Gen<RuleCondition> Condition = Gen.OneOf(
        Compared,
        Gen.Select(Gen.OneOfConst(RuleMatch.Over, RuleMatch.Under), Gen.Long[1, 1L << 40], static (match, size) => new RuleCondition(RuleSubject.Size, match, Value: $"{size}")),
        Gen.Bool.Select(static n => new RuleCondition(RuleSubject.Header, RuleMatch.Exists, n, Header: "X-Loop")),
        Gen.Select(Gen.OneOfConst(RuleSubject.Attachment, RuleSubject.Junk), Gen.Bool, static (subject, n) => new RuleCondition(subject, RuleMatch.Holds, n)));

    private static readonly Gen<RuleAction> Action = Gen.OneOfConst<RuleAction>(
        new(RuleActionKind.Move, "Invoices"), new(RuleActionKind.Move, "Ä/\"B\""), new(RuleActionKind.Copy, "Archive/2026"), new(RuleActionKind.Copy, "INBOX"), new(RuleActionKind.Forward, "ben@example.net"),
        new(RuleActionKind.MarkRead), new(RuleActionKind.MarkFlagged), new(RuleActionKind.MarkKeyword, "$Work"), new(RuleActionKind.Delete), new(RuleActionKind.Inbox), new(RuleActionKind.Stop));

    private static readonly Gen<MailRule> Rule = Gen.Select(
        Gen.OneOfConst("", "Bills", "a ] b", "[x]", "é # /* */"), Gen.Bool, Gen.Bool, Condition.Array[0, 4], Action.Array[1, 4],
        static (name, isEnabled, any, conditions, actions) => new MailRule(name, isEnabled, any && conditions.Length > 1, conditions, MailRule.InOrder(actions)));

    private static readonly Gen<DateTime?> Moment = Gen.OneOf(Gen.Const((DateTime?)null), Gen.Int[0, 800 * 24 * 60].Select(static m => (DateTime?)new DateTime(2026, 1, 1).AddMinutes(m)));

    private static readonly Gen<OutOfOffice?> Absence = Gen.Select(
        Gen.Bool, Gen.Bool, Gen.Bool, Moment, Moment, Gen.OneOfConst("UTC", "Europe/Berlin", "America/St_Johns", "+05:30"), Gen.OneOfConst("", "Away \"now\""), Gen.OneOfConst("Gone.", "One\r\nTwo\r\n.\r\n# three"),
        static (exists, isEnabled, contacts, start, end, zone, subject, text) => exists
            ? new OutOfOffice { IsEnabled = isEnabled, OnlyContacts = contacts, Start = start, End = end, Zone = zone, Subject = subject, Text = text }
            : null);

    private static readonly Gen<MailRules> Rules = Gen.Select(
        Rule.Array[0, 4], Absence, Gen.OneOfConst(null, new MailForwarding("ben@example.net", true), new MailForwarding("é@example.net", false)), Gen.OneOfConst(null, "roundcube"),
        Gen.OneOfConst<ForwardAddress>(new("ben@example.net", null, default, 0), new("é@example.net", "00ff", new DateTimeOffset(2026, 12, 1, 1, 2, 3, TimeSpan.Zero), 2)).Array[0, 2],
        static (rules, absence, forwarding, included, addresses) => new MailRules { Rules = rules, OutOfOffice = absence, Forwarding = forwarding, Included = included, ForwardAddresses = addresses });

    private static readonly Gen<string> Scraps = Gen.OneOfConst(
        "require [\"fileinto\", \"imap4flags\", \"copy\", \"include\", \"vacation\", \"spamtest\", \"relational\", \"comparator-i;ascii-numeric\"];", "if ", "elsif ", "else ", "true ", "not ", "header :contains \"subject\" \"x\" ",
        "allof (false, true) ", "anyof (true) ", "exists \"x\" ", "size :over 5M ", "{ ", "} ", "stop; ", "keep; ", "discard; ", "fileinto \"x\"; ", "fileinto \"INBOX\"; ", "redirect :copy \"a@b.example\"; ", "addflag \"\\\\Seen\"; ",
        "addflag [\"a\", \"b\"]; ", "vacation \"x\"; ", "include :optional \"y\"; ", "# rule:[x]\r\n", "# Forwarding\r\n", "# Out of office: UTC\r\n", "# other\r\n", "/* x */", "\r\n",
        "if not spamtest :value \"ge\" :comparator \"i;ascii-numeric\" \"8\" { redirect \"a@b.example\"; stop; }").Array[0, 14].Select(string.Concat);

    [Fact]
    public void What_is_written_is_read_back() => Rules.Sample(
        static rules =>
        {
            var written = RuleScript.Write(rules);
            Compile(Encoding.UTF8.GetString(written));
            var (read, fault) = RuleScript.Read(written);
            Assert.True(read is not null, $"{fault}\n{Encoding.UTF8.GetString(written)}");
            Assert.Equal(Describe(rules), Describe(read));
        },
        iter: 3_000);

    [Fact]
    public void Any_script_gives_rules_that_say_the_same_or_the_reason_why_it_has_none() => Scraps.Sample(
        static text =>
        {
            var (rules, fault) = RuleScript.Read(Encoding.UTF8.GetBytes(text));
            Assert.Equal(rules is null, fault is not null);
            if (rules is null) return;
            var written = Encoding.UTF8.GetString(RuleScript.Write(rules));
            Assert.Equal(Describe(rules), Describe(RuleScript.Read(Encoding.UTF8.GetBytes(written)).Rules!));
            Assert.Equal(Do(text), Do(written));
        },
        iter: 5_000);

    [Fact]
    public void Any_octets_give_rules_or_a_reason() => Gen.Byte.Array[0, 200].Sample(static octets =>
    {
        var (rules, fault) = RuleScript.Read(octets);
        Assert.Equal(rules is null, fault is not null);
    });

    [Fact]
    public void Conditions_and_actions_have_words_that_are_read_back()
    {
        Condition.Sample(static c => Assert.Equal(RuleWords.Check(c), RuleWords.Condition(RuleWords.Of(RuleWords.Check(c)))), iter: 3_000);
        Action.Sample(static a => Assert.Equal(RuleWords.Check(a), RuleWords.Action(RuleWords.Of(a))));
    }

    [Theory]
    [InlineData("from is boss@example.org", "from is boss@example.org")]
    [InlineData(" FROM Is  boss@example.org ", "from is boss@example.org")]
    [InlineData("to does not contain list", "to does not contain list")]
    [InlineData("subject equals not me", "subject equals not me")]
    [InlineData("subject is not me", "subject is not me")]
    [InlineData("header Subject contains x", "subject contains x")]
    [InlineData("header X-A exists", "header X-A exists")]
    [InlineData("size over 2048k", "size over 2M")]
    [InlineData("size under 1000", "size under 1000")]
    [InlineData("has no attachment", "has no attachment")]
    [InlineData("is not junk", "is not junk")]
    public void Conditions_are_understood(string written, string meant) => Assert.Equal(meant, RuleWords.Of(RuleWords.Condition(written)));

    [Theory]
    [InlineData("")]
    [InlineData("from")]
    [InlineData("from is")]
    [InlineData("sender is x")]
    [InlineData("size over much")]
    [InlineData("header a:b contains x")]
    [InlineData("list is x")]
    [InlineData("subject contains \u0001")]
    public void What_is_no_condition_is_refused(string written) => Assert.Throws<RuleFormatException>(() => RuleWords.Condition(written));

    [Theory]
    [InlineData("")]
    [InlineData("move to")]
    [InlineData("move to a//b")]
    [InlineData("forward to nobody")]
    [InlineData("mark with two words")]
    [InlineData("mark with \\Deleted")]
    [InlineData("bounce")]
    public void What_is_no_action_is_refused(string written) => Assert.Throws<RuleFormatException>(() => RuleWords.Action(written));

    [Fact]
    public void A_rule_is_a_script_that_people_and_other_programs_can_read()
    {
        var rules = new MailRules
        {
            Rules = [RuleWords.Check(new MailRule("Bills", true, false, [RuleWords.Condition("subject contains invoice"), RuleWords.Condition("is not junk")], [RuleWords.Action("stop"), RuleWords.Action("move to Bills"), RuleWords.Action("mark as read")]))],
            OutOfOffice = new OutOfOffice { Text = "Away.", Start = new DateTime(2026, 10, 20, 12, 0, 0), End = new DateTime(2026, 10, 26), Zone = "Europe/Berlin", OnlyContacts = true },
            Included = "roundcube",
        };
        Assert.Equal(
            """
            # Rules for mail. Written by the mail server: its web page and the command 'rules'.
            require ["comparator-i;ascii-numeric", "date", "extlists", "fileinto", "imap4flags", "include", "relational", "spamtest", "vacation"];

            # Out of office: Europe/Berlin
            if allof (currentdate :zone "+0200" :value "ge" "iso8601" "2026-10-20T12:00:00+02:00", currentdate :zone "+0100" :value "lt" "iso8601" "2026-10-26T00:00:00+01:00", address :list "from" "urn:ietf:params:sieve:addrbook:default") {
                vacation :days 7 :handle "out of office 2026-10-20T12:00:00+02:00" "Away.";
            }

            # rule:[Bills]
            if allof (header :contains "subject" "invoice", not spamtest :value "ge" :comparator "i;ascii-numeric" "8") {
                addflag "\\Seen";
                fileinto "Bills";
                stop;
            }

            # A script of another program
            include :personal :optional "roundcube";

            """.ReplaceLineEndings("\r\n"),
            Encoding.UTF8.GetString(RuleScript.Write(rules)));
    }

    [Fact]
    public void Rules_as_Roundcube_writes_them_are_rules_here()
    {
        var (rules, fault) = RuleScript.Read("""
            require ["fileinto","copy"];
            # rule:[From the boss]
            if anyof (header :contains "from" "boss", header :contains "subject" ["urgent"])
            {
            	fileinto "Boss";
            	stop;
            }
            # rule:[Copy]
            if true
            {
            	redirect :copy "ben@example.net";
            }
            """u8);
        Assert.True(fault is null, fault);
        Assert.Equal(["From the boss", "Copy"], rules!.Rules.Select(static r => r.Name));
        Assert.Equal(["from contains boss", "subject contains urgent"], rules.Rules[0].Conditions.Select(RuleWords.Of));
        Assert.True(rules.Rules[0].MatchesAny);
        Assert.Equal(["forward to ben@example.net"], rules.Rules[1].Actions.Select(RuleWords.Of));
    }

    [Theory]
    [InlineData("kep;", "it has an error in line 1, column 1: the command 'kep' is not known; did you mean 'keep'?")]
    [InlineData("keep;", "line 1 has 'keep' outside a rule")]
    [InlineData("# rule:[a]\n# my note\nif true { stop; }", "line 2 has a comment that an edit here would lose")]
    [InlineData("if true { stop; /* why */ }", "line 1 has a comment that an edit here would lose")]
    [InlineData("if true { stop; }\n# the end", "line 2 has a comment that an edit here would lose")]
    [InlineData("if true { stop; } else { discard; }", "line 1 has 'else' outside a rule")]
    [InlineData("if true { if true { stop; } }", "line 1 has a command 'if' that is not an action of a rule, or is written in another way")]
    [InlineData("if header :contains \"subject\" [\"a\", \"b\"] { stop; }", "line 1 has a test 'header' that is not a condition of a rule")]
    [InlineData("if header :comparator \"i;octet\" :contains \"subject\" \"a\" { stop; }", "line 1 has a test 'header' that is not a condition of a rule")]
    [InlineData("require \"fileinto\";\nif true { fileinto \"x\"; keep; }", "line 2 has a command 'keep' that is not an action of a rule, or is written in another way")]
    [InlineData("require \"imap4flags\";\nif true { stop; addflag \"\\\\Seen\"; }", "line 2 has a rule whose actions are in another order than the page writes them")]
    [InlineData("if true { }", "line 1 has a rule that does nothing")]
    [InlineData("require \"vacation\";\nif true { stop; }\nif true { vacation \"x\"; }", "line 3 replies to mail in a place where the page does not")]
    [InlineData("require \"vacation\";\nif true { vacation :from \"a@example.org\" \"x\"; }", "line 2 replies in a way that the page does not know")]
    [InlineData("require \"include\";\ninclude :optional \"x\";\nif true { stop; }", "line 3 comes after the script that is included")]
    public void What_no_rule_says_is_named_with_its_line(string script, string fault) => Assert.Equal(fault, RuleScript.Read(Encoding.UTF8.GetBytes(script)).Fault);

    [Theory]
    [InlineData("2026-10-20T11:59:59+02:00", OutOfOfficeState.Planned, false)]
    [InlineData("2026-10-20T10:00:00+00:00", OutOfOfficeState.On, true)]
    [InlineData("2026-10-25T22:59:59+00:00", OutOfOfficeState.On, true)]
    [InlineData("2026-10-25T23:00:00+00:00", OutOfOfficeState.Over, false)]
    public void An_automatic_reply_begins_and_ends_on_the_clocks_of_its_zone(string now, OutOfOfficeState state, bool replies)
    {
        // Clocks are put back in the night before the last day.
        var absence = new OutOfOffice { Text = "Away.", Start = new DateTime(2026, 10, 20, 12, 0, 0), End = new DateTime(2026, 10, 26), Zone = "Europe/Berlin" };
        var time = DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(state, absence.StateAt(time));
        var script = Encoding.UTF8.GetString(RuleScript.Write(new MailRules { OutOfOffice = absence }));
        Assert.Equal(replies, Do(script, Message, new TestFacts { Time = time }).Contains("vacation", StringComparison.Ordinal));
    }

    [Fact]
    public void A_zone_that_is_no_name_of_a_zone_is_never_looked_up()
    {
        foreach (var name in new[] { "../../etc/passwd", "/etc/localtime", "", " Europe/Berlin", "Europe/Berlin\0", "No/Where", "+99:00" }) Assert.Null(OutOfOffice.OffsetOf(name, DateTime.UnixEpoch));
    }

    [Fact]
    public void A_disabled_rule_and_an_automatic_reply_that_is_off_do_nothing()
    {
        var rules = new MailRules
        {
            Rules = [new MailRule("", false, false, [], [new RuleAction(RuleActionKind.Delete)])],
            OutOfOffice = new OutOfOffice { IsEnabled = false, Text = "Away." },
        };
        Assert.Equal("keep*", Do(Encoding.UTF8.GetString(RuleScript.Write(rules))));
    }

    private static string Describe(MailRules rules) => string.Join('\n', rules.Rules.Select(static r => $"{r.Name}|{r.IsEnabled}|{r.MatchesAny}|{string.Join(';', r.Conditions.Select(Describe))}|{string.Join(';', r.Actions)}"))
        + $"\n{Describe(rules.OutOfOffice)}\n{rules.Forwarding}\n{rules.Included}\n{string.Join('|', rules.ForwardAddresses)}";

    private static string Describe(RuleCondition condition) => condition.ToString();

    // A time that the clocks skip is the one after it.
    private static string Describe(OutOfOffice? absence) => absence is null ? "" : $"{absence with { Zone = absence.Start is null && absence.End is null ? absence.Zone : "" }} {absence.StartsAt:O} {absence.EndsAt:O}";
}
