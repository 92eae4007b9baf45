using System.Text;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.MessageAuthentication;
using MailServer.Protocol.MessageAuthentication.Dkim;

namespace MailServer.Protocol.Tests.MessageAuthentication;

/// <summary>Public signed messages with their keys: all must verify.</summary>
public sealed class DkimSuiteTests
{
    public static TheoryData<string> Files() =>
        PublicSuite.Find("dkim") is { } folder ? [.. Directory.GetFiles(folder, "0*.txt").Select(f => Path.GetFileName(f)).Order()] : [];

    [SuiteTheory("dkim")]
    [MemberData(nameof(Files))]
    public async Task Every_signature_verifies(string file)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(PublicSuite.Find("dkim")!, file), Encoding.Latin1);
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        var split = text.IndexOf("\n\n", StringComparison.Ordinal);
        var zone = new ZoneLookup();
        foreach (var line in text[..split].Split('\n'))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            zone.Text(line[..space], line[(space + 1)..]);
        }

        var content = new InMemoryContent(Encoding.Latin1.GetBytes(text[(split + 2)..].Replace("\n", "\r\n", StringComparison.Ordinal)));
        var verifier = new DkimVerifier(zone, TimeProvider.System, Limits.Default);
        var outcomes = await verifier.VerifyAsync(SignedMessage.Read(content, 1 << 20)!, CancellationToken.None);
        Assert.NotEmpty(outcomes);
        Assert.All(outcomes, o => Assert.True(o.Result == DkimResult.Pass, $"{o.Domain} {o.Selector}: {o.Reason}"));
    }
}
