using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.ManageSieve.Commands;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.Protocol.Tests.ManageSieve;

/// <summary>Every command and capability has a transcript; any input ends well.</summary>
public sealed class ManageSieveSessionTests
{
    private const int Huge = 100_000_000;

    public static TheoryData<string> Commands => [.. CommandTable.All.Select(static c => c.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_has_a_transcript(string command) =>
        Assert.Contains(TranscriptFile.NamesIn("managesieve"), name => Text(name).Contains(command, StringComparison.OrdinalIgnoreCase));

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_works_in_any_case_and_says_how_it_is_written(string command)
    {
        using var driver = ManageSieveDriver.SignedIn();
        Assert.StartsWith($"NO \"Usage: {command}", driver.Say(command.ToLowerInvariant() + " 1 2 3\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_about_scripts_needs_an_account(string command)
    {
        var found = CommandTable.All.Single(c => c.Name == command);
        using var driver = new ManageSieveDriver(ManageSieveDriver.Options());
        var line = command + string.Concat(found.Parameters.Select(static p => p == ParameterKind.Number ? " 1" : " \"x\"")) + "\r\n";
        var said = driver.Say(line);
        Assert.Equal(found.NeedsAccount, said == "NO \"Sign in first\"\r\n");
        Assert.Equal(found.NeedsAccount, command is not ("AUTHENTICATE" or "STARTTLS" or "LOGOUT" or "CAPABILITY" or "NOOP"));
        Assert.Empty(driver.Requests);
    }

    [Fact]
    public void The_capabilities_name_every_extension_and_every_one_is_in_a_transcript()
    {
        using var driver = ManageSieveDriver.SignedIn();
        var said = driver.Say("CAPABILITY\r\n");
        var extensions = said.Split('\n').Single(static l => l.StartsWith("\"SIEVE\" ", StringComparison.Ordinal)).Split('"')[3].Split(' ');
        Assert.Equal(SieveScript.Extensions, extensions);
        foreach (var name in CapabilityList.All) Assert.Contains(TranscriptFile.NamesIn("managesieve"), t => Text(t).Contains($"S: \"{name}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void SCRAM_ends_with_the_proof_of_the_server_in_OK()
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2("secret", salt, 4_096, HashAlgorithmName.SHA256, 32);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        var keys = new ScramKeys(salt, 4_096, SHA256.HashData(clientKey), serverKey);
        using var session = new ManageSieveSession(ManageSieveDriver.Options(requireTls: false));
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        session.Output = output;

        Advance(session, $"AUTHENTICATE \"SCRAM-SHA-256\" \"{Base64("n,,n=alice@example.org,r=abc")}\"\r\n");
        session.Answer(new AuthenticationReply.ScramKeysFound(keys, Imap.ImapDriver.Alice));
        Advance(session, "");
        var first = Encoding.ASCII.GetString(Convert.FromBase64String(Encoding.ASCII.GetString(output.WrittenSpan).Trim().Trim('"')));
        output.ResetWrittenCount();
        var bare = $"c=biws,{first[..first.IndexOf(',', StringComparison.Ordinal)]}";
        var signed = Encoding.ASCII.GetBytes($"n=alice@example.org,r=abc,{first},{bare}");
        var proof = HMACSHA256.HashData(SHA256.HashData(clientKey), signed).Zip(clientKey, static (a, b) => (byte)(a ^ b)).ToArray();

        Advance(session, $"\"{Base64($"{bare},p={Convert.ToBase64String(proof)}")}\"\r\n");
        session.Answer(new AuthenticationReply.Accepted(Imap.ImapDriver.Alice));
        Advance(session, "");
        var expected = Base64("v=" + Convert.ToBase64String(HMACSHA256.HashData(serverKey, signed)));
        Assert.Equal($"OK (SASL \"{expected}\")\r\n", Encoding.ASCII.GetString(output.WrittenSpan));
        Assert.NotNull(session.Account);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Before_sign_in_no_literal_is_kept_that_is_larger_than_a_response(string command)
    {
        foreach (var size in new[] { Limits.Default.ManageSieveSignIn + 1L, Huge, 9_999_999_999 })
        {
            using var driver = new ManageSieveDriver(ManageSieveDriver.Options());
            Assert.Equal("BYE \"Too much input\"\r\n", driver.Say(string.Create(CultureInfo.InvariantCulture, $"{command} {{{size}+}}\r\n")));
            Assert.True(driver.IsClosed);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("NOOP ")]
    [InlineData("NOOP \"")]
    [InlineData("NOOP {")]
    [InlineData("AUTHENTICATE \"PLAIN\"\r\n")]
    public void Before_sign_in_a_line_without_end_closes_the_connection(string beginning)
    {
        using var driver = new ManageSieveDriver(ManageSieveDriver.Options(requireTls: false));
        driver.Send(beginning);
        for (var i = 0; i < 100 && !driver.IsClosed; i++) driver.Send(new string('1', 1_000));
        Assert.True(driver.IsClosed);
        Assert.EndsWith("BYE \"Too much input\"\r\n", driver.TakeOutput(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_script_that_is_too_large_is_read_to_its_end_and_refused()
    {
        using var driver = ManageSieveDriver.SignedIn();
        var said = driver.Say($"PUTSCRIPT \"a\" {{{Limits.Default.ScriptSize + 10_000}+}}\r\n" + new string('#', Limits.Default.ScriptSize + 10_000) + "\r\nNOOP\r\n");
        Assert.Equal("NO (QUOTA/MAXSIZE) \"The script is too large\"\r\nOK \"NOOP completed\"\r\n", said);
        Assert.Empty(driver.Requests);
    }

    [Fact]
    public void A_long_quoted_string_is_as_good_as_a_literal()
    {
        using var driver = ManageSieveDriver.SignedIn();
        var script = $"# {new string('x', 20_000)} \\\"";
        Assert.Equal("OK \"Stored\"\r\n", driver.Say($"PUTSCRIPT \"a\" \"{script}\"\r\n"));
        Assert.Equal(20_004, driver.Scripts["a"].Length);
    }

    [Fact]
    public void A_script_with_errors_reaches_no_mailbox()
    {
        using var driver = ManageSieveDriver.SignedIn();
        driver.Say("PUTSCRIPT \"a\" \"if\"\r\nCHECKSCRIPT \"if\"\r\n");
        Assert.Empty(driver.Requests);
    }

    [Fact]
    public void Credentials_and_scripts_are_not_shown_to_who_watches()
    {
        var observer = new Watcher();
        using var driver = new ManageSieveDriver(ManageSieveDriver.Options(requireTls: false) with { Observer = observer });
        driver.SignIn();
        driver.Say("PUTSCRIPT \"name\" \"# hush\"\r\nCHECKSCRIPT {6+}\r\n# hush\r\nhush hush\r\nUNAUTHENTICATE\r\nAUTHENTICATE \"PLAIN\"\r\n\"aHVzaA==\"\r\nNOOP \"a\r\n");
        Assert.Equal(
            [
                "AUTHENTICATE PLAIN ***", "PUTSCRIPT \"name\" (script, 6 octets)", "CHECKSCRIPT (script, 6 octets)", "(not shown, 8 octets)", "UNAUTHENTICATE", "AUTHENTICATE PLAIN",
                "(not shown, 8 octets)", "(not shown, 4 octets)",
            ],
            observer.Lines);
    }

    [Fact]
    public void Any_octets_are_answered_the_same_in_any_pieces() =>
        Gen.Select(Gen.OneOf(Gen.Byte.Array[0, 200], Lines), Gen.Int[1, 7]).Sample(
            (octets, size) =>
            {
                using var whole = ManageSieveDriver.SignedIn();
                whole.Send(octets);
                using var pieces = ManageSieveDriver.SignedIn();
                foreach (var piece in octets.Chunk(size)) pieces.Send(piece);
                var (one, other) = (whole.TakeOutput(), pieces.TakeOutput());
                Assert.Equal(one, other);
                Assert.Equal(whole.IsClosed, pieces.IsClosed);
                Assert.Equal(0, pieces.UnreadLength);
            },
            iter: 3_000);

    [Fact]
    public void Any_name_and_script_come_back_as_they_were_sent() =>
        Gen.Select(Gen.String[Gen.Char, 1, 60].Where(StoredScript.IsName), Gen.String[Gen.Char, 0, 2_000]).Sample(
            (name, comment) =>
            {
                using var driver = ManageSieveDriver.SignedIn();
                var script = Encoding.UTF8.GetBytes("#" + comment.ReplaceLineEndings(" "));
                driver.Send($"PUTSCRIPT {Literal(Encoding.UTF8.GetBytes(name))} {Literal(script)}\r\n");
                Assert.Equal("OK \"Stored\"\r\n", driver.TakeOutput());
                Assert.Equal(script, driver.Scripts[name]);
                var said = driver.Say($"GETSCRIPT {Literal(Encoding.UTF8.GetBytes(name))}\r\n");
                Assert.Equal($"{{{script.Length}}}\r\n{Encoding.Latin1.GetString(script)}\r\nOK \"Sent\"\r\n", said);
            },
            iter: 500);

    private static Gen<byte[]> Lines { get; } = Gen.OneOfConst(
        "PUTSCRIPT ", "NOOP ", "SETACTIVE ", "GETSCRIPT ", "AUTHENTICATE ", "HAVESPACE ", "LOGOUT", "\"a\" ", "\"\\\"\" ", "{3+}\r\nabc ", "{0+}\r\n ", "12 ", "\r\n", "\r\n", "\"", "{", "}", "\\", "\n", "(", "keep; ",
        "UNAUTHENTICATE\r\n", "LISTSCRIPTS\r\n", "DELETESCRIPT ", "CHECKSCRIPT ", "RENAMESCRIPT ", "ü").Array[0, 30].Select(static words => Encoding.UTF8.GetBytes(string.Concat(words)));

    private static string Literal(byte[] octets) => $"{{{octets.Length}+}}\r\n{Encoding.UTF8.GetString(octets)}";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    private static string Text(string transcript) => File.ReadAllText(TranscriptFile.PathOf("managesieve", transcript));

    private static void Advance(ManageSieveSession session, string text)
    {
        var input = new System.Buffers.ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(text));
        session.Advance(ref input);
    }

    private sealed class Watcher : Protocol.Observation.ISessionObserver
    {
        public List<string> Lines { get; } = [];

        public bool IsWatched => true;

        public void CommandBegan(string name) { }

        public void CommandEnded(string name) { }

        public void LineReceived(string line) => Lines.Add(line);

        public void ClientIdentified(string name) { }
    }
}
