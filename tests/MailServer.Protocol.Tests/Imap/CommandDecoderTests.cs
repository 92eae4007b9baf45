using System.Buffers;
using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Commands;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;
using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.Protocol.Tests.Imap;

public class CommandDecoderTests
{
    private static readonly Gen<string> Words = Gen.OneOfConst(
        "a ", "b2 ", "NOOP", "LOGIN ", "UID ", "FETCH ", "SEARCH ", "APPEND ", "STORE ", "LIST ", "SELECT ", "COPY ", "STATUS ", "ID ", "IDLE", "DONE", "1:*", "*:3,4", "(", ")", "((((",
        "\"", "\\", "{3}", "{3+}", "{99999999999999999999}", "{400000+}", "{0}", "\r\n", "\r\n", "\n", " ", "INBOX ", "BODY[", "]", "<0.5>", "1.2.", "HEADER.FIELDS", "NOT ", "OR ", "ALL", "FLAGS ",
        "\\Seen ", "&-", "&AOk-", "%", "1-Feb-2026 ", "SINCE ", "CHARSET UTF-8 ", "\0", "é", "+", "-", "AUTHENTICATE PLAIN", "LOGOUT",
        "RETURN (", "SAVE ", "$ ", "$", "PARTIAL ", "-1:-2", "1:3 ", "COUNT ", "MIN", "OLDER 5 ", ") ",
        "SORT ", "(SUBJECT REVERSE DATE) ", "REVERSE ", "UTF-8 ", "THREAD ", "REFERENCES ", "ORDEREDSUBJECT ",
        "SUBSCRIBED ", "RECURSIVEMATCH", "STATUS (", "MESSAGES ", "SIZE", "CREATE ", "(USE (", "COMPRESS DEFLATE", "\\Drafts",
        "REPLACE ", "1 ", "EMAILID ", "M1 ", "THREADID ", "SAVEDON ", "SAVEDATE ", "PREVIEW ", "PREVIEW (LAZY)", "BINARY.SIZE[", "BINARY.PEEK[", "BINARY[1]", "~{3+}", "UTF8 (~{3+}", "a:b", "MAILBOXID ",
        "NOTIFY ", "SET ", "NONE", "(PERSONAL ", "(SELECTED ", "(SELECTED-DELAYED ", "(SUBTREE ", "(MAILBOXES ", "(MESSAGENEW ", "(UID) ", "MESSAGEEXPUNGE ", "FLAGCHANGE)", "(MAILBOXNAME SUBSCRIPTIONCHANGE)",
        "GETMETADATA ", "SETMETADATA ", "(MAXSIZE 3) ", "(DEPTH INFINITY) ", "/private/comment ", "(/private/comment ", "/shared", "\"\" ", "NIL)", "~{3+}\r\na\0b)", "METADATA (", "UNAUTHENTICATE\r\n", "CANCELUPDATE ", "\"a\" ", "UPDATE ", "UPDATE (FLAGS)", "CONTEXT ", "CATENATE (", "URL ", "TEXT {3+}", "TEXT ~{3}", "/INBOX/;UID=1", "/INBOX;UIDVALIDITY=101/;UID=1/;SECTION=TEXT", "/;PARTIAL=0.3", "URL {13+}\r\n/INBOX/;UID=1", "GENURLAUTH ", "RESETKEY ", "URLFETCH ", "BODYPARTSTRUCTURE BINARY)", "INTERNAL ",
        "imap://alice%40example.org@mail.example.org/INBOX/;UID=1", ";EXPIRE=2099-01-01T00:00:00Z", ";URLAUTH=", "authuser ", "user+alice%40example.org", ":internal:", "0123456789abcdef0123456789abcdef ", "a LOGIN alice@example.org secret\r\n");

    private static readonly Gen<byte[]> Inputs = Gen.OneOf(
        Words.Array[1, 40].Select(words => Encoding.UTF8.GetBytes(string.Concat(words))),
        Gen.Byte.Array[0, 200]);

    [Fact]
    public void Every_command_occurs_in_a_transcript()
    {
        var spoken = TranscriptFile.NamesIn("imap").SelectMany(n => TranscriptFile.Open("imap", n).Steps).OfType<TranscriptStep.Send>()
            .Select(s => Encoding.Latin1.GetString(s.Octets).ToUpperInvariant()).ToList();
        foreach (var command in ImapCommandTable.All)
            Assert.Contains(spoken, line => line.Contains($" {command.Name} ", StringComparison.Ordinal) || line.Contains($" {command.Name}\r\n", StringComparison.Ordinal));
    }

    [Fact]
    public void Random_octets_never_throw_and_are_buffered_only_within_limits() => Inputs.Array[1, 20].Sample(inputs =>
    {
        // UNAUTHENTICATE leads back to the limits of a client that has not signed in.
        var limits = Limits.Default with { ImapCommandLine = 300, ImapCommandLiterals = 300, ImapSignInLine = 300, ImapSignInLiterals = 300, MaxErrors = 1_000 };
        using var driver = ImapDriver.SignedIn(limits);
        driver.Mailbox.Deliver("INBOX", "a: b\r\n\r\ntext"u8.ToArray(), MessageFlags.None);
        driver.Send("s SELECT INBOX\r\n");
        foreach (var input in inputs)
        {
            driver.Send(input);
            Assert.InRange(driver.UnreadLength, 0, 900);
        }
    }, iter: 3_000);

    [Fact]
    public void Fragmented_commands_get_the_same_answers() => Gen.Select(Inputs, Gen.Int[1, 7]).Sample((input, size) =>
    {
        Assert.Equal(Answers(input, int.MaxValue), Answers(input, size));
    }, iter: 2_000);

    [Fact]
    public void Responses_are_7_bit() => Inputs.Sample(input => Assert.DoesNotContain(Answers(input, 50), c => c > 126), iter: 2_000);

    [Fact]
    public void Responses_after_enable_are_utf8() => Inputs.Sample(input =>
    {
        using var driver = ImapDriver.SignedIn();
        driver.Say("e ENABLE IMAP4rev2 UTF8=ACCEPT\r\n");
        driver.Mailbox.Create(FolderName.Parse("Käse"));
        driver.Mailbox.Deliver("INBOX", "a: b\r\n\r\ntext"u8.ToArray(), MessageFlags.None);
        driver.Say("s LIST \"\" *\r\n");
        foreach (var piece in input.Chunk(50)) driver.Send(piece);
        Assert.True(System.Text.Unicode.Utf8.IsValid(Encoding.Latin1.GetBytes(driver.TakeOutput())));
    }, iter: 2_000);

    [Fact]
    public void A_sequence_set_is_parsed()
    {
        var number = Gen.Frequency((1, Gen.Const(SequenceSet.Star)), (9, Gen.UInt[1, uint.MaxValue]));
        Gen.Select(number, number).Array[1, 20].Sample(ranges =>
        {
            var set = new SequenceSet([.. ranges]);
            var reader = new ImapReader(Encoding.ASCII.GetBytes(set.ToString()), 0);
            Assert.True(reader.ReadSequenceSet(out var read) && reader.AtEnd);
            Assert.Equal(set.Ranges, read.Ranges);
        });
    }

    [Fact]
    public void Strings_are_parsed() => Gen.Char[' ', '~'].Array[0, 40].Select(c => new string(c)).Sample(text =>
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ImapWriter(output);
        writer.AString(text);
        writer.Write((byte)' ');
        writer.Literal(Encoding.ASCII.GetBytes(text));
        writer.Commit();
        var reader = new ImapReader(output.WrittenSpan, 0);
        Assert.True(reader.ReadAString(out var value));
        Assert.Equal(text, Encoding.ASCII.GetString(value));
        Assert.True(reader.ReadSpace() && reader.ReadAString(out value) && reader.AtEnd);
        Assert.Equal(text, Encoding.ASCII.GetString(value));
    });

    [Fact]
    public void Flags_are_parsed() =>
        Gen.Select(Gen.Int[0, 31], Gen.OneOfConst("$Junk", "work", "$Forwarded", "a'b").Array[0, 4]).Sample((system, keywords) =>
        {
            var flags = new MessageFlags((SystemFlags)system, KeywordSet.Of(keywords));
            var output = new ArrayBufferWriter<byte>();
            var writer = new ImapWriter(output);
            ImapFlags.Write(ref writer, flags, recent: false);
            writer.Commit();
            var reader = new ImapReader(output.WrittenSpan, 0);
            Assert.True(ImapFlags.ReadFlagList(ref reader, out var read) && reader.AtEnd);
            Assert.Equal(flags, read);
        });

    [Fact]
    public void Dates_are_parsed() =>
        Gen.Select(Gen.DateTime[new DateTime(1, 1, 3), new DateTime(9999, 12, 29)], Gen.Int[-14 * 60, 14 * 60]).Sample((time, minutes) =>
        {
            var written = new DateTimeOffset(time.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.FromMinutes(minutes));
            var output = new ArrayBufferWriter<byte>();
            var writer = new ImapWriter(output);
            writer.DateTime(written);
            writer.Commit();
            var reader = new ImapReader(output.WrittenSpan, 0);
            Assert.True(ImapDates.ReadDateTime(ref reader, out var read) && reader.AtEnd);
            Assert.True(written.EqualsExact(read));
        });

    [Theory]
    [InlineData("\"31-Apr-2026 00:00:00 +0000\"")]
    [InlineData("\" 1-Foo-2026 00:00:00 +0000\"")]
    [InlineData("\" 1-Feb-2026 24:00:00 +0000\"")]
    [InlineData("\" 1-Feb-2026 00:00:00 +1500\"")]
    [InlineData("\" 1-Jan-0001 00:00:00 +0100\"")]
    [InlineData("\"31-Dec-9999 23:00:00 -0200\"")]
    [InlineData("\" 1-Feb-2026 00:00:00\"")]
    public void An_impossible_date_is_refused(string text)
    {
        var reader = new ImapReader(Encoding.ASCII.GetBytes(text), 0);
        Assert.False(ImapDates.ReadDateTime(ref reader, out _));
    }

    [Fact]
    public void The_text_of_a_command_never_contains_the_password()
    {
        var decoder = new ImapDecoder(Limits.Default, Protocol.Observation.NullSessionObserver.Instance);
        var input = new ReadOnlySequence<byte>("a LOGIN alice geheim\r\n"u8.ToArray());
        Assert.DoesNotContain("geheim", decoder.Read(ref input).Command!.ToString(), StringComparison.Ordinal);
    }

    private static string Answers(byte[] input, int pieceSize)
    {
        var limits = Limits.Default with { ImapCommandLine = 300, ImapCommandLiterals = 300, MaxErrors = 1_000 };
        using var driver = ImapDriver.SignedIn(limits);
        driver.Mailbox.Deliver("INBOX", "a: b\r\n\r\ntext"u8.ToArray(), MessageFlags.None);
        driver.Say("s SELECT INBOX\r\n");
        foreach (var piece in input.Chunk(pieceSize)) driver.Send(piece);
        // What follows is compressed, so these octets mean nothing.
        var answers = driver.TakeOutput();
        return answers.IndexOf("OK DEFLATE active", StringComparison.Ordinal) is >= 0 and var end ? answers[..end] : answers;
    }
}
