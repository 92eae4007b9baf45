using System.Text;
using MailServer.Domain.Messages;
using MailServer.Protocol.Sieve.Composing;
using MailServer.Protocol.Sieve.Running;
using MimeKit;

namespace MailServer.Protocol.Tests.Sieve;

/// <summary><c>replace</c> and <c>enclose</c> (RFC 5703 §5, §6), read by an independent parser.</summary>
public sealed class SieveReplaceTests
{
    private const string Nested = """
        Return-Path: <hendrik@example.com>
        From: Hendrik <hendrik@example.com>
        To: Harrie <harrie@example.com>
        Date: Sat, 11 Oct 2010 00:31:44 +0200
        Subject: Old subject
        Message-ID: <old@example.com>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=AA

        before
        --AA
        Content-Type: multipart/mixed; boundary=BB
        X-Test: BB

        --BB
        Content-Type: text/plain
        X-Test: CC

        Hello
        --BB
        Content-Type: application/octet-stream; name=x.exe
        X-Test: DD

        Hello again
        --BB--
        --AA
        Content-Type: text/plain
        X-Test: EE

        Bye
        --AA--
        after

        """;

    [Fact]
    public void A_part_of_the_loop_is_replaced_and_the_others_stay()
    {
        var message = Kept("""
            require ["foreverypart", "mime", "replace"];
            foreverypart { if header :mime :param "name" :contains "content-type" "exe" { replace "An attachment was removed."; } }
            """);
        var inner = (Multipart)((Multipart)message.Body!)[0];
        Assert.Equal(["Hello", "An attachment was removed.", "Bye"], Texts(message));
        Assert.Equal("BB", inner.Headers["X-Test"]);
        Assert.Equal(("Old subject", "Hendrik"), (message.Subject, message.From[0].Name));
    }

    [Fact]
    public void Several_parts_are_replaced_in_one_loop()
    {
        var message = Kept("require [\"foreverypart\", \"mime\", \"replace\"]; foreverypart { if header :mime :type \"content-type\" \"text\" { replace \"Grüße\"; } }");
        Assert.Equal(["Grüße", "Hello again", "Grüße"], Texts(message));
    }

    [Fact]
    public void A_replaced_multipart_has_no_parts_any_more_and_the_next_loop_sees_the_new_structure()
    {
        var script = """
            require ["foreverypart", "mime", "replace", "variables", "extracttext"];
            set "n" "";
            foreverypart { if header :mime :is "x-test" "BB" { replace "inner"; } else { set "n" "${n}1"; } }
            foreverypart { set "n" "${n}2"; extracttext :first 9 "t"; set "n" "${n}${t}"; }
            """;
        Assert.Equal(["inner", "Bye"], Texts(Kept(script)));
        // The whole message, and the part EE; then the whole message and its two parts.
        Assert.Equal("1122inner2Bye", SieveBed.Value(script[script.IndexOf(';', StringComparison.Ordinal)..][1..], "foreverypart mime replace extracttext", Nested, "n"));
    }

    [Fact]
    public void Outside_of_a_loop_the_whole_message_is_replaced_and_keeps_its_other_fields()
    {
        var message = Kept("require \"replace\"; replace :subject \"Neu: Grüße\" :from \"Filter <filter@example.org>\" text:\nNothing to see.\n.\n;");
        Assert.Equal(("Neu: Grüße", "filter@example.org"), (message.Subject, message.From.Mailboxes.Single().Address));
        Assert.Equal(("Old subject", "Hendrik <hendrik@example.com>"), (message.Headers["Original-Subject"], message.Headers["Original-From"]));
        Assert.Equal(("<old@example.com>", "harrie@example.com", "<hendrik@example.com>"), ("<" + message.MessageId + ">", message.To.Mailboxes.Single().Address, message.Headers["Return-Path"]));
        Assert.Equal("Nothing to see.", Assert.Single(Texts(message)).TrimEnd());
    }

    [Fact]
    public void A_replacement_can_be_a_MIME_entity()
    {
        var message = Kept("require \"replace\"; replace :mime text:\nContent-Type: text/html; charset=utf-8\nFrom: forged@example.net\n\n<b>new</b>\n.\n;");
        Assert.Equal("text/html", message.Body!.ContentType.MimeType);
        Assert.Equal("hendrik@example.com", message.From.Mailboxes.Single().Address);
        Assert.StartsWith("error: the new content is no MIME entity", SieveBed.Do("require \"replace\"; replace :mime \"no header\";", Nested), StringComparison.Ordinal);
        Assert.StartsWith("error: 'nobody' is not an email address", SieveBed.Do("require \"replace\"; replace :from \"nobody\" \"x\";", Nested), StringComparison.Ordinal);
    }

    [Fact]
    public void Actions_before_a_change_have_the_message_as_it_was()
    {
        var actions = SieveBed.Run("require [\"replace\", \"fileinto\"]; fileinto \"a\"; fileinto \"b\"; replace \"x\"; fileinto \"a\"; redirect \"c@example.org\"; keep;", Nested).Actions;
        Assert.Equal([false, false, true, true, true], actions.Select(static a => a.Body is not null));
        Assert.Equal(["x"], Texts(Compose(actions[3], Nested)));
    }

    [Fact]
    public void Tests_after_a_change_see_the_new_message()
    {
        Assert.Equal("discard", SieveBed.Do("require [\"replace\", \"body\"]; replace \"secret\"; if allof (body :contains \"secret\", not body :contains \"Hello\", size :under 600) { discard; }", Nested));
        Assert.Equal("discard", SieveBed.Do("require [\"replace\", \"editheader\"]; replace \"x\"; addheader \"X-New\" \"1\"; if allof (exists \"x-new\", header :is \"subject\" \"old subject\") { discard; }", Nested));
    }

    [Fact]
    public void An_enclosed_message_is_an_attachment_of_the_new_one()
    {
        var message = Kept("require \"enclose\"; enclose :subject \"Vorsicht: Grüße\" :headers [\"To\", \"Received\"] \"Be careful with this message.\";");
        Assert.Equal(("Vorsicht: Grüße", "ben@example.org", "harrie@example.com"), (message.Subject, message.From.Mailboxes.Single().Address, message.To.Mailboxes.Single().Address));
        Assert.Equal("<hendrik@example.com>", message.Headers["Return-Path"]);
        Assert.Equal(new DateTimeOffset(2008, 4, 1, 12, 0, 0, TimeSpan.Zero), message.Date);
        Assert.NotEqual("old@example.com", message.MessageId);
        var parts = (Multipart)message.Body!;
        Assert.Equal(2, parts.Count);
        Assert.Equal("Be careful with this message.", ((TextPart)parts[0]).Text);
        var inner = ((MessagePart)parts[1]).Message!;
        Assert.Equal(("Old subject", "old@example.com"), (inner.Subject, inner.MessageId));
        Assert.Equal(["Hello", "Hello again", "Bye"], Texts(inner));
        Assert.Null(inner.Headers["Return-Path"]);
    }

    [Fact]
    public void Without_a_subject_the_one_of_the_message_is_used_and_fields_that_are_copied_are_not_made()
    {
        var message = Kept("require \"enclose\"; enclose :headers [\"From\", \"Date\", \"Content-Type\"] \"x\";");
        Assert.Equal(("Old subject", "hendrik@example.com", 2010), (message.Subject, message.From.Mailboxes.Single().Address, message.Date.Year));
        Assert.Equal("multipart/mixed", message.Body!.ContentType.MimeType);
    }

    [Fact]
    public void Redirect_is_not_affected_by_an_enclosure_but_by_a_replacement()
    {
        var actions = SieveBed.Run("require [\"enclose\", \"replace\"]; replace \"new\"; enclose \"outer\"; redirect \"c@example.org\"; keep;", Nested).Actions;
        Assert.Equal(["new"], Texts(Compose(actions[0], Nested)));
        Assert.Equal(["outer", "new"], Texts(Compose(actions[1], Nested)));
    }

    [Fact]
    public void A_message_is_enclosed_as_often_as_the_script_says_up_to_a_bound()
    {
        Assert.Equal(["two", "one", "Hello", "Hello again", "Bye"], Texts(Kept("require \"enclose\"; enclose \"one\"; enclose \"two\";")));
        Assert.StartsWith("error: the message is enclosed more than 10 times", SieveBed.Do("require \"enclose\"; " + string.Concat(Enumerable.Repeat("enclose \"x\"; ", 11)), Nested), StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_of_a_message_that_was_enclosed_meanwhile_are_left_alone()
    {
        var outcome = SieveBed.Run("require [\"enclose\", \"replace\", \"foreverypart\", \"mime\"]; foreverypart { if header :mime :is \"x-test\" \"CC\" { enclose \"outer\"; } if header :mime :is \"x-test\" \"EE\" { replace \"late\"; } }", Nested);
        Assert.Null(outcome.Error);
        Assert.Contains("a part is not replaced", Assert.Single(outcome.Remarks), StringComparison.Ordinal);
        Assert.Equal(["outer", "Hello", "Hello again", "Bye"], Texts(Compose(outcome.Actions[^1], Nested)));
    }

    [Fact]
    public void The_boundary_cannot_be_known_before()
    {
        var first = Encoding.UTF8.GetString(Octets(SieveBed.Run("require \"enclose\"; enclose \"x\";", Nested).Actions[^1], Nested));
        var second = Encoding.UTF8.GetString(Octets(SieveBed.Run("require \"enclose\"; enclose \"x\";", "Received: by here; unpredictable\r\n" + Nested).Actions[^1], Nested));
        static string Boundary(string text) => text[text.IndexOf("=_enclosed_", StringComparison.Ordinal)..].Split('"')[0];
        Assert.NotEqual(Boundary(first), Boundary(second));
        Assert.Equal(first, Encoding.UTF8.GetString(Octets(SieveBed.Run("require \"enclose\"; enclose \"x\";", Nested).Actions[^1], Nested)));
    }

    [Fact]
    public void An_error_later_keeps_the_message_as_it_was()
    {
        var outcome = SieveBed.Run("require [\"replace\", \"include\"]; replace \"x\"; include \"missing\";", Nested);
        Assert.NotNull(outcome.Error);
        Assert.Null(Assert.Single(outcome.Actions).Body);
    }

    [Fact]
    public void The_cost_of_many_replacements_is_bounded()
    {
        var parts = string.Concat(Enumerable.Range(0, 900).Select(static i => $"--AA\n\npart {i}\n"));
        var text = new string('x', 20_000);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        SieveBed.Run($"require [\"foreverypart\", \"replace\"]; foreverypart {{ foreverypart {{ replace \"{text}\"; }} }}", "Content-Type: multipart/mixed; boundary=AA\n\n" + parts + "--AA--\n");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    private static MimeMessage Kept(string script)
    {
        var outcome = SieveBed.Run(script, Nested);
        Assert.Null(outcome.Error);
        Assert.DoesNotContain("\n", Encoding.UTF8.GetString(Octets(outcome.Actions[^1], Nested)).Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        return Compose(Assert.IsType<SieveKeep>(outcome.Actions[^1]), Nested);
    }

    private static MimeMessage Compose(SieveAction action, string message) => MimeMessage.Load(new MemoryStream(Octets(action, message)));

    private static byte[] Octets(SieveAction action, string message)
    {
        var delivered = Encoding.UTF8.GetBytes(message.ReplaceLineEndings("\r\n"));
        var body = delivered.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        System.Buffers.BuffersExtensions.Write(output, action.Header is { } header ? AutomaticMail.Header(header) : delivered.AsSpan(0, body));
        ChangedBody.Write(output, new InMemoryContent(delivered), action.Body, body);
        return output.WrittenSpan.ToArray();
    }

    private static string[] Texts(MimeMessage message) => [.. message.BodyParts.SelectMany(TextsOf)];

    private static IEnumerable<string> TextsOf(MimeEntity entity) => entity switch
    {
        MessagePart { Message: { } inner } => Texts(inner),
        TextPart text => [text.Text],
        MimePart { Content: { } content } => [new StreamReader(content.Open()).ReadToEnd()],
        _ => [],
    };
}
