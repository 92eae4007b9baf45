using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.Faults;

/// <summary>Whatever arrives on a port, the server answers or closes the connection, stays up, and releases its memory.</summary>
public sealed class MalformedInputTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const long MegabytesAbove = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private ServerProcess? _started;
    private string _user = "";

    private ServerProcess Server => _started ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _started = await ServerProcess.StartNewAsync(new ServerSettings { RequireTls = false });
        _user = await Server.AddUserAsync();
    }

    public async Task DisposeAsync()
    {
        if (_started is not null)
        {
            await _started.DisposeAsync();
        }
    }

    [Fact]
    public async Task Random_octets_on_every_port_are_answered_or_closed()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed.ToString(CultureInfo.InvariantCulture)}");
        var random = new Random(seed);
        foreach (var port in Server.Ports.Mail)
        {
            for (var i = 0; i < 10; i++)
            {
                var octets = new byte[random.Next(1, 32 * 1024)];
                random.NextBytes(octets);
                await SayAndLeaveAsync(port, tls: false, octets);
            }
        }

        foreach (var port in new[] { Server.Ports.Submissions, Server.Ports.Imaps })
        {
            var octets = new byte[8 * 1024];
            random.NextBytes(octets);
            await SayAndLeaveAsync(port, tls: true, octets);
        }

        await AssertStillWorksAsync();
    }

    [Fact]
    public async Task Partial_commands_and_early_disconnects_leave_no_trace()
    {
        string[] imap = ["a", "a LOGIN", "a LOGIN {5", "a LOGIN {5}\r\nab", "a APPEND INBOX {1000000}\r\n", "a AUTHENTICATE PLAIN\r\n", "a IDLE\r\n", "a STARTTLS\r\n\x16\x03\x01"];
        string[] smtp = ["E", "EHLO x\r\nMAIL FROM:<", "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<" + _user + ">\r\nDATA\r\nSubject: half\r\n", "BDAT 1000000\r\nabc", "STARTTLS\r\n\x16\x03\x01", "AUTH PLAIN\r\n"];
        for (var i = 0; i < 3; i++)
        {
            foreach (var half in imap)
            {
                await ResetAfterAsync(Server.Ports.Imap, half);
                await ResetAfterAsync(Server.Ports.Imaps, half);
            }

            foreach (var half in smtp)
            {
                await ResetAfterAsync(Server.Ports.Smtp, half);
                await ResetAfterAsync(Server.Ports.Submission, half);
                await ResetAfterAsync(Server.Ports.Submissions, half);
            }
        }

        await AssertStillWorksAsync();
        Assert.Empty(Server.FilesWith("Subject: half"));
    }

    [Theory]
    [InlineData("a LOGIN {5")]
    [InlineData("EHLO x\r\nMAIL FROM:<")]
    [InlineData("EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<postmaster>\r\nDATA\r\nSubject: half")]
    public async Task A_partial_command_followed_by_an_orderly_close_ends_the_session(string half)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", half[0] == 'a' ? Server.Ports.Imap : Server.Ports.Smtp);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(half));
        client.Client.Shutdown(SocketShutdown.Send);
        using var deadline = new CancellationTokenSource(Patience);
        using var answers = new StreamReader(stream);
        Assert.NotEmpty(await answers.ReadToEndAsync(deadline.Token));
    }

    [Theory]
    [InlineData("a LOGIN {999999999999999999999}\r\n")]
    [InlineData("a LOGIN {4294967296}\r\n")]
    [InlineData("a LOGIN {-1}\r\n")]
    [InlineData("a LOGIN {2000000000}\r\n")]
    [InlineData("a NO-SUCH-COMMAND\r\n")]
    [InlineData("a LOGIN \"unterminated\r\n")]
    [InlineData("\r\n")]
    [InlineData("*\r\n")]
    public async Task A_malformed_IMAP_command_is_answered_with_an_error(string command)
    {
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Imap);
        await wire.ReadLineAsync();
        await wire.SendAsync(command);
        var answer = await wire.ReadLineAsync();
        Assert.True(answer is null || answer.Contains(" BAD ", StringComparison.Ordinal) || answer.Contains(" NO ", StringComparison.Ordinal) || answer.Contains("BYE", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task Deeply_nested_parentheses_are_refused_without_a_stack_overflow()
    {
        await using var wire = await MarkedMail.LoginAsync(Server, _user);
        await wire.ImapAsync("SELECT INBOX");
        foreach (var depth in new[] { 40, 1_000, 30_000 })
        {
            var nested = new string('(', depth) + "ALL" + new string(')', depth);
            Assert.Contains(" BAD ", (await wire.ImapAsync("SEARCH " + nested))[^1], StringComparison.Ordinal);
            Assert.Contains(" BAD ", (await wire.ImapAsync("FETCH 1 " + nested))[^1], StringComparison.Ordinal);
        }

        Assert.Contains(" OK ", (await wire.ImapAsync("SEARCH ((((ALL))))"))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_of_deeply_nested_parts_is_accepted_and_described()
    {
        var body = new StringBuilder("X: 1\r\n");
        for (var depth = 0; depth < 500; depth++)
        {
            body.Append(CultureInfo.InvariantCulture, $"Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n");
        }

        var letter = $"From: a@b.example\r\nTo: {_user}\r\nSubject: nested\r\nMIME-Version: 1.0\r\n{body}\r\n";
        await Server.DeliverAsync(letter, _user);
        await using var wire = await MarkedMail.LoginAsync(Server, _user);
        await wire.ImapAsync("SELECT INBOX");
        Assert.Contains(" OK ", (await wire.ImapAsync("FETCH 1 (BODYSTRUCTURE ENVELOPE)"))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_is_released_after_floods()
    {
        for (var i = 0; i < 20; i++)
        {
            await Server.DeliverAsync(TestMail.Text(_user, "ballast", new string('b', 900) + "\r\n" + string.Concat(Enumerable.Repeat("0123456789abcdef\r\n", 30_000))), _user);
        }

        await FloodAsync();
        var warm = Server.ProportionalMemory();
        long peak = 0;
        for (var round = 0; round < 3; round++)
        {
            await FloodAsync();
            peak = Math.Max(peak, Server.ProportionalMemory());
        }

        output.WriteLine($"PSS: {warm} KiB after the first flood, at most {peak} KiB between the next three");
        await Eventually.BecomesTrueAsync(() => Server.ProportionalMemory() < warm + (MegabytesAbove * 1024), $"memory comes back to {warm} KiB", TimeSpan.FromSeconds(30));
        await AssertStillWorksAsync();
    }

    [Fact]
    public async Task Too_many_errors_end_the_connection()
    {
        await using var imap = await WireClient.ConnectAsync(Server.Ports.Imap);
        await using var smtp = await WireClient.ConnectAsync(Server.Ports.Smtp);
        await Task.WhenAll(
            IgnoringClose(imap.SendAsync(string.Concat(Enumerable.Repeat("a NO-SUCH\r\n", 200)))),
            IgnoringClose(smtp.SendAsync(string.Concat(Enumerable.Repeat("NOSUCH\r\n", 200)))));
        Assert.Contains("BYE", await imap.ReadToEndAsync(Patience), StringComparison.Ordinal);
        Assert.Contains("421", await smtp.ReadToEndAsync(Patience), StringComparison.Ordinal);
    }

    /// <summary>Long lines, huge literals, huge data, and readers that never read; each bounded in time.</summary>
    private async Task FloodAsync()
    {
        var block = Encoding.ASCII.GetBytes(new string('x', 64 * 1024));
        await Task.WhenAll(
            PourAsync(Server.Ports.Imap, "", block, 128),
            PourAsync(Server.Ports.Smtp, "", block, 128),
            PourAsync(Server.Ports.Submission, "EHLO ", block, 128),
            PourAsync(Server.Ports.Imap, "a LOGIN {16777216+}\r\n", block, 256),
            PourAsync(Server.Ports.Smtp, $"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<{_user}>\r\nDATA\r\n", block, 512),
            PourAsync(Server.Ports.Smtp, "BDAT 33554432\r\n", block, 512));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => NeverReadAsync()));
    }

    private static async Task PourAsync(int port, string opening, byte[] block, int blocks)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var wire = await WireClient.ConnectAsync(port);
        try
        {
            await wire.SendAsync(opening, deadline.Token);
            for (var i = 0; i < blocks; i++)
            {
                await wire.SendAsync(block, deadline.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Closed or no longer read: both are valid reactions to a flood.
        }

        wire.Reset();
    }

    private async Task NeverReadAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        var wire = await MarkedMail.LoginAsync(Server, _user);
        await wire.ImapAsync("SELECT INBOX");
        try
        {
            for (var i = 0; i < 200; i++)
            {
                await wire.SendAsync("a FETCH 1:* (BODY.PEEK[])\r\n", deadline.Token);
            }

            await Task.Delay(500, deadline.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The server stopped reading from a client that does not read, as it should.
        }

        wire.Reset();
    }

    private static async Task SayAndLeaveAsync(int port, bool tls, byte[] octets)
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            await using var wire = await WireClient.ConnectAsync(port, tls);
            await wire.SendAsync(octets, deadline.Token);
            await wire.SendAsync("\r\nQUIT\r\nz LOGOUT\r\n", deadline.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException)
        {
            // Closed by the server.
        }
    }

    private static async Task ResetAfterAsync(int port, string said)
    {
        var wire = await WireClient.ConnectAsync(port);
        await IgnoringClose(wire.SendAsync(said));
        wire.Reset();
    }

    private static async Task IgnoringClose(Task sending)
    {
        try
        {
            await sending;
        }
        catch (IOException)
        {
            // The server had already closed the connection.
        }
    }

    private async Task AssertStillWorksAsync()
    {
        await Server.AssertServesAsync();
        var subject = TestMail.NewSubject();
        await Server.DeliverAsync(TestMail.Text(_user, subject), _user);
        Assert.Contains(await MarkedMail.ReadAsync(Server, _user), m => m.Marker == subject);
    }
}
