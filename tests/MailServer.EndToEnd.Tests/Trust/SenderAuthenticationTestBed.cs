using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Queue;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests.Dns;

namespace MailServer.EndToEnd.Tests.Trust;

/// <summary>A server that authenticates incoming mail and delivers to <see cref="RemoteMailHosts"/>, with helpers to talk to it.</summary>
internal static partial class SenderAuthenticationTestBed
{
    public static ServerSettings Checking(this RemoteMailHosts world, params string[] security) => new()
    {
        RequireTls = false,
        DnsServer = world.Dns.EndPoint,
        Security = security,
        Extra = string.Create(CultureInfo.InvariantCulture, $"""
            delivery:
              private_hosts: true
              smtp_port: {world.Port}
              connect_timeout: 3s
              command_timeout: 5s
            queue:
              retry_first: 1s
              retry_longest: 2s
            """),
    };

    /// <summary>Returns the reply to the content, or the first failure.</summary>
    public static async Task<string> ReceiveAsync(this ServerProcess server, string sender, string recipient, string message)
    {
        await using var wire = await WireClient.ConnectAsync(server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.test");
        return await wire.TransactionAsync(sender, [recipient], message);
    }

    /// <summary>Publishes the record printed by <c>dkim</c>.</summary>
    public static void Publish(this RemoteMailHosts world, string printed) => Publish(world.Dns, printed);

    public static void Publish(FakeDnsServer dns, string printed)
    {
        foreach (var line in printed.Split('\n').Where(l => l.Contains(" IN TXT ", StringComparison.Ordinal)))
            dns.Text(line[..line.IndexOf(". IN", StringComparison.Ordinal)], [.. QuotedString().Matches(line).Select(m => m.Groups["text"].Value)]);
    }

    public static async Task<SunkMessage> TakenAsync(this SmtpReceiver receiver, int count = 1)
    {
        await Eventually.BecomesTrueAsync(() => receiver.Messages.Count >= count, "the other host gets the message");
        return receiver.Messages.Last();
    }

    /// <summary>The result of dkimpy for a message, with the same zone as the server: <c>dkim.verify</c> of each signature, or the state of the ARC chain.</summary>
    public static async Task<string> DkimpyAsync(this RemoteMailHosts world, string content, string expression)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, content, Encoding.Latin1);
            const string Script = """
                import sys, socket, struct, dkim
                host, port = sys.argv[2].split(':')
                def txt(name, timeout=5):
                    name = name.decode() if isinstance(name, bytes) else name
                    q = struct.pack('>6H', 7, 256, 1, 0, 0, 0) + b''.join(bytes([len(l)]) + l.encode() for l in name.rstrip('.').split('.')) + b'\0' + struct.pack('>2H', 16, 1)
                    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5); s.sendto(q, (host, int(port))); a = s.recv(65535)
                    if struct.unpack('>H', a[6:8])[0] == 0: return None
                    at = len(q)
                    while a[at]: at += a[at] + 1
                    n = struct.unpack('>H', a[at + 9:at + 11])[0]; d = a[at + 11:at + 11 + n]; out = b''
                    while d: out += d[1:1 + d[0]]; d = d[1 + d[0]:]
                    return out
                m = open(sys.argv[1], 'rb').read()
                print(eval(sys.argv[3]))
                """;
            return (await ProgramRun.StartAsync("/usr/bin/python3", ["-c", Script, file, world.Dns.EndPoint.ToString(), expression])).Succeeded().Output.Trim();
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex("\"(?<text>[^\"]*)\"", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex QuotedString();
}
