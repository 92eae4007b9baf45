using System.Globalization;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Faults;

/// <summary>Messages with unique subjects, and the messages of an account by subject.</summary>
public static partial class MarkedMail
{
    public static string Text(string user, string marker) => TestMail.Text(user, marker, $"body of {marker}\r\n");

    /// <summary>The marker and UID of every message in INBOX, by UID.</summary>
    public static async Task<IReadOnlyList<(string Marker, uint Uid)>> ReadAsync(ServerProcess server, string user)
    {
        await using var wire = await LoginAsync(server, user);
        await wire.ImapAsync("SELECT INBOX");
        var found = new List<(string, uint)>();
        string? marker = null;
        uint? uid = null;
        foreach (var line in await wire.ImapAsync("UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])"))
        {
            if (line.StartsWith("* ", StringComparison.Ordinal))
            {
                (marker, uid) = (null, null);
            }

            if (line.StartsWith("Subject: ", StringComparison.Ordinal))
            {
                marker = line["Subject: ".Length..];
            }
            else if (UidItem().Match(line) is { Success: true } match)
            {
                uid = uint.Parse(match.Groups["uid"].ValueSpan, CultureInfo.InvariantCulture);
            }

            if (marker is not null && uid is not null)
            {
                found.Add((marker, uid.Value));
                (marker, uid) = (null, null);
            }
        }

        return found;
    }

    /// <summary>Signs in on the plain IMAP port (the server does not require TLS).</summary>
    public static async Task<WireClient> LoginAsync(ServerProcess server, string user)
    {
        var wire = await WireClient.ConnectAsync(server.Ports.Imap);
        await wire.ReadLineAsync();
        Assert.Contains(" OK ", (await wire.ImapAsync($"LOGIN {user} \"{ServerProcess.Password}\""))[^1], StringComparison.Ordinal);
        return wire;
    }

    [GeneratedRegex(@"\bUID (?<uid>\d+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex UidItem();
}
