using MailServer.Protocol.Sieve.Running;
using static MailServer.Protocol.Tests.Sieve.SieveBed;

namespace MailServer.Protocol.Tests.Sieve;

/// <summary>Extensions whose tests ask for facts, and actions other than storing.</summary>
public sealed class SieveExtensionTests
{
    [Theory]
    // RFC 5232 §3 and §4
    [InlineData("setflag \"\\\\Deleted\"; fileinto \"A\";", "fileinto A [\\Deleted]")]
    [InlineData("setflag \"\\\\deleted $Forwarded\"; addflag [\"$forwarded\", \"x\"]; removeflag \"\\\\Deleted\"; keep;", "keep [$Forwarded x]")]
    [InlineData("addflag \"a\"; keep :flags [\"b\", \"c\"];", "keep [b c]")]
    [InlineData("addflag \"a\"; keep :flags \"\";", "keep")]
    [InlineData("addflag \"a\"; keep; addflag \"b\"; keep;", "keep [a b]")]
    [InlineData("addflag \"\\\\Seen \\\\Recent \\\\none )\";", "keep* [\\Seen]")]
    [InlineData("set \"myflags\" \"x\"; addflag \"myflags\" [\"a\", \"b\"]; removeflag \"myflags\" \"x\"; fileinto :flags \"${myflags}\" \"A\";", "fileinto A [a b]")]
    [InlineData("setflag \"A B\"; if hasflag :is \"b A\" { discard; }", "discard")]
    [InlineData("setflag \"A B\"; if hasflag [\"c\", \"A\"] { discard; }", "discard")]
    [InlineData("set \"MyVar\" \"NonJunk Junk gnus-forward $Forwarded NotJunk JunkRecorded $Junk $NotJunk\"; if allof (hasflag :contains \"MyVar\" \"Junk\", hasflag :contains \"MyVar\" \"forward\", hasflag :contains \"MyVar\" [\"label\", \"forward\"], hasflag :contains \"MyVar\" \"junk forward\") { discard; }", "discard")]
    [InlineData("set \"MyVar\" \"NonJunk Junk\"; if anyof (hasflag :contains \"MyVar\" \"label\", hasflag :contains \"MyVar\" [\"label1\", \"label2\"]) { discard; }", "keep*")]
    [InlineData("set \"MyFlags\" \"A B\"; if hasflag :count \"ge\" :comparator \"i;ascii-numeric\" \"MyFlags\" \"2\" { discard; }", "discard")]
    [InlineData("if hasflag :matches \"*\" { discard; }", "keep*")]
    public void Flags(string script, string actions) => Assert.Equal(actions, Do(Require("imap4flags variables fileinto relational comparator-i;ascii-numeric") + script));

    [Theory]
    [InlineData(null, "0", "0")]
    [InlineData(0, "1", "0")]
    [InlineData(50, "5", "50")]
    [InlineData(99, "9", "99")]
    [InlineData(100, "10", "100")]
    public void Spam_verdicts_are_scaled(int? percent, string value, string percentValue)
    {
        var facts = new TestFacts { Spam = percent, Virus = 2 };
        Assert.True(Holds($"spamtest \"{value}\"", "spamtest", Message, facts));
        Assert.True(Holds($"spamtest :percent :is \"{percentValue}\"", "spamtestplus", Message, facts));
        Assert.Equal(percent is null, Holds("spamtest :percent :count \"eq\" :comparator \"i;ascii-numeric\" \"0\"", "spamtestplus relational comparator-i;ascii-numeric", Message, facts));
        Assert.True(Holds("virustest :value \"lt\" :comparator \"i;ascii-numeric\" \"4\"", "virustest relational comparator-i;ascii-numeric", Message, facts));
    }

    [Fact]
    public void Percent_needs_the_larger_extension() => Assert.Contains("spamtestplus", Error("require \"spamtest\"; if spamtest :percent \"1\" { stop; }"), StringComparison.Ordinal);

    [Theory]
    [InlineData("mailboxexists \"Work\"", true)]
    [InlineData("mailboxexists [\"Work\", \"None\"]", false)]
    [InlineData("mailboxidexists \"F1\"", true)]
    [InlineData("specialuse_exists \"\\\\Junk\"", true)]
    [InlineData("specialuse_exists \"Other\" \"\\\\Junk\"", false)]
    [InlineData("metadata \"Work\" \"/private/comment\" \"hello\"", true)]
    [InlineData("metadata :contains \"Work\" \"/private/none\" \"\"", false)]
    [InlineData("metadataexists \"Work\" [\"/private/comment\"]", true)]
    [InlineData("metadataexists \"Work\" [\"/private/comment\", \"/private/none\"]", false)]
    [InlineData("servermetadata :matches \"/shared/admin\" \"*@example.org\"", true)]
    [InlineData("servermetadataexists \"/shared/admin\"", true)]
    [InlineData("valid_ext_list \"tag:contacts\"", true)]
    [InlineData("valid_ext_list [\"tag:contacts\", \"tag:none\"]", false)]
    [InlineData("address :list \"from\" \"tag:contacts\"", true)]
    [InlineData("address :list \"to\" \"tag:contacts\"", false)]
    [InlineData("valid_notify_method \"mailto:a@example.org\"", true)]
    [InlineData("valid_notify_method [\"mailto:a@example.org\", \"xmpp:a@example.org\"]", false)]
    [InlineData("notify_method_capability \"mailto:a@example.org\" \"Online\" [\"yes\", \"maybe\"]", true)]
    [InlineData("notify_method_capability \"mailto:a@example.org\" \"other\" \"maybe\"", false)]
    public void Facts_are_asked_for(string test, bool holds)
    {
        var facts = new TestFacts
        {
            Mailboxes = ["INBOX", "Work", "#F1", "Junk=\\Junk"],
            Annotations = new() { ["Work/private/comment"] = "hello", ["/shared/admin"] = "root@example.org" },
            Lists = new() { ["tag:contacts"] = ["ada+news@example.com"] },
        };
        Assert.Equal(holds, Holds(test, "mailbox mailboxid special-use mboxmetadata servermetadata extlists enotify", Message, facts));
    }

    [Fact]
    public void A_list_can_be_a_recipient()
    {
        var facts = new TestFacts { Lists = new() { ["tag:family"] = [] } };
        Assert.Equal("redirect list tag:family", Do("require \"extlists\"; redirect :list \"tag:family\";", Message, facts));
        Assert.Equal("error: there is no list 'tag:none'", Do("require \"extlists\"; redirect :list \"tag:none\";", Message, facts));
    }

    [Fact]
    public void Duplicates_are_marked_and_found() // RFC 7352 §3
    {
        const string Script = "require \"duplicate\"; if duplicate { discard; } if duplicate { discard; }";
        var first = Run(Script);
        var mark = Assert.IsType<SieveMarkDuplicate>(first.Actions[0]);
        Assert.Equal(TimeSpan.FromDays(7), mark.Lifetime);
        Assert.Equal(2, first.Actions.Count);
        var seen = new TestFacts { Marks = [mark.Key] };
        Assert.Equal("discard", Do(Script, Message, seen));
        Assert.Equal("mark; discard", Do("require \"duplicate\"; if duplicate :last :seconds 60 { discard; }", Message, seen));
        // Other handles, headers and identifiers are other marks; without the field there is none.
        Assert.Equal("mark; keep*", Do("require \"duplicate\"; if duplicate :handle \"x\" { discard; }", Message, seen));
        Assert.Equal("mark; keep*", Do("require \"duplicate\"; if duplicate :uniqueid \"y\" { discard; }", Message, seen));
        Assert.Equal("discard", Do("require \"duplicate\"; if duplicate :header \"message-id\" { discard; }", Message, seen));
        Assert.Equal("keep*", Do("require \"duplicate\"; if duplicate :header \"x-none\" { discard; }", Message, seen));
        Assert.Contains("exclude", Error("require \"duplicate\"; if duplicate :header \"a\" :uniqueid \"b\" { stop; }"), StringComparison.Ordinal);
        // A run that fails marks nothing.
        Assert.Equal([typeof(SieveKeep)], Run("require [\"duplicate\", \"ihave\"]; if duplicate { } error \"x\";").Actions.Select(a => a.GetType()));
    }

    [Fact]
    public void Notifications_are_sent_by_mail() // RFC 5435 §3, RFC 5436 §2
    {
        var outcome = Run("""
            require ["enotify", "fcc"];
            notify :importance "1" :from "me@example.org" :message "You got mail" :fcc "Sent"
                "mailto:a@example.org,b%2Bx@example.net%2cd@example.net?subject=Hi%20there&cc=c@example.org&body=text&from=evil@example.org&x-tag=1%0d%0aBcc:x";
            """);
        var notify = Assert.IsType<SieveNotify>(outcome.Actions[0]);
        Assert.Equal(("me@example.org", "You got mail", 1, "Sent"), (notify.From, notify.Message, notify.Importance, notify.Copy!.Mailbox));
        Assert.Equal(["a@example.org", "b+x@example.net", "d@example.net"], notify.Mail.To);
        Assert.Equal(("Hi there", "text", "c@example.org"), (notify.Mail.Subject, notify.Mail.Body, notify.Mail.Cc[0]));
        Assert.Equal("x-tag=1  Bcc:x", string.Join('&', notify.Mail.Fields.Select(f => $"{f.Key}={f.Value}")));
        Assert.IsType<SieveKeep>(outcome.Actions[1]);
    }

    [Theory]
    [InlineData("xmpp:a@example.org")]
    [InlineData("mailto:")]
    [InlineData("mailto:nobody")]
    [InlineData("mailto:a@example.org?=x")]
    public void Other_methods_are_errors(string method)
    {
        Assert.Contains("is not a method of notification", Error($"require \"enotify\"; notify \"{method}\";"), StringComparison.Ordinal);
        Assert.Contains("is not a method of notification", Do($"require [\"enotify\", \"variables\"]; set \"m\" \"{method}\"; notify \"${{m}}\";"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_notification_is_not_answered_by_one() =>
        Assert.Equal("keep*", Do("require \"enotify\"; notify \"mailto:a@example.org\";", "Auto-Submitted: auto-notified; x=y\n\n"));

    [Theory]
    [InlineData(":notify \"NEVER\"", "notify=Never ret=Unspecified")]
    [InlineData(":notify \"success,Failure\" :ret \"FULL\"", "notify=Success, Failure ret=Full")]
    [InlineData(":ret \"HDRS\"", "notify=Unspecified ret=Headers")]
    [InlineData(":bytimerelative 600", "notify=Unspecified ret=Unspecified by=600N")]
    [InlineData(":bytimerelative 600 :bymode \"return\" :bytrace", "notify=Unspecified ret=Unspecified by=600RT")]
    [InlineData(":bytimeabsolute \"1970-01-02T00:00:00Z\"", "notify=Unspecified ret=Unspecified by=86400N")]
    [InlineData(":bytimeabsolute \"1970-01-02T01:00:00+01:00\" :notify \"DELAY\"", "notify=Delay ret=Unspecified by=86400N")]
    public void A_redirect_asks_for_notifications_and_sets_a_time_limit(string arguments, string expected) =>
        Assert.Equal($"redirect x@example.net {expected}", Do($"require [\"redirect-dsn\", \"redirect-deliverby\"]; redirect {arguments} \"x@example.net\";"));

    [Theory]
    [InlineData(":notify \"sometimes\"", "does not say what is reported")]
    [InlineData(":notify \"NEVER,SUCCESS\"", "does not say what is reported")]
    [InlineData(":ret \"SOME\"", "':ret' does not know 'SOME'")]
    [InlineData(":bytimerelative 1000000000", "at most 999999999 seconds")]
    [InlineData(":bytimerelative 0 :bymode \"RETURN\"", "cannot be returned after 0 seconds")]
    [InlineData(":bytimerelative 5 :bymode \"EXPLODE\"", "':bymode' does not know 'EXPLODE'")]
    [InlineData(":bytimerelative 5 :bytimeabsolute \"2026-12-24T18:00:00+01:00\"", "exclude each other")]
    [InlineData(":bytimeabsolute \"tomorrow\"", "is not a time")]
    [InlineData(":bytrace", "need a time")]
    [InlineData(":bymode \"NOTIFY\"", "need a time")]
    public void Notifications_and_time_limits_that_mean_nothing_are_errors(string arguments, string expected) =>
        Assert.Contains(expected, Error($"require [\"redirect-dsn\", \"redirect-deliverby\"]; redirect {arguments} \"x@example.net\";"), StringComparison.Ordinal);
}
